/** Reads every input of a search before its first run, as its runs will read them, and reports all problems. */

import { gatingExpressions } from "../../lib/settings/thresholds.ts";
import type { ScenarioName } from "../../lib/wire/wires.ts";
import { withOrigin } from "../run/make_settings.ts";
import { prepare } from "../run/prepare.ts";
import { runProblems } from "../run/run_problems.ts";
import { splitWords } from "../run/words.ts";
import type { SearchSubject } from "./capacity_result.ts";
import { readCapacitySettings, searchLimits } from "./capacity_settings.ts";
import { LONG } from "./evidence.ts";
import { firstPace, probeTurnsProblem } from "./first_pace.ts";
import type { CapacityResult, Probe } from "./probe.ts";
import { gateProblem, resumedEnv, scenarioProblem } from "./resume.ts";
import { probeEnv, type SearchRuns } from "./run_probe.ts";
import { nextStep } from "./search.ts";
import { minutesText, type SearchPlan, stateOf } from "./search_loop.ts";
import { runLoad, tookSec } from "./timing.ts";

/** The scenario where none is asked for. */
const DEFAULT_SCENARIO: ScenarioName = "acs_media";

/** The inputs of a search. */
export interface PreparedSearch {
  readonly remarks: readonly string[];
  readonly plan: SearchPlan;
  readonly subject: Omit<SearchSubject, "folder">;
  readonly runs: Omit<SearchRuns, "folder">;
  /** What earlier runs of the search have shown. */
  readonly earlier: readonly Probe[];
}

/** Reads the inputs from the environment; `resumed` is the search to go on with. Returns a text for each problem where there is one. */
export function prepareSearch(
  given: NodeJS.ProcessEnv,
  resumed: CapacityResult | null,
): PreparedSearch | readonly string[] {
  const asked = (given.SCENARIO ?? "").trim() || (resumed?.scenario ?? DEFAULT_SCENARIO);
  const wrongScenario = scenarioProblem(asked, resumed);
  if (wrongScenario !== null) return withOrigin([wrongScenario], given);
  const scenario = asked as ScenarioName;
  const { env, problems: different } = resumed === null ? { env: given, problems: [] } : resumedEnv(resumed, given);
  const args = splitWords(given.EXTRA_ARGS ?? "");
  const { problems: wrong, settings: search } = readCapacitySettings(env);
  const of = search.CAPACITY_OF;
  const base = { ...env, USERS: of === "users" ? "" : env.USERS, TIME: "", CAPACITY: "", CALLS_PER_SEC: "" };
  const draft = prepare(scenario, base);
  const own = withOrigin([...different, ...wrong], env);
  if (own.length > 0) return [...new Set([...own, ...runProblems(draft, env, args)])];

  const { settings, tiers, utterances } = draft;
  const targets = gatingExpressions(tiers, settings);
  const limits = searchLimits(search);
  const isGiven = (name: string) => (env[name] ?? "").trim() !== "";
  const pace = firstPace({ settings, search, targets, frames: utterances.frames, isGiven });
  const plan: SearchPlan = { of, limits, pace, budgetSec: search.CAPACITY_BUDGET };
  const load = runLoad({ load: limits.start, length: 1 }, pace);
  const first = prepare(scenario, probeEnv({ env: base, of }, limits.start, load));
  const earlier = resumed?.probes ?? [];
  const problems = [
    ...runProblems(first, env, args),
    probeTurnsProblem(search, pace.fewestTurns),
    resumed === null ? null : gateProblem(resumed, targets),
    budgetProblem(plan, earlier),
  ].filter((problem) => problem !== null);
  if (problems.length > 0) return problems;
  return {
    remarks: first.remarks,
    plan,
    subject: { scenario, settings: first.settings, search, pace },
    runs: { scenario, env: base, args, of, gate: { scenario, settings, tiers, targets } },
    earlier,
  };
}

/** What is wrong with a budget that does not hold the next run and a confirmation; null where nothing is. */
function budgetProblem(plan: SearchPlan, earlier: readonly Probe[]): string | null {
  const { budgetSec, limits, pace } = plan;
  const step = nextStep(stateOf(plan, earlier, budgetSec));
  if (!("end" in step) || step.end !== "budget") return null;
  const load = earlier.at(-1)?.load ?? limits.start;
  const needed = [1, LONG].reduce((sum, length) => sum + tookSec({ load, length }, pace), 0);
  return `CAPACITY_BUDGET: expected at least ${minutesText(needed)} for the next run and a confirmation, got ${minutesText(budgetSec)}`;
}
