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

/**
 * The origin of rows that are measured now. The command repeats those of the options that are set in `env`. `usesK6` is false for
 * what is measured without k6, which is then not looked for.
 */
export async function currentOrigin(
  target: string,
  env: NodeJS.ProcessEnv,
  options: readonly string[],
  usesK6 = true,
): Promise<Origin> {
  const set = options.filter((name) => env[name]).map((name) => `${name}="${env[name]}"`);
  const command = [`make ${target}`, ...set].join(" ");
  const k6 = usesK6 ? [`k6 ${(await ensureK6()).version}`] : [];
  const machine = [...machineTexts(), ...k6].join(", ");
  return { date: new Date().toISOString().slice(0, 10), machine, command };
}

/** The cores, memory and version of Node of this machine, without its name. */
function machineTexts(): string[] {
  const memoryGb = Math.round(totalmem() / BYTES_PER_GB);
  return [`${CORES} cores`, `${memoryGb} GB`, `${platform()}/${arch()}`, `node ${process.versions.node}`];
}
