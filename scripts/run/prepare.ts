/** What k6 would find at its init, found before it starts: all problems at once, and how long a run may take. */

import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { type PackedUtterances, type Plan, packUtterances, readPlan } from "../../lib/settings/plan.ts";
import { gracefulStopSec } from "../../lib/settings/workload.ts";
import type { Base64 } from "../../lib/wire/codec.ts";
import { type ScenarioName, WIRES } from "../../lib/wire/wires.ts";

/** A plan whose inputs are right, and the longest that its run may take, in seconds. */
export interface PreparedPlan extends Pick<Plan, "settings" | "tiers" | "remarks"> {
  readonly problems: readonly string[];
  /** What callers say. */
  readonly script: PackedUtterances;
  readonly longestSec: number;
}

/** Node's base64, as k6 has one of its own. */
export const BASE64: Base64 = {
  encode: (bytes) => Buffer.from(bytes).toString("base64"),
  decode: (text) => new Uint8Array(Buffer.from(text, "base64")).buffer,
};

/** Reads all inputs of a run as k6 will. */
export function prepare(scenario: ScenarioName, env: NodeJS.ProcessEnv): PreparedPlan {
  const { settings, tiers, problems, remarks } = readPlan(env, textOf("thresholds.json"));
  const script = packUtterances(settings, WIRES[scenario], {
    files: { text: (path) => textOf(fromScenario(path)), bytes: (path) => bytesOf(fromScenario(path)) },
    base64: BASE64,
    workingFolder: process.cwd(),
  });
  const longestUtteranceSec = (Math.max(0, ...script.frames) * settings.CHUNK_MS) / 1000;
  const longestSec = settings.TIME + gracefulStopSec(settings, longestUtteranceSec);
  return { settings, tiers, remarks, problems: [...problems, ...script.problems], script, longestSec };
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
