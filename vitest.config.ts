import { defineConfig } from "vitest/config";

/** Tests whose loads must be on time at the first try: loads on one machine measure each other, so one file runs at a time. */
const TIMED = [
  "accuracy",
  "behaviours",
  "faults",
  "gate",
  "matrix",
  "release",
  "restart",
  "segments",
  "soak",
  "starved",
  "tls",
  "workflows",
].map((name) => `scripts/e2e/${name}.test.ts`);

const E2E = {
  globalSetup: "scripts/e2e/setup.ts",
  testTimeout: 240_000,
  hookTimeout: 180_000,
};

// Each group begins when the one before it has ended.
export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: "unit",
          include: ["lib/**/*.test.ts", "scripts/**/*.test.ts"],
          exclude: ["scripts/e2e/**"],
          // The simulator's take seconds of real time: on a busy machine more, which is no failure.
          testTimeout: 30_000,
          sequence: { groupOrder: 1 },
        },
      },
      {
        test: {
          ...E2E,
          name: "e2e",
          include: ["scripts/e2e/**/*.test.ts"],
          exclude: TIMED,
          maxWorkers: 2,
          maxConcurrency: 2,
          sequence: { groupOrder: 2 },
        },
      },
      {
        test: {
          ...E2E,
          name: "timed",
          include: TIMED,
          maxWorkers: 1,
          maxConcurrency: 3,
          sequence: { groupOrder: 3 },
        },
      },
    ],
  },
});
