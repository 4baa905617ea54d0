/**
 * The ground truth: what happened, as JSON lines. Every instant was taken when bytes arrived or were handed to the
 * socket; nothing in a line was planned but `programmed`. Instants are epoch ms with fractions.
 */

import { closeSync, openSync, writeSync } from "node:fs";

import type { Lateness, LatenessSummary } from "./lateness.ts";

/** What one turn of the agent was. */
export interface TruthTurn {
  readonly type: "turn";
  readonly call: string;
  readonly turn: number;
  readonly speechStartAtMs: number;
  /** When the last frame that holds speech arrived. */
  eosAtMs: number;
  finalAtMs: number | null;
  firstTextAtMs: number | null;
  firstAudioAtMs: number | null;
  /** When the structured end of the reply was handed to the socket. */
  replyEndAtMs: number | null;
  replyAudioMs: number;
  /** When the first frame of the speech that interrupted the reply arrived. */
  bargeAtMs: number | null;
  stopAtMs: number | null;
  /** When the message that the reply was cancelled was handed to the socket. */
  cancelledAtMs: number | null;
  lastAudioAtMs: number | null;
  readonly programmed: { readonly sttMs: number; readonly llmMs: number; readonly ttsMs: number };
  /** What was made to go wrong, by its name. */
  readonly fault: string | null;
}

/** What one call was. */
export interface TruthCall {
  readonly type: "call";
  readonly call: string;
  readonly openedAtMs: number;
  readonly closedAtMs: number;
  readonly code: number;
  /** What was made to go wrong with the call, by its name. */
  readonly fault: string | null;
  /** Audio that was heard, in ms. */
  readonly heardMs: number;
  /** Sounds too short to hold a word. */
  readonly clicks: number;
  /** What was odd about the caller's messages, by kind. */
  readonly anomalies: Readonly<Record<string, number>>;
  /** Envelopes that were lost on the way out. */
  readonly lostEnvelopes: number;
}

/** A call that was not taken. */
export interface TruthRefusal {
  readonly type: "refusal";
  readonly call: string;
  readonly atMs: number;
  readonly status: number;
}

/** How late the simulator itself was, over its whole life: the last line. */
export interface TruthHealth extends LatenessSummary {
  readonly type: "health";
}

/** A line of the truth. */
export type TruthLine = TruthTurn | TruthCall | TruthRefusal | TruthHealth;

/** Writes lines at once: a line that was written survives whatever comes. */
export class TruthFile {
  private readonly file: number | null;
  private readonly lateness: Lateness;

  /** Without a path, nothing is written. Each turn says how late the simulator was around its instants (`lateMs`). */
  constructor(path: string | undefined, lateness: Lateness) {
    this.file = path === undefined ? null : openSync(path, "w");
    this.lateness = lateness;
  }

  write(line: TruthLine): void {
    if (this.file === null) return;
    const told = line.type === "turn" ? { ...line, lateMs: this.lateness.around(instantsOf(line)) } : line;
    writeSync(this.file, `${JSON.stringify(told, rounded)}\n`);
  }

  close(): void {
    this.write({ type: "health", ...this.lateness.summary() });
    if (this.file !== null) closeSync(this.file);
  }
}

function instantsOf(turn: TruthTurn): (number | null)[] {
  const { speechStartAtMs, eosAtMs, firstAudioAtMs, bargeAtMs, stopAtMs, cancelledAtMs, replyEndAtMs } = turn;
  return [
    speechStartAtMs,
    eosAtMs,
    firstAudioAtMs,
    bargeAtMs,
    stopAtMs,
    cancelledAtMs,
    replyEndAtMs,
    turn.lastAudioAtMs,
  ];
}

/** Instants to a microsecond. */
function rounded(_: string, value: unknown): unknown {
  return typeof value === "number" ? Math.round(value * 1000) / 1000 : value;
}
