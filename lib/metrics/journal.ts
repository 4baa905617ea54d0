/** Where the records of one call go: into samples, and into the run's log. */

import type { Sample } from "./metrics.ts";
import type { CallRecord, TurnRecord } from "./records.ts";
import { callSamples, type SampleContext, turnSamples } from "./samples.ts";

/** What a journal writes to. */
export interface Ledger {
  add(sample: Sample): void;
  /** Writes one line to the run's log. */
  log(line: Readonly<Record<string, unknown>>): void;
}

/** What every line of a call carries. */
export interface JournalContext extends SampleContext {
  readonly callId: string;
  /** What to add to the caller's clock to get the wall clock (ms since 1970). */
  readonly epochOffsetMs: number;
  /** Names the file of an utterance. */
  readonly fileOf: (utterance: number) => string | undefined;
}

/** Writes one call down. */
export class Journal {
  private readonly ledger: Ledger;
  private readonly context: JournalContext;

  constructor(ledger: Ledger, context: JournalContext) {
    this.ledger = ledger;
    this.context = context;
  }

  turn(record: TurnRecord): void {
    for (const sample of turnSamples(record, this.context)) this.ledger.add(sample);
    this.log({ type: "turn", ...record, utterance: this.context.fileOf(record.utterance) });
  }

  /** `dialAtMs` is when the caller dialled, on the caller's clock. */
  call(record: CallRecord, dialAtMs: number): void {
    for (const sample of callSamples(record)) this.ledger.add(sample);
    this.log({ type: "call", dialAtMs, ...record });
  }

  private log(line: Readonly<Record<string, unknown>>): void {
    const { callId, epochOffsetMs } = this.context;
    this.ledger.log({ call: callId, ...atEpoch(line, epochOffsetMs) });
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
