/** One call of the simulator: reads the caller's messages and passes their content to the pipeline that answers. */

import type { Agent, AgentContext } from "./agent.ts";
import { QUIET_FRAME_MS } from "./audio_frames.ts";
import { Cascade } from "./cascade.ts";
import { now } from "./clock.ts";
import type { Message } from "./envelopes.ts";
import { Filler } from "./filler.ts";
import { Recognizer } from "./recognizer.ts";
import { ReplySender } from "./reply_sender.ts";
import type { Job } from "./station.ts";
import type { TruthLine } from "./truth.ts";
import { TruthTurns } from "./truth_turns.ts";
import { VoiceLive } from "./voicelive.ts";
import type { Pipeline, ReportAnomaly, Wire } from "./wire.ts";

/** A frame that arrives later than this after the one before it is a late frame. */
const LATE_FRAME_MS = 60;

/** A frame is early when the caller has sent this much more audio than time has passed since its first frame. */
const EARLY_FRAME_MS = 100;

/** What a call is made with. */
export interface CallOptions extends Omit<AgentContext, "modelCalls" | "replySender" | "turns" | "wire"> {
  readonly callId: string;
  /** The name of the fault that is injected into the call. */
  readonly fault: string | null;
  readonly pipeline: Pipeline;
  /** Makes the call's wire, which reports anomalies to the call. */
  readonly makeWire: (reportAnomaly: ReportAnomaly) => Wire;
  readonly writeTruth: (line: TruthLine) => void;
  /** Ends the call from the agent's side, as the agent does when the caller asks for it. */
  readonly hangUp: () => void;
}

/** A call as the server sees it. */
export interface SimulatedCall {
  /** Ends the call: its open turns are written as they are, then the call itself. */
  close(code: number): void;
}

/** A call without an agent: nothing is sent on it. */
export class CallWithoutAgent implements SimulatedCall {
  private readonly callId: string;
  private readonly fault: string | null;
  private readonly writeTruth: (line: TruthLine) => void;
  private readonly openedAtMs = now();

  constructor(callId: string, fault: string | null, writeTruth: (line: TruthLine) => void) {
    this.callId = callId;
    this.fault = fault;
    this.writeTruth = writeTruth;
  }

  close(code: number): void {
    const { callId: call, fault, openedAtMs } = this;
    const counts = { heardMs: 0, clicks: 0, anomalies: {}, lostEnvelopes: 0 };
    this.writeTruth({ type: "call", call, openedAtMs, closedAtMs: now(), code, fault, ...counts });
  }
}

/** A call with an agent. */
export class AgentCall implements SimulatedCall {
  private readonly options: CallOptions;
  private readonly wire: Wire;
  private readonly agent: Agent;
  private recognizer: Recognizer;
  private readonly replySender: ReplySender;
  private readonly filler: Filler | null;
  private readonly turns: TruthTurns;
  private readonly modelCalls: Job[] = [];
  private readonly anomalies: Record<string, number> = {};
  private readonly openedAtMs = now();
  /** The sample rate of the caller's audio. */
  private callerHz: number;
  /** Length of the audio that was received. */
  private heardMs = 0;
  /** The id of the call: that of the upgrade, until the caller's metadata has another. */
  private callId: string;
  private lastFrameAtMs: number | null = null;
  private firstFrameAtMs: number | null = null;

  constructor(options: CallOptions) {
    const { callId, makeWire, pipeline, sendQueue, writeTruth } = options;
    this.options = options;
    this.wire = makeWire((kind) => this.countAnomaly(kind));
    this.filler = options.behaviour.silenceAlways ? new Filler(() => this.sendSilence()) : null;
    this.replySender = new ReplySender(sendQueue, this.wire, this.filler);
    sendQueue.translate = (message) => this.wire.translate(message);
    this.callId = callId;
    this.turns = new TruthTurns(() => this.callId, writeTruth);
    const { modelCalls, replySender, turns, wire } = this;
    const context = { ...options, modelCalls, replySender, turns, wire };
    this.agent = pipeline === "cascade" ? new Cascade(context) : new VoiceLive(context);
    this.callerHz = this.wire.defaultHz;
    this.recognizer = this.newRecognizer();
    for (const message of this.wire.openingMessages()) sendQueue.sendMessage(message);
    this.agent.onConnected();
  }

  /** Takes a message of the caller. */
  onMessage(data: Buffer, isBinary: boolean): void {
    const atMs = now();
    const message = this.wire.read(data, isBinary);
    if (message.type === "audio") this.onAudio(message.samples, atMs);
    else if (message.type === "dtmf") this.recognizer.press(message.digit, atMs);
    else if (message.type === "metadata") this.onMetadata(message);
    else if (message.type === "answered") this.answer(message.messages);
    else if (message.type === "greetingAsked") this.agent.onGreetingAsked();
    else if (message.type === "text") this.agent.onText(message.text);
    else if (message.type === "hangUp") this.options.hangUp();
  }

  close(code: number): void {
    this.recognizer.close();
    this.filler?.close();
    this.replySender.stop();
    for (const job of this.modelCalls) job.cancel();
    this.turns.close();
    const { fault, sendQueue, writeTruth } = this.options;
    const { anomalies, callId: call, heardMs, openedAtMs } = this;
    const { clicks } = this.recognizer;
    const { lostEnvelopes } = sendQueue;
    const times = { openedAtMs, closedAtMs: now() };
    writeTruth({ type: "call", call, ...times, code, fault, heardMs, clicks, anomalies, lostEnvelopes });
  }

  private sendSilence(): void {
    const { texts } = this.wire.quietFrame(QUIET_FRAME_MS, null);
    for (const text of texts) this.options.sendQueue.sendDirect(text);
  }

  /** The recognizer works on the audio at the caller's own rate, because the truth's instants are arrivals of its frames. */
  private newRecognizer(): Recognizer {
    const { behaviour, servers } = this.options;
    const { bargeMs: firstPartialMs, silenceMs } = behaviour;
    const station = servers.recognition;
    return new Recognizer(this.callerHz, { silenceMs, firstPartialMs, station }, this.agent);
  }

  private answer(messages: readonly Message[]): void {
    for (const message of messages) this.options.sendQueue.sendMessage(message);
  }

  private onMetadata({ callId, rateHz: ownHz }: { rateHz: number | null; callId?: string }): void {
    const rateHz = ownHz ?? this.wire.defaultHz;
    this.callId = callId ?? this.callId;
    this.callerHz = rateHz;
    this.recognizer.close();
    this.recognizer = this.newRecognizer();
    this.agent.onMetadata(this.wire.assumedHz / rateHz);
  }

  private onAudio(samples: Int16Array, atMs: number): void {
    if (this.lastFrameAtMs !== null && atMs - this.lastFrameAtMs > LATE_FRAME_MS) this.countAnomaly("late_frame");
    this.lastFrameAtMs = atMs;
    this.firstFrameAtMs ??= atMs;
    this.heardMs += (samples.length / this.callerHz) * 1000;
    if (this.heardMs - (atMs - this.firstFrameAtMs) > EARLY_FRAME_MS) this.countAnomaly("early_frame");
    this.recognizer.process(samples, atMs);
  }

  private countAnomaly(kind: string): void {
    this.anomalies[kind] = (this.anomalies[kind] ?? 0) + 1;
  }
}
