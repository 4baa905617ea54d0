/** Says what makes runs hard to compare: what would make a comparison untrue, and what a reader should know before the numbers. */

import { goText } from "../../lib/report/go_variables.ts";
import { type ComparedRun, identityOf, type RunFacts } from "./compared_run.ts";

/** What is said before the numbers. */
export interface Comparability {
  /** Why runs cannot be compared; empty where they can. */
  readonly refusals: readonly string[];
  readonly remarks: readonly string[];
}

/** Settings that say where the agent is and where results go. All others are compared. */
const NOT_COMPARED: ReadonlySet<string> = new Set([
  ...["HOST", "WS_URL", "WS_PATH", "WS_HEADERS", "SESSION_PREFIX", "RESULTS_DIR", "TURN_LOG", "REPORT"],
]);

/** What settings are of; a setting that is not here is of `settings`. */
const GROUPS: Readonly<Record<string, readonly string[]>> = {
  pipeline: ["PIPELINE"],
  load: ["CAPACITY", "USERS", "SPAWN_RATE", "TIME", "CALLS_PER_SEC", "CALLS_RAMP_SEC", "RAMP_UP_COUNTS", "LOAD_ZONES"],
  audio: ["PCM_DIR", "CONVERSATION", "SAMPLE_RATE", "CHUNKS_PER_TURN", "CHUNK_MS"],
  conversation: [
    ...["TURNS_PER_USER", "WARMUP_TURNS", "PAUSE_BETWEEN_TURNS_SEC", "BARGE_EVERY", "BARGE_REENTRY_MS"],
    ...["BARGE_QUIET_MS", "AGENT_STOPS", "RESPONSE_TOKENS", "END_TOKENS"],
  ],
  deadlines: ["GREETING_TIMEOUT_SEC", "FIRST_BYTE_TIMEOUT_SEC", "TURN_TIMEOUT_SEC", "CONNECT_TIMEOUT_SEC"],
  gate: ["GATE"],
};

/** Deadlines that become the value of a wait which they end, and the waits. */
const CENSORING = {
  FIRST_BYTE_TIMEOUT_SEC: { wait: "firstByte", of: "ttfb and barge" },
  TURN_TIMEOUT_SEC: { wait: "turn", of: "turns" },
  GREETING_TIMEOUT_SEC: { wait: "greeting", of: "greetings" },
} as const;

/** Send lags that differ by less than this tell the same of two load generators. */
const SIMILAR_LAG_MS = 10;

/** Compares the inputs of runs, and how their load generators did. */
export function comparability(bases: readonly ComparedRun[], run: ComparedRun): Comparability {
  const all = [...bases, run];
  const refusals = [...all.flatMap(unusable), ...bases.flatMap((base) => differentDeadlines(base, run))];
  const remarks = [
    ...bases.filter((base) => identityOf(base) === identityOf(run)).map((base) => `${base.path} is the run itself`),
    ...all.flatMap(interrupted),
    ...bases.flatMap((base) => differences(base, run)),
    ...(bases.length < 3 ? [FEW_BASES[bases.length - 1] ?? ""] : []),
  ];
  return { refusals: [...new Set(refusals)], remarks: [...new Set(remarks)] };
}

/** What is said where there are one or two bases. */
const FEW_BASES = [
  "one base only: how much runs of the same agent differ from one another is not known; it is usually more than the calls of one run show. Give several: BASE='a b c'",
  "two bases only: they tell little of how much runs of the same agent differ from one another. Give three or more",
];

/** Why a run cannot be compared with any other; empty where it can. */
export function unusable({ facts, path }: ComparedRun): string[] {
  const { comparedTurns, reasons, verdict } = facts;
  if (verdict === "INVALID") return [`${path}: INVALID: ${reasons[0] ?? "the load generator was too slow"}`];
  if (comparedTurns === 0) return [`${path}: expected turns that count, got none`];
  return [];
}

function interrupted({ facts, path }: ComparedRun): string[] {
  return facts.verdict === "INTERRUPTED" ? [`${path}: INTERRUPTED: turns in progress are not in it`] : [];
}

/** A wait that timed out is recorded as the deadline, so that another deadline alone makes other times. */
function differentDeadlines(base: ComparedRun, run: ComparedRun): string[] {
  return Object.entries(CENSORING).flatMap(([name, { of, wait }]) => {
    const [before, now] = [base.facts.settings[name], run.facts.settings[name]];
    const timedOut = base.facts.timedOut[wait] + run.facts.timedOut[wait];
    if (timedOut === 0 || isSame(before, now)) return [];
    return [
      `${name}: expected ${shown(now)} in ${base.path} as in ${run.path}, got ${shown(before)}; ${timedOut} waits timed out, which ${of} record as the whole deadline`,
    ];
  });
}

/** How the inputs of two runs, and their load generators, differ. */
function differences(base: ComparedRun, run: ComparedRun): string[] {
  const [before, now] = [base.facts, run.facts];
  const remark = (what: string, was: string, is: string) =>
    was === is ? [] : [`different ${what}: ${was} in ${base.path}, ${is} in ${run.path}`];
  return [
    ...remark("scenario", before.scenario, now.scenario),
    ...differentSettings(before.settings, now.settings).flatMap(({ group, is, was }) => remark(group, was, is)),
    ...(isSame(before.thresholds, now.thresholds) ? [] : [`different thresholds in ${base.path} and ${run.path}`]),
    ...remark("version of k6-voice-agent", before.version, now.version),
    ...(before.k6 === "unknown" || now.k6 === "unknown" ? [] : remark("version of k6", before.k6, now.k6)),
    ...(before.go.length === 0 || now.go.length === 0 ? [] : remark("Go variables", goText(before.go), goText(now.go))),
    ...(hasSimilarGenerator(before, now) ? [] : remark("load generator", generatorText(before), generatorText(now))),
  ];
}

/** The settings that differ, by group. Settings that one of the versions does not know are left out. */
function differentSettings(
  before: RunFacts["settings"],
  now: RunFacts["settings"],
): { readonly group: string; readonly was: string; readonly is: string }[] {
  const groups = new Map<string, string[]>();
  for (const name of Object.keys(now)) {
    if (!(name in before) || NOT_COMPARED.has(name) || isSame(before[name], now[name])) continue;
    const group = Object.keys(GROUPS).find((each) => GROUPS[each]?.includes(name)) ?? "settings";
    groups.set(group, [...(groups.get(group) ?? []), name]);
  }
  const values = (settings: RunFacts["settings"], names: readonly string[]) =>
    names.map((name) => `${name}=${shown(settings[name])}`).join(" ");
  return [...groups].map(([group, names]) => ({ group, was: values(before, names), is: values(now, names) }));
}

function hasSimilarGenerator(before: RunFacts, now: RunFacts): boolean {
  const lagMs = Math.abs((before.sendLagP99Ms ?? 0) - (now.sendLagP99Ms ?? 0));
  return lagMs < SIMILAR_LAG_MS && before.lateTurns === 0 && now.lateTurns === 0;
}

/** How late the load generator of a run was. */
export function generatorText({ lateTurns, sendLagP99Ms, turns }: RunFacts): string {
  const lag = sendLagP99Ms === null ? "not known" : `P99 ${sendLagP99Ms.toFixed(1)} ms`;
  return `send lag ${lag}, ${lateTurns} of ${turns} turns late`;
}

function isSame(a: unknown, b: unknown): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}

function shown(value: unknown): string {
  if (Array.isArray(value)) return value.length === 0 ? "all" : value.join(",");
  if (value === "" || value === undefined) return "unset";
  return typeof value === "object" ? JSON.stringify(value) : String(value);
}
