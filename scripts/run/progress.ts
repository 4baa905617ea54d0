/** While a run goes: one line that a voice engineer can read, from the log, on a terminal only. */

import { open } from "node:fs/promises";

import { percentile } from "../../lib/report/stats.ts";
import type { CallLine, TurnLine } from "../results/run_folder.ts";

const EVERY_MS = 1000;
const READ_BYTES = 1 << 20;

/** Kinds of fault that fit into the line, the most frequent first. */
const KINDS = 3;

/** What the log of a run has told so far. */
export class Tally {
  private readonly ttfbMs: number[] = [];
  private readonly up = new Set<string>();
  private readonly faults = new Map<string, number>();
  private rest = "";
  private turns = 0;
  private failed = 0;

  /** Takes more of the log; a last line may be cut. */
  take(text: string): void {
    const lines = (this.rest + text).split("\n");
    this.rest = lines.pop() ?? "";
    for (const line of lines) if (line.trim() !== "") this.takeLine(JSON.parse(line) as TurnLine | CallLine);
  }

  /** The line: calls that are up and have had a turn, turns done, ttfb P95 where 20 turns carry it, faults by kind. */
  text(elapsedMs: number): string {
    const sorted = [...this.ttfbMs].sort((a, b) => a - b);
    const p95 = sorted.length < 20 ? "-" : `${Math.round(percentile(sorted, 95))} ms`;
    const clock = new Date(elapsedMs).toISOString().slice(11, 19);
    const turns = `${this.turns} turns done, ${this.failed} failed`;
    return `${clock}  ${this.up.size} calls up  ${turns}  ttfb P95 ${p95}  ${this.faultsText()}`;
  }

  private faultsText(): string {
    const kinds = [...this.faults].sort(([, a], [, b]) => b - a);
    if (kinds.length === 0) return "no faults";
    const shown = kinds.slice(0, KINDS).map(([kind, count]) => `${count} ${kind}`);
    return `faults: ${shown.join(", ")}${kinds.length > KINDS ? " and others" : ""}`;
  }

  private takeLine(line: TurnLine | CallLine): void {
    if (line.type !== "turn" && line.type !== "call") return;
    for (const fault of line.faults) this.faults.set(fault, (this.faults.get(fault) ?? 0) + 1);
    if (line.type === "call") {
      this.up.delete(line.call);
      return;
    }
    this.up.add(line.call);
    this.turns += 1;
    if (line.outcome !== "ok") this.failed += 1;
    if (line.ttfbMs !== null) this.ttfbMs.push(line.ttfbMs);
  }
}

/** Shows progress until the returned function is called. Nothing is shown where nobody watches. */
export function followProgress(logPath: string): () => void {
  if (!process.stderr.isTTY) return () => {};
  const tally = new Tally();
  const startedAtMs = Date.now();
  let readBytes = 0;
  const timer = setInterval(async () => {
    const more = await readFrom(logPath, readBytes);
    readBytes += more.length;
    tally.take(more.toString("utf8"));
    // Cut to the terminal's width: a line that wraps would not be overwritten.
    const line = tally.text(Date.now() - startedAtMs).slice(0, (process.stderr.columns ?? 120) - 1);
    process.stderr.write(`\r\x1b[K${line}`);
  }, EVERY_MS);
  return () => {
    clearInterval(timer);
    process.stderr.write("\r\x1b[K");
  };
}

/** Reads on from a byte; nothing while there is no file. */
async function readFrom(path: string, from: number): Promise<Buffer> {
  const file = await open(path, "r").catch(() => null);
  if (file === null) return Buffer.alloc(0);
  try {
    const { bytesRead, buffer } = await file.read(Buffer.alloc(READ_BYTES), 0, READ_BYTES, from);
    return buffer.subarray(0, bytesRead);
  } finally {
    await file.close();
  }
}
