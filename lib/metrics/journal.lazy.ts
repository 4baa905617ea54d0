/**
 * Writes the records of one call: as metric samples, and as lines of the run's log (log.jsonl). A lazy module, which
 * the bundle evaluates only when it is loaded, because k6 keeps every function of a script in each caller: a caller
 * loads it when a turn or a call has ended, and keeps nothing of it in between.
 */

import type { Sample } from "./metrics.ts";
import type { CallRecord, TurnRecord } from "./records.ts";
import { callSamples, type SampleContext, turnSamples } from "./samples.ts";

/** The output of a journal. */
export interface JournalOutput {
  /** Adds a sample to its metric. */
  add(sample: Sample): void;
  /** Writes one line, as JSON, to the run's log. */
  log(line: Readonly<Record<string, unknown>>): void;
}

/** What all records of a call have in common. */
export interface JournalContext extends SampleContext {
  /** The `call` field of every log line. */
  readonly callId: string;
  /** What to add to the caller's clock to get the wall clock (ms since 1970). */
  readonly epochOffsetMs: number;
  /** Returns the file name of an utterance, which the log has in place of the index. */
  readonly fileOf: (utterance: number) => string | undefined;
}

/** The journal of one call. */
class Journal {
  private readonly output: JournalOutput;
  private readonly context: JournalContext;

  constructor(output: JournalOutput, context: JournalContext) {
    this.output = output;
    this.context = context;
  }

  /** Writes the record of one turn. */
  turn(record: TurnRecord): void {
    for (const sample of turnSamples(record, this.context)) this.output.add(sample);
    this.log({ type: "turn", ...record, utterance: this.context.fileOf(record.utterance) });
  }

  /** Writes the record of the call. `dialAtMs` is when the caller dialled, on the caller's clock. */
  call(record: CallRecord, dialAtMs: number): void {
    for (const sample of callSamples(record)) this.output.add(sample);
    this.log({ type: "call", dialAtMs, ...record });
  }

  private log(line: Readonly<Record<string, unknown>>): void {
    const { callId, epochOffsetMs } = this.context;
    this.output.log({ call: callId, ...atEpoch(line, epochOffsetMs) });
  }
}

/** Converts every instant of a line (`...AtMs`) to the wall clock, and rounds all numbers to a microsecond. */
function atEpoch(line: Readonly<Record<string, unknown>>, epochOffsetMs: number): Record<string, unknown> {
  const moved = Object.entries(line).map(([key, value]) => {
    if (typeof value !== "number") return [key, value];
    return [key, Math.round((key.endsWith("AtMs") ? value + epochOffsetMs : value) * 1000) / 1000];
  });
  return Object.fromEntries(moved);
}

/** Loads the module. */
export function loadJournal() {
  return { Journal };
}

export type { Journal };
