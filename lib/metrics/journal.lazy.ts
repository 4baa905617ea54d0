/**
 * Writes the records of one call: as samples, and as lines of the run's log. A lazy module: a caller loads it when a turn or a
 * call has ended, and keeps nothing of it in between.
 */

import type { Sample } from "./metrics.ts";
import type { CallRecord, TurnRecord } from "./records.ts";
import { callSamples, type SampleContext, turnSamples } from "./samples.ts";

/** Where a journal writes to. */
export interface JournalOutput {
  add(sample: Sample): void;
  /** Writes one line to the run's log. */
  log(line: Readonly<Record<string, unknown>>): void;
}

/** What every log line of a call carries. */
export interface JournalContext extends SampleContext {
  readonly callId: string;
  /** What to add to the caller's clock to get the wall clock (ms since 1970). */
  readonly epochOffsetMs: number;
  /** Names the file of an utterance. */
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

  turn(record: TurnRecord): void {
    for (const sample of turnSamples(record, this.context)) this.output.add(sample);
    this.log({ type: "turn", ...record, utterance: this.context.fileOf(record.utterance) });
  }

  /** `dialAtMs` is when the caller dialled, on the caller's clock. */
  call(record: CallRecord, dialAtMs: number): void {
    for (const sample of callSamples(record)) this.output.add(sample);
    this.log({ type: "call", dialAtMs, ...record });
  }

  private log(line: Readonly<Record<string, unknown>>): void {
    const { callId, epochOffsetMs } = this.context;
    this.output.log({ call: callId, ...atEpoch(line, epochOffsetMs) });
  }
}

/** Moves every instant of a line (`...AtMs`) to the wall clock, and rounds all numbers to a microsecond. */
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
