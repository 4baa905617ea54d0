/** Describes the origin of measured rows: the day, the machine and the command. */

import { arch, platform, totalmem } from "node:os";

import { CORES } from "../results/machine.ts";
import { ensureK6 } from "../run/k6.ts";

const BYTES_PER_GB = 1024 ** 3;

/** Where measured rows come from; part of the results files. */
export interface Origin {
  /** The day of the run, as 2026-01-31. */
  readonly date: string;
  readonly machine: string;
  readonly command: string;
}

/** The origin of rows that are measured now. The command repeats those of the options that are set in `env`. */
export async function currentOrigin(
  target: string,
  env: NodeJS.ProcessEnv,
  options: readonly string[],
): Promise<Origin> {
  const set = options.filter((name) => env[name]).map((name) => `${name}="${env[name]}"`);
  const command = [`make ${target}`, ...set].join(" ");
  return { date: new Date().toISOString().slice(0, 10), machine: await machineText(), command };
}

/** The cores, memory and versions of this machine, without its name. */
async function machineText(): Promise<string> {
  const { version } = await ensureK6();
  const memoryGb = Math.round(totalmem() / BYTES_PER_GB);
  return `${CORES} cores, ${memoryGb} GB, ${platform()}/${arch()}, node ${process.versions.node}, k6 ${version}`;
}
