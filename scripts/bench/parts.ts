/**
 * Runs the parts of `make bench`. The loads of a comparison alternate, so that a disturbance of the machine affects
 * both scripts.
 */

import { rm } from "node:fs/promises";
import { type ScenarioName, WIRES } from "../../lib/wire/wires.ts";
import { fail } from "../run/terminal.ts";
import { HELD_LAG_MS, type LoadRow, type Part } from "./bench_rows.ts";
import type { LoadRequest, Script } from "./load_request.ts";
import { formatNumber } from "./markdown.ts";
import { type LoadCost, measureLoad } from "./measure_load.ts";
import { numberOption, numbersOption, textsOption, wordsOption } from "./options.ts";
import { makeUtteranceFolder } from "./utterance_folder.ts";

const { env } = process;

const SCRIPTS = ["ours", "bare"] as const satisfies readonly Script[];

/** The parts in which each process has a core of its own, where that is possible. */
export const PINNED: readonly Part[] = ["held", "collections", "simulator"];

/** The options that all parts have in common. */
export interface PartPlan {
  readonly rounds: number;
  readonly steadySec: number;
  readonly settleSec: number;
  /** True where k6 and the simulator can get a core each. */
  readonly canPin: boolean;
}

/** Runs a part and returns its rows. Rejects when a load cannot be measured. */
export const RUN_PART: Readonly<Record<Part, (plan: PartPlan) => Promise<LoadRow[]>>> = {
  cpu,
  memory,
  cost,
  held,
  collections,
  simulator,
};

async function cpu(plan: PartPlan): Promise<LoadRow[]> {
  const callers = numberOption(env, "CPU_CALLERS", 50);
  const rows: LoadRow[] = [];
  for (let round = 1; round <= plan.rounds; round += 1)
    for (const wire of wordsOption(env, "CPU_WIRES", Object.keys(WIRES) as ScenarioName[]))
      for (const traffic of ["up-only", "full duplex"] as const)
        for (const script of SCRIPTS) rows.push(await measureRow(plan, round, { script, wire, traffic, callers }));
  return rows;
}

async function memory(plan: PartPlan): Promise<LoadRow[]> {
  const rows: LoadRow[] = [];
  const counts = [5, 50];
  const folders = await Promise.all(counts.map((count) => makeUtteranceFolder(count)));
  const common = { wire: "acs_media", traffic: "full duplex", wantsHeap: true, gogc: env.GOGC || "100" } as const;
  for (let round = 1; round <= plan.rounds; round += 1)
    for (const callers of numbersOption(env, "MEMORY_CALLERS", [20, 120]))
      for (const [at, utterances] of counts.entries())
        for (const script of SCRIPTS) {
          const request = { ...common, script, callers, pcmFolder: folders[at] ?? "" };
          rows.push(await measureRow(plan, round, request, utterances));
        }
  for (const folder of folders) await rm(folder, { recursive: true });
  return rows;
}

async function cost(plan: PartPlan): Promise<LoadRow[]> {
  const rows: LoadRow[] = [];
  for (let round = 1; round <= plan.rounds; round += 1)
    for (const callers of numbersOption(env, "COST_CALLERS", [10, 50, 100, 200]))
      rows.push(await measureRow(plan, round, { script: "ours", wire: "acs_media", traffic: "full duplex", callers }));
  return rows;
}

async function held(plan: PartPlan): Promise<LoadRow[]> {
  const steadySec = numberOption(env, "HELD_SEC", 60);
  const callers = numbersOption(env, "HELD_CALLERS", [50, 75, 100, 125, 150, 200, 250, 300, 350, 400]);
  const common = { wire: "acs_media", traffic: "full duplex", pinned: plan.canPin, wantsLag: true } as const;
  const variants = SCRIPTS.map((script) => ({ ...common, script }));
  return measureGrowing({ ...plan, steadySec }, callers, variants);
}

