/** What each part of the bench runs. The sides of a comparison take turns, so that what disturbs one disturbs the other. */

import { rm } from "node:fs/promises";

import { fail } from "../run/terminal.ts";
import { HELD_LAG_MS, type Part, type SideRow } from "./bench_rows.ts";
import { shown } from "./markdown.ts";
import { measureSide, type Script, type SideCost, type SideRequest } from "./measure_load.ts";
import { askedNumber, askedNumbers } from "./options.ts";
import { utteranceFolder } from "./utterance_folder.ts";

const { env } = process;

const SCRIPTS = ["ours", "bare"] as const satisfies readonly Script[];

/** How a part is run. */
export interface PartPlan {
  readonly rounds: number;
  readonly steadySec: number;
  readonly settleSec: number;
  /** There is a way to give each process a core of its own. */
  readonly canPin: boolean;
}

/** Runs a part and returns its rows. Rejects when a side cannot be measured. */
export const RUN_PART: Readonly<Record<Part, (plan: PartPlan) => Promise<SideRow[]>>> = {
  cpu,
  memory,
  cost,
  held,
  simulator,
};

async function cpu(plan: PartPlan): Promise<SideRow[]> {
  const callers = askedNumber(env, "CPU_CALLERS", 50);
  const rows: SideRow[] = [];
  for (let round = 1; round <= plan.rounds; round += 1)
    for (const wire of ["acs_media", "browser_conversation"] as const)
      for (const traffic of ["up-only", "full duplex"] as const)
        for (const script of SCRIPTS) rows.push(await side(plan, round, { script, wire, traffic, callers }));
  return rows;
}

async function memory(plan: PartPlan): Promise<SideRow[]> {
  const rows: SideRow[] = [];
  const counts = [5, 50];
  const folders = await Promise.all(counts.map((count) => utteranceFolder(count)));
  for (let round = 1; round <= plan.rounds; round += 1)
    for (const callers of askedNumbers(env, "MEMORY_CALLERS", [20, 120]))
      for (const [at, utterances] of counts.entries())
        for (const script of SCRIPTS) {
          const request = { script, wire: "acs_media", traffic: "full duplex", callers } as const;
          rows.push(await side(plan, round, { ...request, pcmFolder: folders[at] ?? "" }, utterances));
        }
  for (const folder of folders) await rm(folder, { recursive: true });
  return rows;
}

async function cost(plan: PartPlan): Promise<SideRow[]> {
  const rows: SideRow[] = [];
  for (let round = 1; round <= plan.rounds; round += 1)
    for (const callers of askedNumbers(env, "COST_CALLERS", [10, 50, 100, 200]))
      rows.push(await side(plan, round, { script: "ours", wire: "acs_media", traffic: "full duplex", callers }));
  return rows;
}

async function held(plan: PartPlan): Promise<SideRow[]> {
  const rows: SideRow[] = [];
  const steadySec = askedNumber(env, "HELD_SEC", 20);
  const common = { wire: "acs_media", traffic: "full duplex", pinned: plan.canPin, wantsLag: true } as const;
  for (let round = 1; round <= plan.rounds; round += 1) {
    const lost = new Set<Script>();
    for (const callers of askedNumbers(env, "HELD_CALLERS", [50, 75, 100, 125, 150, 200, 250, 300, 350, 400]))
      for (const script of SCRIPTS) {
        if (lost.has(script)) continue;
        const request = { ...common, script, callers };
        // A step that cannot even be set up is not held, and the steps before it still tell something.
        const row = await side({ ...plan, steadySec }, round, request).catch((error) => {
          fail(error, 0);
          return rowOf(round, request, null, NOT_HELD);
        });
        rows.push(row);
        // Who is that late holds no more callers either; on the brink, another round may say otherwise.
        if (row.sendLagP99Ms === null || row.sendLagP99Ms > 2 * HELD_LAG_MS) lost.add(script);
      }
  }
  return rows;
}

const NOT_HELD: SideCost = {
  cpuMsPerCallSec: Number.NaN,
  rssBytes: Number.NaN,
  receivedPerCallSec: null,
  sentPerCallSec: null,
  sendLagP99Ms: null,
  simulatorCpuMsPerCallSec: Number.NaN,
  simulatorP99Ms: null,
};

async function simulator(plan: PartPlan): Promise<SideRow[]> {
  const common = { script: "bare", wire: "acs_media", traffic: "full duplex", pinned: plan.canPin } as const;
  const rows: SideRow[] = [];
  for (let round = 1; round <= plan.rounds; round += 1)
    for (const callers of askedNumbers(env, "SIMULATOR_CALLERS", [250]))
      rows.push(await side(plan, round, { ...common, callers }));
  return rows;
}

async function side(
  { settleSec, steadySec }: PartPlan,
  round: number,
  wanted: Omit<SideRequest, "steadySec">,
  utterances: number | null = null,
): Promise<SideRow> {
  const row = rowOf(round, wanted, utterances, await measureSide({ ...wanted, steadySec }, settleSec));
  const name = `${wanted.script} ${wanted.wire} ${wanted.traffic} ${wanted.callers} callers`;
  const k6 = `k6 ${shown(row.cpuMsPerCallSec, 2)} ms per call-second, ${shown(row.rssBytes / 1e6, 0)} MB`;
  const simulated = `simulator ${shown(row.simulatorCpuMsPerCallSec, 2)} ms, P99 ${shown(row.simulatorP99Ms)} ms late`;
  console.log(`  ${round}  ${name}: ${k6}, lag P99 ${shown(row.sendLagP99Ms)} ms; ${simulated}`);
  return row;
}

function rowOf(
  round: number,
  { callers, script, traffic, wire }: Omit<SideRequest, "steadySec">,
  utterances: number | null,
  costs: SideCost,
): SideRow {
  return { round, script, wire, traffic, callers, utterances, ...costs };
}
