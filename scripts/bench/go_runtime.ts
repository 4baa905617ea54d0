/** Reads Go's runtime in a k6 process: its heap through k6's profiler, its collections from what Go prints of each. */

import { createServer } from "node:net";
import { createInterface } from "node:readline";
import type { Readable, Writable } from "node:stream";

/** The heap of k6 at an instant, just after a collection. */
export interface HeapReading {
  readonly liveObjects: number;
  readonly liveBytes: number;
  /** All that was allocated since the start of k6, with what has been collected since. */
  readonly allocatedBytes: number;
}

/** A collection, as Go traces it. */
export interface TracedCollection {
  /** When it began, in s since the start of the process. */
  readonly startSec: number;
  readonly durationMs: number;
  /** What the heap held after it, in whole MiB. */
  readonly liveMib: number;
}

/** A finished collection. */
export interface Collection extends TracedCollection {
  /** When it was over, epoch ms. */
  readonly atMs: number;
}

/** What Go prints on stderr after each collection with GODEBUG=gctrace=1. */
const TRACE = /^gc \d+ @([\d.]+)s \d+%: ([\d.+]+) ms clock.* \d+->\d+->(\d+) MB, /;

/** A port of this machine that is free now. */
export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  const address = server.address();
  await new Promise((done) => server.close(done));
  return typeof address === "object" && address !== null ? address.port : 0;
}

/** Forces a collection in the k6 whose API has this port (`--profiling-enabled`), and reads its heap. */
export async function collectAndReadHeap(port: number): Promise<HeapReading> {
  const response = await fetch(`http://127.0.0.1:${port}/debug/pprof/heap?gc=1&debug=1`);
  return parseHeap(await response.text());
}

/** Parses a heap profile in text, which ends with Go's memory statistics. Throws where it lacks them. */
export function parseHeap(profile: string): HeapReading {
  const value = (name: string) => {
    const found = new RegExp(`^# ${name} = (\\d+)$`, "m").exec(profile)?.[1];
    if (found === undefined) throw new Error(`expected "# ${name} = " in k6's heap profile, got none`);
    return Number(found);
  };
  return { liveObjects: value("HeapObjects"), liveBytes: value("HeapAlloc"), allocatedBytes: value("TotalAlloc") };
}

/** Reads a line that Go prints after a collection; null for any other line. */
export function parseTrace(line: string): TracedCollection | null {
  const [, startSec, clocks, liveMib] = TRACE.exec(line) ?? [];
  if (clocks === undefined) return null;
  // Stop, mark, stop: the three phases of a collection.
  const durationMs = clocks.split("+").reduce((sum, ms) => sum + Number(ms), 0);
  return { startSec: Number(startSec), durationMs, liveMib: Number(liveMib) };
}

/** Collects what Go prints of its collections into the returned list, which grows; other lines go to `rest`. */
export function traceCollections(from: Readable, rest: Pick<Writable, "write">): readonly Collection[] {
  const collections: Collection[] = [];
  createInterface({ input: from }).on("line", (line) => {
    const traced = parseTrace(line);
    if (traced === null) rest.write(`${line}\n`);
    else collections.push({ ...traced, atMs: Date.now() });
  });
  return collections;
}
