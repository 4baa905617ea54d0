/** Says what a search found: the answer in one sentence, and what explains it. */

import { EXITS } from "../run/exit_codes.ts";
import { samplesNeeded } from "../statistics/share_bounds.ts";
import { bracketOf, evidenceOf, type KnownLoad, knownLoads } from "./evidence.ts";
import type { CapacityResult, Check, Probe, SearchEnd } from "./probe.ts";
import { brokenChecks, checkText, countsText, loadText } from "./probe_text.ts";
import { isOfCalls } from "./share_targets.ts";

/** A search that has ended, or goes on, and what it was of. */
export interface SearchFacts extends Pick<CapacityResult, "gate" | "maxLoad" | "of" | "probes" | "wanted"> {
  readonly end: SearchEnd;
  /** What is to be given to go on. */
  readonly resume: string;
  /** The quotas that a run of a load exceeds. */
  quotasAt(load: number): readonly string[];
}

/** What a search found. */
export type Findings = Pick<
  CapacityResult,
  "answer" | "brokeAt" | "exitCode" | "explanations" | "isConfirmed" | "sentence"
>;

/** What is known of the loads of a search. */
interface Known {
  readonly answer: number | null;
  readonly isConfirmed: boolean;
  /** The last run of the answer, and of the smallest load above it that broke. */
  readonly held: Probe | null;
  readonly broke: Probe | null;
  /** Loads above the answer that stayed uncertain, or that the generator did not hold, below the one that broke. */
  readonly doubtful: readonly KnownLoad[];
  readonly tooSlow: readonly KnownLoad[];
  /** True where a longer run broke what a shorter one had shown to hold. */
  readonly isContradicted: boolean;
}

/** A growth of the mean ttfb up to this, in ms, is noise. */
const LEAST_GROWTH_MS = 20;

/** A stage with less than this part of the growth is not named. */
const LEAST_PART = 0.1;

/** Says what a search found. */
export function explain(facts: SearchFacts): Findings {
  const known = knownFacts(facts);
  const { answer, broke, isConfirmed } = known;
  return {
    answer,
    isConfirmed,
    brokeAt: broke?.load ?? null,
    sentence: sentenceOf(facts, known),
    explanations: explanationsOf(facts, known),
    exitCode: exitCodeOf(facts, known),
  };
}

function knownFacts({ end, probes }: SearchFacts): Known {
  const loads = knownLoads(probes.map(evidenceOf));
  const { answer, contradictions } = bracketOf(loads);
  const above = loads.filter(({ load }) => load > (answer?.load ?? 0)).sort((a, b) => a.load - b.load);
  const brokeAt = above.find(({ state }) => state === "breaks")?.load ?? Number.POSITIVE_INFINITY;
  const below = above.filter(({ load }) => load < brokeAt);
  const lastAt = (load: number | undefined) =>
    probes.filter((probe) => probe.load === load && isJudged(probe)).at(-1) ?? null;
  return {
    answer: answer?.load ?? (end === "none" ? 0 : null),
    isConfirmed: answer?.isConfirmed ?? false,
    held: lastAt(answer?.load),
    broke: lastAt(brokeAt),
    doubtful: below.filter(({ state }) => state === "doubtful" || state === "leansToBreak"),
    tooSlow: below.filter(({ state }) => state === "generator"),
    isContradicted: contradictions > 0,
  };
}

function isJudged({ outcome }: Probe): boolean {
  return outcome !== "generator" && outcome !== "interrupted";
}

function exitCodeOf({ end, wanted }: SearchFacts, { answer, isConfirmed }: Known): number {
  if (end === "interrupted") return EXITS.interrupted.code;
  return answer !== null && isConfirmed && answer >= (wanted ?? 0) ? 0 : EXITS.slow.code;
}

function sentenceOf(facts: SearchFacts, known: Known): string {
  const { end, gate, of, wanted } = facts;
  const { answer, broke, isConfirmed } = known;
  if (answer === null) return `Nothing is known of what the agent carries: ${whyNothing(facts, known)}.`;
  if (answer === 0) {
    const load = broke === null ? "the smallest load" : loadText(broke.load, of);
    return `The agent does not meet the ${gate} tier with ${load}: ${broke === null ? "nothing was measured" : whatBroke(broke)}.`;
  }
  const least = end === "agent" ? "" : "at least ";
  const missed = wanted !== null && answer < wanted ? `, not the ${loadText(wanted, of)} that are wanted` : "";
  const unconfirmed = isConfirmed ? "" : ", as far as short runs show";
  return `The agent carries ${least}${loadText(answer, of)}${missed}${unconfirmed}; ${whyNoMore(facts, known)}.`;
}

function whyNothing({ end }: SearchFacts, { tooSlow }: Known): string {
  if (end === "generator" || tooSlow.length > 0) return "this machine is too slow for the smallest load that was tried";
  return end === "interrupted" ? "the search was interrupted" : "the budget was used up";
}

/** Why the answer is not larger. */
function whyNoMore({ end, gate, maxLoad, of }: SearchFacts, { broke, doubtful, tooSlow }: Known): string {
  const breaks = broke === null ? null : `at ${loadText(broke.load, of)} the ${gate} tier breaks: ${whatBroke(broke)}`;
  const uncertain = doubtful.map(
    ({ load }) => `at ${loadText(load, of)} it is uncertain whether the ${gate} tier holds`,
  );
  const ends: Readonly<Record<SearchEnd, () => string>> = {
    agent: () => [...uncertain.slice(0, 1), ...(breaks === null ? [] : [breaks])].join(", "),
    generator: () =>
      breaks === null
        ? "this machine holds no more"
        : `${breaks}; this machine was too slow at ${loadText(tooSlow[0]?.load ?? maxLoad, of)}`,
    max: () => `that is the most that was asked for (${of === "users" ? "MAX_USERS" : "MAX_CALLS_PER_SEC"})`,
    budget: () => "the budget was used up before more was known",
    interrupted: () => "the search was interrupted before more was known",
    none: () => "no smaller load was tried",
  };
  return ends[end]();
}

