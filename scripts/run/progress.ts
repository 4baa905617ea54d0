/** Shows the progress of a run as one line on the terminal, computed from its log. */

import { open } from "node:fs/promises";

import { percentile } from "../../lib/report/stats.ts";
import { parseObject } from "../results/lines.ts";
import type { CallLine, TurnLine } from "../results/log_lines.ts";

/** The time between two updates. */
const EVERY_MS = 1000;
const READ_BYTES = 1 << 20;

/** The most kinds of fault in the line; the most frequent ones are shown. */
const MAX_KINDS = 3;

/** Counts the records of a growing log. */
export class Progress {
  private readonly ttfbMs: number[] = [];
  private readonly openCalls = new Set<string>();
  private readonly faults = new Map<string, number>();
  private rest = "";
  private turns = 0;
  private failed = 0;

  /** Adds the next part of the log; it may end within a line. */
  addText(text: string): void {
    const lines = (this.rest + text).split("\n");
    this.rest = lines.pop() ?? "";
    for (const line of lines) this.addRecord(parseObject(line));
  }

  /** The line: open calls with at least one turn, turns done, ttfb P95 of at least 20 turns, faults by kind. */
  line(elapsedMs: number): string {
    const sorted = [...this.ttfbMs].sort((a, b) => a - b);
    const p95 = sorted.length < 20 ? "-" : `${Math.round(percentile(sorted, 95))} ms`;
    const clock = new Date(elapsedMs).toISOString().slice(11, 19);
    const turns = `${this.turns} turns done, ${this.failed} failed`;
    return `${clock}  ${this.openCalls.size} calls up  ${turns}  ttfb P95 ${p95}  ${this.faultsText()}`;
  }

  private faultsText(): string {
    const kinds = [...this.faults].sort(([, a], [, b]) => b - a);
    if (kinds.length === 0) return "no faults";
    const shown = kinds.slice(0, MAX_KINDS).map(([kind, count]) => `${count} ${kind}`);
    return `faults: ${shown.join(", ")}${kinds.length > MAX_KINDS ? " and others" : ""}`;
  }

  /** A line that is torn, as on a full disk, is left out: the report counts it. */
  private addRecord(line: Readonly<Record<string, unknown>> | null): void {
    if ((line?.type !== "turn" && line?.type !== "call") || !Array.isArray(line.faults)) return;
    const record = line as unknown as TurnLine | CallLine;
    for (const fault of record.faults) this.faults.set(fault, (this.faults.get(fault) ?? 0) + 1);
    if (record.type === "call") {
      this.openCalls.delete(record.call);
      return;
    }
    this.openCalls.add(record.call);
    this.turns += 1;
    if (record.outcome !== "ok") this.failed += 1;
    if (record.ttfbMs !== null) this.ttfbMs.push(record.ttfbMs);
  }
}

/** Shows the progress until the returned function is called. Shows nothing where stderr is no terminal. */
export function followProgress(logPath: string): () => void {
  if (!process.stderr.isTTY) return () => {};
  const progress = new Progress();
  const startedAtMs = Date.now();
  let readBytes = 0;
  const timer = setInterval(async () => {
    const more = await readFrom(logPath, readBytes);
    readBytes += more.length;
    progress.addText(more.toString("utf8"));
    // Cut to the width of the terminal: a line that wraps could not be overwritten.
    const line = progress.line(Date.now() - startedAtMs).slice(0, (process.stderr.columns ?? 120) - 1);
    process.stderr.write(`\r\x1b[K${line}`);
  }, EVERY_MS);
  return () => {
    clearInterval(timer);
    process.stderr.write("\r\x1b[K");
  };
}

/** Reads up to 1 MiB from a byte offset on; empty while the file does not exist. */
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
