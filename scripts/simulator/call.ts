/** One call at the agent: takes the caller's messages apart and hands them to the pipeline that answers. */

import type { Agent, AgentParts } from "./agent.ts";
import { Cascade } from "./cascade.ts";
import { now } from "./clock.ts";
import { Listener } from "./recognizer.ts";
import { Speaker } from "./reply_sender.ts";
import type { TruthLine } from "./truth.ts";
import { TruthTurns } from "./truth_turns.ts";
import { VoiceLive } from "./voicelive.ts";
import type { Pipeline, Wire } from "./wire.ts";

/** Frames further apart than this are late, in ms. */
const LATE_FRAME_MS = 60;

/** A caller who has sent so much more audio than time has passed sends too early, in ms. */
const EARLY_FRAME_MS = 100;

/** What a call is made of. */
export interface CallParts extends Omit<AgentParts, "speaker" | "turns" | "wire"> {
  readonly callId: string;
  /** What was made to go wrong with the call, by its name. */
  readonly fault: string | null;
  readonly pipeline: Pipeline;
  /** Makes the call's wire; the anomalies that it reports are the call's. */
  readonly makeWire: (report: (anomaly: string) => void) => Wire;
  readonly write: (line: TruthLine) => void;
  /** Ends the call from the agent's side, as it does when the caller asks for it. */
  readonly hangUp: () => void;
}

/** A call as the server knows it. */
export interface SimulatedCall {
  /** Ends the call: what is open is written as far as it came. */
  close(code: number): void;
}

/** A call on which nothing is ever said. */
export class DeadCall implements SimulatedCall {
  private readonly callId: string;
  private readonly fault: string | null;
  private readonly write: (line: TruthLine) => void;
  private readonly openedAtMs = now();

  constructor(callId: string, fault: string | null, write: (line: TruthLine) => void) {
    this.callId = callId;
    this.fault = fault;
    this.write = write;
  }

  close(code: number): void {
    const { callId: call, fault, openedAtMs } = this;
    const nothing = { heardMs: 0, clicks: 0, anomalies: {}, lostEnvelopes: 0 };
    this.write({ type: "call", call, openedAtMs, closedAtMs: now(), code, fault, ...nothing });
  }
}

/** The agent's side of one call. */
export class AgentCall implements SimulatedCall {
  private readonly parts: CallParts;
  private readonly wire: Wire;
  private readonly agent: Agent;
  private listener: Listener;
  private readonly speaker: Speaker;
  private readonly turns: TruthTurns;
  private readonly anomalies: Record<string, number> = {};
  private readonly openedAtMs = now();
  private spokenHz: number;
  private heardMs = 0;
  private frameAtMs: number | null = null;
  private firstFrameAtMs: number | null = null;

  constructor(parts: CallParts) {
    const { callId, makeWire, outbox, pipeline, write } = parts;
    this.parts = parts;
    this.wire = makeWire((anomaly) => this.report(anomaly));
    this.speaker = new Speaker(outbox, this.wire);
    this.turns = new TruthTurns(callId, write);
    const agentParts = { ...parts, speaker: this.speaker, turns: this.turns, wire: this.wire };
    this.agent = pipeline === "cascade" ? new Cascade(agentParts) : new VoiceLive(agentParts);
    this.spokenHz = this.wire.spokenHz;
    this.listener = this.listen();
    this.agent.connected();
  }

  /** Takes a message of the caller's. */
  message(data: Buffer, isBinary: boolean): void {
    const atMs = now();
    const heard = this.wire.read(data, isBinary);
    if (heard.type === "audio") this.audio(heard.samples, atMs);
    else if (heard.type === "metadata") this.metadata(heard.rateHz ?? this.wire.spokenHz);
    else if (heard.type === "text") this.agent.text(heard.text);
    else if (heard.type === "hang up") this.parts.hangUp();
  }

  close(code: number): void {
    this.listener.close();
    this.speaker.stop();
    this.turns.close();
    const { callId: call, fault, outbox, write } = this.parts;
    const { openedAtMs, heardMs, anomalies } = this;
    const { clicks } = this.listener;
    const { lost: lostEnvelopes } = outbox;
    write({
      type: "call",
      call,
      openedAtMs,
      closedAtMs: now(),
      code,
      fault,
      heardMs,
      clicks,
      anomalies,
      lostEnvelopes,
    });
  }

  private metadata(rateHz: number): void {
    this.spokenHz = rateHz;
    this.listener.close();
    this.listener = this.listen();
    this.agent.metadata(this.wire.hearsHz / rateHz);
  }

  private listen(): Listener {
    const { bargeMs, silenceMs } = this.parts.behaviour;
    return new Listener(this.spokenHz, { silenceMs, firstPartialMs: bargeMs }, this.agent);
  }

  private audio(samples: Int16Array, atMs: number): void {
    if (this.frameAtMs !== null && atMs - this.frameAtMs > LATE_FRAME_MS) this.report("late_frame");
    this.frameAtMs = atMs;
    this.firstFrameAtMs ??= atMs;
    this.heardMs += (samples.length / this.spokenHz) * 1000;
    if (this.heardMs - (atMs - this.firstFrameAtMs) > EARLY_FRAME_MS) this.report("early_frame");
    this.listener.hear(samples, atMs);
  }

  private report(anomaly: string): void {
    this.anomalies[anomaly] = (this.anomalies[anomaly] ?? 0) + 1;
  }
}
