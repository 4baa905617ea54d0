/**
 * Writes the ground truth, truth.jsonl: what happened in each turn and call, as JSON lines. Each instant is taken when bytes
 * arrive or are handed to the socket. Only `programmed` was planned. Instants are epoch ms with fractions.
 */

import { closeSync, openSync, writeSync } from "node:fs";

import type { LatenessMonitor, LatenessSummary } from "./lateness.ts";

/** The delays that were drawn for a turn; their sum is planned from the end of speech to the first audible sample. */
export interface Programmed {
  readonly sttMs: number;
  readonly llmMs: number;
  readonly ttsMs: number;
  /** Silence in front of the words. */
  readonly leadMs: number;
}

/**
 * How long a turn waited for servers of the agent, in ms; the sum postpones its reply. Null: the job still waited when the caller
 * spoke again or hung up, and was given up.
 */
export interface Queued {
  readonly sttMs: number | null;
  llmMs: number | null;
}

/** One turn of the agent. */
export interface TruthTurn {
  readonly type: "turn";
  readonly call: string;
  readonly turn: number;
  /** When the first frame that holds speech arrived, or the first digit. */
  readonly speechStartAtMs: number;
  /** When the last frame that holds speech arrived, or the last digit. */
  eosAtMs: number;
  /** The digits that the caller pressed; empty: none. */
  readonly dtmf: string;
  finalAtMs: number | null;
  firstTextAtMs: number | null;
  /** When the first audio of the reply was handed to the socket, audible or not. Silence between replies does not count. */
  firstByteAtMs: number | null;
  /** When the first audible sample of the reply was handed to the socket: it begins a message. */
  firstAudioAtMs: number | null;
  /** Length of the silence of the reply before it. Null without a reply, or when the agent sends silence all the time. */
  leadSilenceMs: number | null;
  /** When the structured end of the reply was handed to the socket. */
  replyEndAtMs: number | null;
  /** Length of the audible audio. */
  replyAudioMs: number;
  /** When the first frame of the speech that interrupted the reply arrived. */
  bargeAtMs: number | null;
  stopAtMs: number | null;
  /** When the message that the reply is cancelled was handed to the socket. */
  cancelledAtMs: number | null;
  /** When the last audible audio of the reply was handed to the socket. */
  lastAudioAtMs: number | null;
  readonly programmed: Programmed;
  readonly queued: Queued;
  /** The name of the injected fault; of a turn for which no server was free, that of the throttling. */
  readonly fault: string | null;
}

/** One call. */
export interface TruthCall {
  readonly type: "call";
  readonly call: string;
  readonly openedAtMs: number;
  readonly closedAtMs: number;
  readonly code: number;
  /** The name of the injected fault. */
  readonly fault: string | null;
  /** Length of the received audio. */
  readonly heardMs: number;
  /** Segments of loud audio that were too short to be speech. */
  readonly clicks: number;
  /** Anomalies in the caller's messages, counted by kind. */
  readonly anomalies: Readonly<Record<string, number>>;
  /** Envelopes of the agent that were lost before they were sent. */
  readonly lostEnvelopes: number;
}

/** A call that was refused. */
export interface TruthRefusal {
  readonly type: "refusal";
  readonly call: string;
  readonly atMs: number;
  readonly status: number;
}

/** The lateness of the simulator's process over its whole life: the last line. */
export interface TruthHealth extends LatenessSummary {
  readonly type: "health";
}

/** A line of the truth. */
export type TruthLine = TruthTurn | TruthCall | TruthRefusal | TruthHealth;

/** Writes each line at once, so that it is kept if the process ends. */
export class TruthFile {
  private file: number | null;
  private readonly lateness: LatenessMonitor;

  /** Without a path, nothing is written. */
  constructor(path: string | undefined, lateness: LatenessMonitor) {
    this.file = path === undefined ? null : openSync(path, "w");
    this.lateness = lateness;
  }

  /**
   * Writes a line. A turn also gets `lateMs`, the worst lateness of the simulator around the turn's instants. After the first
   * line that could not be written, as on a full disk, none is written, and the agent goes on: `make verify` sees the gap.
   */
  write(line: TruthLine): void {
    if (this.file === null) return;
    const written = line.type === "turn" ? { ...line, lateMs: this.lateness.worstAround(instantsOf(line)) } : line;
    try {
      writeSync(this.file, `${JSON.stringify(written, rounded)}\n`);
    } catch (error) {
      console.error(`the truth ends here: a line could not be written (${String(error)})`);
      closeSync(this.file);
      this.file = null;
    }
  }

  close(): void {
    this.write({ type: "health", ...this.lateness.summary() });
    if (this.file !== null) closeSync(this.file);
  }
}

function instantsOf(turn: TruthTurn): (number | null)[] {
  const { speechStartAtMs, eosAtMs, firstByteAtMs, firstAudioAtMs, bargeAtMs, stopAtMs, cancelledAtMs } = turn;
  const { lastAudioAtMs, replyEndAtMs } = turn;
  return [
    speechStartAtMs,
    eosAtMs,
    firstByteAtMs,
    firstAudioAtMs,
    bargeAtMs,
    stopAtMs,
    cancelledAtMs,
    replyEndAtMs,
    lastAudioAtMs,
  ];
}

/** Rounds numbers to three decimals: instants to microseconds. */
function rounded(_: string, value: unknown): unknown {
  return typeof value === "number" ? Math.round(value * 1000) / 1000 : value;
}