/** What of a probe broke, in words. */
function whatBroke(probe: Probe): string {
  if (probe.turns === 0) return "no turn was measured";
  const broken = brokenChecks(probe).filter(({ outcome }) => outcome === "breaks");
  return broken.map(checkText).join(", ") || (probe.reasons[0] ?? "nothing that was measured");
}

function explanationsOf(facts: SearchFacts, known: Known): string[] {
  const { broke, held } = known;
  return [
    ...(broke === null ? [] : shareTexts(facts, broke)),
    ...(broke === null || held === null ? [] : growthTexts(facts, held, broke)),
    ...(broke === null ? [] : failureTexts(facts, broke)),
    ...timeTexts(known),
    ...doubtTexts(facts, known),
    ...generatorTexts(facts, known),
    ...(held === null ? [] : fewCallsTexts(held)),
    ...goOnTexts(facts),
    ...quotaTexts(facts, known),
  ];
}

/** How sure it is that the targets broke. */
function shareTexts({ of }: SearchFacts, broke: Probe): string[] {
  return brokenChecks(broke).flatMap(({ expression, outcome, samples, series, share }) => {
    if (outcome !== "breaks" || share === null || share.measured === null) return [];
    const [measured, lower, allowed] = [share.measured, share.lower, share.allowed].map(
      (part) => `${Number((part * 100).toPrecision(3))} %`,
    );
    return [
      `${loadText(broke.load, of)}: ${measured} of ${samples} samples miss ${series} ${expression}, at least ${lower} with 95 % confidence; ${allowed} are allowed`,
    ];
  });
}

/** Which stage of ttfb grew. */
function growthTexts({ of }: SearchFacts, held: Probe, broke: Probe): string[] {
  const grown = Object.entries(broke.stages).map(([name, ms]) => ({ name, ms: ms - (held.stages[name] ?? ms) }));
  const total = grown.reduce((sum, { ms }) => sum + ms, 0);
  if (total <= LEAST_GROWTH_MS) return [];
  const parts = grown
    .filter(({ ms }) => ms >= total * LEAST_PART)
    .sort((a, b) => b.ms - a.ms)
    .map(({ ms, name }) => `${Math.round((ms / total) * 100)} % of that is the ${name}`);
  const loads = `from ${held.load} to ${loadText(broke.load, of)}`;
  return [`${loads}, the mean time to first audio grew by ${Math.round(total)} ms: ${parts.join(", ")}`];
}

/** Who throttled, and which calls and turns failed. */
function failureTexts({ of }: SearchFacts, { failedCalls, failedTurns, load, throttled, turns }: Probe): string[] {
  const at = `at ${loadText(load, of)}`;
  const texts = Object.entries(throttled).map(([source, count]) => `${source} throttled ${count} times ${at}`);
  const counted = (what: string, counts: Readonly<Record<string, number>>) =>
    Object.keys(counts).length === 0 ? [] : [`${what} that failed ${at}: ${countsText(counts)}`];
  return [...texts, ...counted("calls", failedCalls), ...(turns === 0 ? [] : counted("turns", failedTurns))];
}

function timeTexts({ broke, isContradicted }: Known): string[] {
  const isLate = broke?.checks.some(({ isOfSecondHalf }) => isOfSecondHalf) ?? false;
  if (!isContradicted && !isLate) return [];
  return [
    "short runs of a load held that a longer one broke: something grows bad with time, such as memory, or sessions that stay open",
  ];
}

function doubtTexts({ of, probes }: SearchFacts, { doubtful }: Known): string[] {
  return doubtful.map(({ load }) => {
    const runs = probes.filter((probe) => probe.load === load && isJudged(probe));
    const turns = runs.reduce((sum, probe) => sum + probe.turns, 0);
    return `${loadText(load, of)} stayed uncertain after ${runs.length} runs and ${turns} turns: that counts as not holding`;
  });
}

function generatorTexts({ of, probes }: SearchFacts, { tooSlow }: Known): string[] {
  return tooSlow.map(({ load }) => {
    const reason = probes.filter((probe) => probe.load === load && probe.outcome === "generator").at(-1)?.reasons[0];
    return `the load generator was too slow for ${loadText(load, of)}, so that nothing is known of the agent there: ${reason ?? "no reason is known"}`;
  });
}

/** Says where a target on calls is met by too few calls to be sure of it. */
function fewCallsTexts({ checks }: Probe): string[] {
  return checks.filter(isOfFewCalls).map(({ expression, samples, series, share }) => {
    const needed = samplesNeeded(share?.allowed ?? 1);
    return `${series} is of ${samples} calls only: to be sure of ${expression} takes ${needed} or more`;
  });
}

function isOfFewCalls({ outcome, series, share }: Check): boolean {
  return isOfCalls(series) && outcome === "holds" && share !== null && share.upper >= share.allowed;
}

function goOnTexts({ end, resume }: SearchFacts): string[] {
  return end === "budget" || end === "interrupted" ? [`${resume} goes on from here`] : [];
}

/** The quota that the answer exceeds, or the load that broke. */
function quotaTexts({ quotasAt }: SearchFacts, { answer, broke }: Known): readonly string[] {
  const remarks = [answer ?? 0, broke?.load ?? 0].map((load) => (load === 0 ? [] : quotasAt(load)));
  return remarks.find((each) => each.length > 0) ?? [];
}