async function collections(plan: PartPlan): Promise<LoadRow[]> {
  const steadySec = numberOption(env, "COLLECTIONS_SEC", 40);
  const callers = numbersOption(env, "COLLECTIONS_CALLERS", [50, 100, 150, 200, 250]);
  const gogcValues = textsOption(env, "GOGC_VALUES", ["100", "400", "800", "1600", "off"]);
  const common = { script: "ours", wire: "acs_media", traffic: "barge-ins", wantsCollections: true } as const;
  const variants = gogcValues.map((gogc) => ({ ...common, pinned: plan.canPin, gogc }));
  return measureGrowing({ ...plan, steadySec }, callers, variants);
}

async function simulator(plan: PartPlan): Promise<LoadRow[]> {
  const common = { script: "bare", wire: "acs_media", traffic: "full duplex", pinned: plan.canPin } as const;
  const rows: LoadRow[] = [];
  for (let round = 1; round <= plan.rounds; round += 1)
    for (const callers of numbersOption(env, "SIMULATOR_CALLERS", [250]))
      rows.push(await measureRow(plan, round, { ...common, callers }));
  return rows;
}

/** What is measured but its number of callers and its length. */
type Variant = Omit<LoadRequest, "steadySec" | "callers">;

/**
 * Measures variants with more and more callers. A variant that is twice as late as allowed is not measured with more
 * callers in that round; below that, another round may differ.
 */
async function measureGrowing(
  plan: PartPlan,
  callersList: readonly number[],
  variants: readonly Variant[],
): Promise<LoadRow[]> {
  const rows: LoadRow[] = [];
  for (let round = 1; round <= plan.rounds; round += 1) {
    const overloaded = new Set<Variant>();
    for (const callers of callersList)
      for (const variant of variants) {
        if (overloaded.has(variant)) continue;
        const request = { ...variant, callers };
        // A load that cannot be set up is not held, and does not invalidate the smaller ones.
        const row = await measureRow(plan, round, request).catch((error) => {
          fail(error, 0);
          return loadRow(round, request, null, { ...NOT_MEASURED, gogc: variant.gogc ?? "" });
        });
        rows.push(row);
        const { steadyP99Ms } = row.lag;
        if (steadyP99Ms === null || steadyP99Ms > 2 * HELD_LAG_MS) overloaded.add(variant);
      }
  }
  return rows;
}

const NOT_MEASURED: Omit<LoadCost, "gogc"> = {
  cpuMsPerCallSec: Number.NaN,
  systemCpuMsPerCallSec: Number.NaN,
  rssBytes: Number.NaN,
  peakRssBytes: Number.NaN,
  heap: null,
  collections: null,
  receivedPerCallSec: null,
  sentPerCallSec: null,
  lag: { steadyP50Ms: null, steadyP99Ms: null, steadyMaxMs: null, endP99Ms: null },
  turns: { all: 0, late: 0, lateAtEnd: 0 },
  simulatorCpuMsPerCallSec: Number.NaN,
  simulatorP99Ms: null,
};

async function measureRow(
  { settleSec, steadySec }: PartPlan,
  round: number,
  load: Omit<LoadRequest, "steadySec">,
  utterances: number | null = null,
): Promise<LoadRow> {
  const row = loadRow(round, load, utterances, await measureLoad({ ...load, steadySec }, settleSec));
  const { cpuMsPerCallSec, gogc, lag, rssBytes, simulatorCpuMsPerCallSec, simulatorP99Ms } = row;
  const name = `${load.script} ${load.wire} ${load.traffic} ${load.callers} callers GOGC=${gogc}`;
  const k6Text = `k6 ${formatNumber(cpuMsPerCallSec, 2)} ms per call-second, ${formatNumber(rssBytes / 1e6, 0)} MB`;
  const lagText = `lag P99 ${formatNumber(lag.steadyP99Ms)} ms, at the end ${formatNumber(lag.endP99Ms)} ms`;
  const simulatorText = `simulator ${formatNumber(simulatorCpuMsPerCallSec, 2)} ms, P99 ${formatNumber(simulatorP99Ms)} ms late`;
  console.log(`  ${round}  ${name}: ${k6Text}, ${lagText}; ${simulatorText}`);
  return row;
}

function loadRow(
  round: number,
  { callers, script, traffic, wire }: Omit<LoadRequest, "steadySec">,
  utterances: number | null,
  costs: LoadCost,
): LoadRow {
  return { round, script, wire, traffic, callers, utterances, ...costs };
}
