/** What k6 would find at its init, found before it starts: all problems at once, and how long a run may take. */

import { readFileSync } from "node:fs";
import { resolve } from "node:path";

import { type Plan, readPlan, readScript } from "../lib/plan.ts";
import { type ScenarioName, WIRES } from "../lib/wires.ts";
import { gracefulStopSec } from "../lib/workload.ts";

/** A plan whose inputs are right, and the longest that its run may take, in seconds. */
export interface PreparedPlan extends Pick<Plan, "settings" | "tiers" | "remarks"> {
  readonly problems: readonly string[];
  readonly longestSec: number;
}

/** Reads all inputs of a run as k6 will. */
export function prepare(scenario: ScenarioName, env: NodeJS.ProcessEnv): PreparedPlan {
  const { settings, tiers, problems, remarks } = readPlan(env, textOf("thresholds.json"));
  const script = readScript(settings, WIRES[scenario], {
    files: { text: (path) => textOf(fromScenario(path)), bytes: (path) => bytesOf(fromScenario(path)) },
    base64: { encode: () => "", decode: () => new ArrayBuffer(0) },
    workingFolder: process.cwd(),
  });
  const longestUtteranceSec = (Math.max(0, ...script.frames) * settings.CHUNK_MS) / 1000;
  const longestSec = settings.TIME + gracefulStopSec(settings, longestUtteranceSec);
  return { settings, tiers, remarks, problems: [...problems, ...script.problems], longestSec };
}

/** Paths are given as a scenario sees them. */
function fromScenario(path: string): string {
  return resolve("scenarios", path);
}

function textOf(path: string): string | null {
  return bytesOf(path) === null ? null : readFileSync(path, "utf8");
}

function bytesOf(path: string): ArrayBuffer | null {
  try {
    return new Uint8Array(readFileSync(path)).buffer;
  } catch {
    return null;
  }
}
