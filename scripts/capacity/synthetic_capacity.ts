/** A fixture for tests: results of searches of every kind, without a run. The same in each test. */

import { readSettings } from "../../lib/settings/read_settings.ts";
import type { CapacityResult, Check, Probe } from "./probe.ts";

/** The targets that are checked, with the share of samples that may be beyond each. */
const TARGETS: readonly (readonly [series: string, expression: string, allowed: number])[] = [
  ["ttfb", "p(95)<2000", 0.05],
  ["barge", "p(95)<500", 0.05],
  ["connection_success", "rate>0.98", 0.02],
  ["turn_success", "rate>0.95", 0.05],
];

/** The name of a search: what it found, or why it ended. */
export type SyntheticSearch = "knee" | "generator" | "none" | "interrupted" | "open";

/** The result of a search, with the changes given. */
export function syntheticCapacity(search: SyntheticSearch, changes: Partial<CapacityResult> = {}): CapacityResult {
  const { settings } = readSettings({ HOST: "agent.example.com" });
  const { CALLS_PER_SEC: _, HOST, USERS: __, ...shown } = settings;
  return {
    format: 1,
    version: "0.1.0",
    scenario: "acs_media",
    url: "wss://agent.example.com/api/v1/media/stream",
    of: "users",
    gate: "target",
    maxLoad: 200,
    wanted: null,
    budgetSec: 1800,
    settings: { HOST, ...shown },
    end: "agent",
    answer: null,
    isConfirmed: false,
    brokeAt: null,
    sentence: "",
    explanations: [],
    exitCode: 0,
    probes: [],
    ...SEARCHES[search](),
    ...changes,
  };
}

const SEARCHES: Readonly<Record<SyntheticSearch, () => Partial<CapacityResult>>> = {
  knee: () => ({
    answer: 36,
    brokeAt: 37,
    isConfirmed: true,
    sentence: "The agent carries 36 callers; at 37 the target tier breaks: ttfb p(95) is 2200 ms, wanted p(95)<2000.",
    explanations: [
      "from 36 to 37 callers, the time to first audio grew by 420 ms: 90 % of that is the language model and voice",
      "openai throttled 14 turns at 40 callers",
    ],
    probes: [
      syntheticProbe(10, "grow"),
      syntheticProbe(20, "grow"),
      syntheticProbe(40, "grow", { outcome: "breaks" }),
      syntheticProbe(28, "narrow"),
      syntheticProbe(34, "narrow"),
      syntheticProbe(37, "narrow", { outcome: "uncertain" }),
      syntheticProbe(37, "narrow", { outcome: "breaks", pooledWith: ["06_37_callers"] }),
      syntheticProbe(36, "narrow"),
      syntheticProbe(36, "confirm", { timeSec: 360 }),
    ].map(withFolder),
  }),
  generator: () => ({
    end: "generator",
    answer: 140,
    isConfirmed: true,
    sentence: "The agent carries at least 140 callers: this machine holds no more.",
    probes: [
      ...[35, 70, 140].map((load) => syntheticProbe(load, "grow", { value: 0.6 })),
      syntheticProbe(200, "grow", {
        outcome: "generator",
        reasons: ["this machine was too slow: frames went out 61 ms late (P99); run fewer callers per machine"],
      }),
      syntheticProbe(140, "confirm", { value: 0.6, timeSec: 360 }),
    ].map(withFolder),
  }),
  none: () => ({
    end: "none",
    answer: 0,
    brokeAt: 1,
    exitCode: 99,
    sentence: "The agent does not meet the target tier with 1 caller: nothing was measured.",
    probes: [10, 2, 1].map((load, index) => withFolder(deadProbe(load, index === 0 ? "grow" : "narrow"), index)),
  }),
  interrupted: () => ({
    end: "interrupted",
    exitCode: 105,
    sentence: "The search was interrupted before it knew a load that holds.",
    probes: [withFolder(syntheticProbe(10, "grow", { outcome: "interrupted", turns: 12 }), 0)],
  }),
  open: () => ({
    of: "calls_per_sec",
    maxLoad: 2,
    answer: 0.75,
    brokeAt: 1,
    sentence: "The agent carries 0.75 calls/s; at 1 call/s the target tier breaks.",
    end: "budget",
    probes: [
      syntheticProbe(0.25, "grow"),
      syntheticProbe(0.5, "grow"),
      syntheticProbe(1, "grow", { outcome: "breaks" }),
      syntheticProbe(0.75, "narrow"),
    ].map(withFolder),
  }),
};

