/**
 * Reads all inputs of a run before k6 starts, as k6 reads them at its init: reports all problems, and how long a run
 * may take.
 */

import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { maskUrl, secretsOf } from "../../lib/settings/masking.ts";
import { type PackedUtterances, type Plan, packUtterances, readPlan } from "../../lib/settings/plan.ts";
import { readSession } from "../../lib/settings/session_file.ts";
import type { Settings } from "../../lib/settings/settings.ts";
import { targetHeaders, targetUrl } from "../../lib/settings/target_url.ts";
import { gracefulStopSec } from "../../lib/settings/workload.ts";
import type { Base64 } from "../../lib/wire/codec.ts";
import { type ScenarioName, WIRES } from "../../lib/wire/wires.ts";
import { withOrigin } from "./make_settings.ts";
import { ignoredProxy, proxyFor, UnusableProxy } from "./proxy.ts";

/** The inputs of a run. It can be started when there are no problems. */
export interface PreparedPlan extends Pick<Plan, "settings" | "tiers" | "remarks"> {
  readonly problems: readonly string[];
  readonly utterances: PackedUtterances;
  /** The text of the file of SESSION; empty where there is none. */
  readonly session: string;
  /** The longest possible run, in seconds. */
  readonly longestSec: number;
}

/** Base64 in Node, in place of k6/encoding. */
export const BASE64: Base64 = {
  encode: (bytes) => Buffer.from(bytes).toString("base64"),
  decode: (text) => new Uint8Array(Buffer.from(text, "base64")).buffer,
};

/** The secrets that a call sends, for `maskText`. */
export function targetSecrets(settings: Settings): readonly string[] {
  return secretsOf({ ...settings, WS_HEADERS: targetHeaders(settings, BASE64) });
}

/** Reads all inputs of a run. */
export function prepare(scenario: ScenarioName, env: NodeJS.ProcessEnv): PreparedPlan {
  const { settings, tiers, problems, remarks } = readPlan(scenario, env, textOf("thresholds.json"));
  const runtime = {
    files: {
      text: (path: string) => textOf(fromScenario(path)),
      bytes: (path: string) => bytesOf(fromScenario(path)),
    },
    base64: BASE64,
    workingFolder: process.cwd(),
  };
  const utterances = packUtterances(settings, WIRES[scenario], runtime);
  const session = readSession(settings.SESSION, runtime);
  const longestUtteranceSec = (Math.max(0, ...utterances.frames) * settings.CHUNK_MS) / 1000;
  const longestSec = settings.TIME + gracefulStopSec(settings, longestUtteranceSec);
  const proxy = proxyFacts(targetUrl(settings, WIRES[scenario].path), env);
  return {
    settings,
    tiers,
    remarks: [...remarks, ...proxy.remarks],
    problems: [...withOrigin([...problems, ...utterances.problems, ...session.problems], env), ...proxy.problems],
    utterances,
    session: session.text,
    longestSec,
  };
}

/** Names the proxy that k6 takes to the target, or ignores; a problem is one with which every dial fails. */
function proxyFacts(target: string, env: NodeJS.ProcessEnv): { remarks: string[]; problems: string[] } {
  if (!URL.canParse(target)) return { remarks: [], problems: [] };
  const url = new URL(target);
  const ignored = ignoredProxy(url, env);
  if (ignored !== null) return { remarks: [ignored], problems: [] };
  try {
    const proxy = proxyFor(url, env);
    const remarks = proxy === null ? [] : [`calls go through the proxy ${maskUrl(proxy.url.href)} (${proxy.variable})`];
    return { remarks, problems: [] };
  } catch (error) {
    if (!(error instanceof UnusableProxy)) throw error;
    return { remarks: [], problems: [error.message] };
  }
}

/** Resolves a path that is relative to the scenario files. */
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
