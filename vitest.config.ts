import { defineConfig } from "vitest/config";
import { BaseSequencer, type TestSpecification } from "vitest/node";

const e2e = (names: readonly string[]) => names.map((name) => `scripts/e2e/${name}.test.ts`);

/** Files with bounds of a few ms, or with loads of ten callers and more: fewer loads at the same time. */
const TIMED = e2e(["faults", "matrix", "behaviours", "accuracy", "silence", "soak", "capacity", "dtmf"]);

/** A file that takes the CPU from everybody else. */
const ALONE = e2e(["starved"]);

/** The files that take longest, in the order in which they start, so that none is left over at the end. */
const LONGEST_FIRST = e2e([
  "capacity",
  "hung_agent",
  "agents",
  "exits",
  "troubleshooting",
  "restart",
  "segments",
  "workflows",
  "matrix",
  "faults",
  "behaviours",
]);

class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const rank = ({ moduleId }: TestSpecification) => {
      const at = LONGEST_FIRST.findIndex((name) => moduleId.endsWith(name));
      return at < 0 ? LONGEST_FIRST.length : at;
    };
    return [...files].sort((a, b) => rank(a) - rank(b));
  }
}

// The time limits cover loads that are repeated because the machine was too slow for them.
const E2E = {
  globalSetup: "scripts/e2e/setup.ts",
  testTimeout: 300_000,
  hookTimeout: 180_000,
};

// Each group begins when the one before it has ended. Tests with a load mostly wait, so more of them run than there are cores.
export default defineConfig({
  test: {
    sequence: { sequencer: LongestFirst },
    projects: [
      {
        test: {
          name: "unit",
          include: ["lib/**/*.test.ts", "scripts/**/*.test.ts"],
          exclude: ["scripts/e2e/**"],
          // Some wait for real time of the simulator, which takes longer on a busy machine.
          testTimeout: 30_000,
          maxWorkers: 3,
          sequence: { groupOrder: 1 },
        },
      },
      {
        test: {
          ...E2E,
          name: "e2e",
          include: ["scripts/e2e/**/*.test.ts"],
          exclude: [...TIMED, ...ALONE],
          // One of them waits for the hung agent's watchdog for two minutes. More loads at once make more of them INVALID, and
          // repeating those takes the time that was won.
          maxWorkers: 3,
          maxConcurrency: 3,
          sequence: { groupOrder: 2 },
        },
      },
      {
        test: {
          ...E2E,
          name: "timed",
          include: TIMED,
          // Two loads at once: with four, a host of half the usual speed is too slow for them.
          maxWorkers: 2,
          maxConcurrency: 1,
          sequence: { groupOrder: 3 },
        },
      },
      {
        test: {
          ...E2E,
          name: "alone",
          include: ALONE,
          maxWorkers: 1,
          sequence: { groupOrder: 4 },
        },
      },
    ],
  },
});
