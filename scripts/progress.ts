/** While a run goes: one line that a voice engineer can read, from the log, on a terminal only. */

import { open } from "node:fs/promises";

import { percentile } from "../lib/stats.ts";
import type { CallLine, TurnLine } from "./results.ts";

const EVERY_MS = 1000;
const READ_BYTES = 1 << 20;

/** What the log has told so far. */
class Tally {
  private readonly ttfbMs: number[] = [];
  private rest = "";
  private turns = 0;
  private failed = 0;
  private calls = 0;

  /** Takes more of the log; a last line may be cut. */
  take(text: string): void {
    const lines = (this.rest + text).split("\n");
    this.rest = lines.pop() ?? "";
    for (const line of lines) this.takeLine(JSON.parse(line) as TurnLine | CallLine);
  }

  text(elapsedMs: number): string {
    const sorted = [...this.ttfbMs].sort((a, b) => a - b);
    const p95 = sorted.length < 20 ? "-" : `${Math.round(percentile(sorted, 95))} ms`;
    const clock = new Date(elapsedMs).toISOString().slice(11, 19);
    return `${clock}  ${this.turns} turns, ${this.failed} failed  ttfb P95 ${p95}  ${this.calls} calls ended`;
  }

  private takeLine(line: TurnLine | CallLine): void {
    if (line.type === "call") {
      this.calls += 1;
      return;
    }
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
    process.stderr.write(`\r\x1b[K${tally.text(Date.now() - startedAtMs)}`);
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