/** What differs from a probe of 400 turns that holds. `value`: its times, in parts of their targets. */
type ProbeChanges = Partial<Probe> & { readonly value?: number };

/** A probe whose checks and values fit to its outcome. */
export function syntheticProbe(load: number, purpose: Probe["purpose"], changes: ProbeChanges = {}): Probe {
  const { outcome = "holds", value = usualValue(load, outcome), ...rest } = changes;
  const turns = rest.turns ?? 400;
  const isThrottled = value > 1.15;
  const ttfbOutcome = outcome === "breaks" || outcome === "uncertain" ? outcome : "holds";
  return {
    load,
    purpose,
    folder: "run",
    pooledWith: [],
    startedAt: "2026-01-02T03:04:05.000Z",
    settledSec: 15,
    timeSec: 120,
    tookSec: (rest.timeSec ?? 120) + 24,
    outcome,
    reasons: [],
    checks: TARGETS.map((target, index) => checkOf(target, value, index === 0 ? ttfbOutcome : "holds", turns)),
    turns,
    turnSec: 7.5,
    values: {
      ttfbP50Ms: 1100 * value ** 0.5,
      ttfbP95Ms: 2000 * value,
      bargeP95Ms: 380 * value ** 0.2,
      turnSuccess: isThrottled ? 0.955 : 0.9975,
      throttledShare: isThrottled ? 0.035 : 0,
    },
    stages: { "recogniser (stt)": 400, "language model and voice (ttfb - stt)": 900 * value },
    throttled: isThrottled ? { openai: 14 } : {},
    failedCalls: isThrottled ? { closed: 1 } : {},
    failedTurns: isThrottled ? { throttled: 14, no_audio: 4 } : { no_audio: 1 },
    ...rest,
  };
}

/** Times that rise slowly, then fast near 40 callers or 1 call per second. */
function usualValue(load: number, outcome: Probe["outcome"]): number {
  const busy = load > 1 ? load / 40 : load;
  const value = 0.45 + 0.3 * busy + 0.5 * busy ** 12;
  if (outcome === "breaks") return Math.max(1.1, value);
  return outcome === "uncertain" ? 0.99 : Math.min(0.96, value);
}

function checkOf(
  [series, expression, allowed]: (typeof TARGETS)[number],
  value: number,
  outcome: Check["outcome"],
  samples: number,
): Check {
  const limit = Number(expression.replace(/^.*[<>]/, ""));
  const measured = series === "ttfb" || series === "barge" ? limit * (series === "ttfb" ? value : 0.75) : 0.9975;
  const share = allowed * { holds: 0.2, breaks: 1.8, uncertain: 0.98 }[outcome];
  return {
    series,
    expression,
    measured,
    samples,
    share: { allowed, effectiveSamples: samples / 2, measured: share, lower: share * 0.7, upper: share * 1.4 },
    isOfSecondHalf: false,
    outcome,
  };
}

/** A probe in which no call was taken. */
function deadProbe(load: number, purpose: Probe["purpose"]): Probe {
  const alive = syntheticProbe(load, purpose, { outcome: "breaks" });
  return {
    ...alive,
    checks: alive.checks.map((check) => ({ ...check, measured: null, samples: 0, share: null, outcome: "breaks" })),
    turns: 0,
    turnSec: null,
    values: { ttfbP50Ms: null, ttfbP95Ms: null, bargeP95Ms: null, turnSuccess: null, throttledShare: null },
    stages: {},
    throttled: {},
    failedCalls: { refused: 10 * load },
    failedTurns: {},
  };
}

function withFolder(probe: Probe, index: number): Probe {
  return { ...probe, folder: `${String(index + 1).padStart(2, "0")}_${probe.load}_callers` };
}
