/**
 * Runs the parts of `make bench`. The loads of a comparison alternate, so that a disturbance of the machine affects
 * both scripts.
 */

import { rm } from "node:fs/promises";

import { fail } from "../run/terminal.ts";
import { HELD_LAG_MS, type LoadRow, type Part } from "./bench_rows.ts";
import { formatNumber } from "./markdown.ts";
import { type LoadCost, type LoadRequest, measureLoad, type Script } from "./measure_load.ts";
import { numberOption, numbersOption } from "./options.ts";
import { makeUtteranceFolder } from "./utterance_folder.ts";

const { env } = process;

const SCRIPTS = ["ours", "bare"] as const satisfies readonly Script[];

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
  simulator,
};

async function cpu(plan: PartPlan): Promise<LoadRow[]> {
  const callers = numberOption(env, "CPU_CALLERS", 50);
  const rows: LoadRow[] = [];
  for (let round = 1; round <= plan.rounds; round += 1)
    for (const wire of ["acs_media", "browser_conversation"] as const)
      for (const traffic of ["up-only", "full duplex"] as const)
        for (const script of SCRIPTS) rows.push(await measureRow(plan, round, { script, wire, traffic, callers }));
  return rows;
}

async function memory(plan: PartPlan): Promise<LoadRow[]> {
  const rows: LoadRow[] = [];
  const counts = [5, 50];
  const folders = await Promise.all(counts.map((count) => makeUtteranceFolder(count)));
  for (let round = 1; round <= plan.rounds; round += 1)
    for (const callers of numbersOption(env, "MEMORY_CALLERS", [20, 120]))
      for (const [at, utterances] of counts.entries())
        for (const script of SCRIPTS) {
          const request = { script, wire: "acs_media", traffic: "full duplex", callers } as const;
          rows.push(await measureRow(plan, round, { ...request, pcmFolder: folders[at] ?? "" }, utterances));
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
  const rows: LoadRow[] = [];
  const steadySec = numberOption(env, "HELD_SEC", 20);
  const common = { wire: "acs_media", traffic: "full duplex", pinned: plan.canPin, wantsLag: true } as const;
  for (let round = 1; round <= plan.rounds; round += 1) {
    const overloaded = new Set<Script>();
    for (const callers of numbersOption(env, "HELD_CALLERS", [50, 75, 100, 125, 150, 200, 250, 300, 350, 400]))
      for (const script of SCRIPTS) {
        if (overloaded.has(script)) continue;
        const request = { ...common, script, callers };
        // A load that cannot be set up is not held, and does not invalidate the smaller ones.
        const row = await measureRow({ ...plan, steadySec }, round, request).catch((error) => {
          fail(error, 0);
          return loadRow(round, request, null, NOT_HELD);
        });
        rows.push(row);
        // A script that is twice as late as allowed is not measured with more callers; below that, another round may
        // differ.
        if (row.sendLagP99Ms === null || row.sendLagP99Ms > 2 * HELD_LAG_MS) overloaded.add(script);
      }
  }
  return rows;
}

const NOT_HELD: LoadCost = {
  cpuMsPerCallSec: Number.NaN,
  rssBytes: Number.NaN,
  receivedPerCallSec: null,
  sentPerCallSec: null,
  sendLagP99Ms: null,
  simulatorCpuMsPerCallSec: Number.NaN,
  simulatorP99Ms: null,
};

async function simulator(plan: PartPlan): Promise<LoadRow[]> {
  const common = { script: "bare", wire: "acs_media", traffic: "full duplex", pinned: plan.canPin } as const;
  const rows: LoadRow[] = [];
  for (let round = 1; round <= plan.rounds; round += 1)
    for (const callers of numbersOption(env, "SIMULATOR_CALLERS", [250]))
      rows.push(await measureRow(plan, round, { ...common, callers }));
  return rows;
}

async function measureRow(
  { settleSec, steadySec }: PartPlan,
  round: number,
  load: Omit<LoadRequest, "steadySec">,
  utterances: number | null = null,
): Promise<LoadRow> {
  const row = loadRow(round, load, utterances, await measureLoad({ ...load, steadySec }, settleSec));
  const name = `${load.script} ${load.wire} ${load.traffic} ${load.callers} callers`;
  const k6Text = `k6 ${formatNumber(row.cpuMsPerCallSec, 2)} ms per call-second, ${formatNumber(row.rssBytes / 1e6, 0)} MB`;
  const simulatorText = `simulator ${formatNumber(row.simulatorCpuMsPerCallSec, 2)} ms, P99 ${formatNumber(row.simulatorP99Ms)} ms late`;
  console.log(`  ${round}  ${name}: ${k6Text}, lag P99 ${formatNumber(row.sendLagP99Ms)} ms; ${simulatorText}`);
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
