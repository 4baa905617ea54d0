/** What the measuring tools write: tables that Markdown and people read, and the kind of the machine they ran on. */

import { arch, platform, totalmem } from "node:os";
import { CORES } from "../results/machine.ts";
import { ensureK6 } from "../run/k6.ts";

const BYTES_PER_GB = 1024 ** 3;

/** A table in Markdown, its columns aligned to the right but the first. */
export function tableText(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths = head.map((name, at) => Math.max(name.length, ...rows.map((row) => (row[at] ?? "").length)));
  const line = (cells: readonly string[]) =>
    `| ${cells.map((cell, at) => (at === 0 ? cell.padEnd(widths[0] ?? 0) : cell.padStart(widths[at] ?? 0))).join(" | ")} |`;
  const rule = widths.map((width, at) => (at === 0 ? "-".repeat(width) : `${"-".repeat(width - 1)}:`));
  return [line(head), line(rule), ...rows.map(line)].join("\n");
}

/** Puts a text between two marker lines of a document. Throws when the document lacks them. */
export function replaceBetween(document: string, begin: string, end: string, text: string): string {
  const from = document.indexOf(begin);
  const to = document.indexOf(end);
  if (from < 0 || to < from) throw new Error(`expected ${begin} and ${end} in the document, got neither or one`);
  return `${document.slice(0, from + begin.length)}\n\n${text}\n\n${document.slice(to)}`;
}

/** The machine's kind: what matters of it for a ratio, and no name. */
async function machineKind(): Promise<string> {
  const { version } = await ensureK6();
  const memoryGb = Math.round(totalmem() / BYTES_PER_GB);
  return `${CORES} cores, ${memoryGb} GB, ${platform()}/${arch()}, node ${process.versions.node}, k6 ${version}`;
}

/** How rows came to be: the day, the machine's kind, and the command with the settings that were made in `env`. */
export async function madeBy(target: string, env: NodeJS.ProcessEnv, settings: readonly string[]) {
  const set = settings.filter((name) => env[name]).map((name) => `${name}="${env[name]}"`);
  const command = [`make ${target}`, ...set].join(" ");
  return { date: new Date().toISOString().slice(0, 10), machine: await machineKind(), command };
}

/** A number with so many decimals, or a dash where there is none. */
export function shown(value: number | null, decimals = 1): string {
  return value === null || Number.isNaN(value) ? "-" : value.toFixed(decimals);
}
