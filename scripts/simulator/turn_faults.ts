/**
 * The faults of single turns: each one turns the steps of a healthy reply into what the backend does in that case. The result
 * depends on the profile (whether the generation sends errors) and on the pipeline.
 */

import type { Socket } from "node:net";

import type { WebSocket } from "ws";

import { APOLOGIES, type Envelopes, PROVIDER_TEXTS } from "./envelopes.ts";
import type { Profile } from "./profiles.ts";
import type { MessageTransform, Step } from "./reply_sender.ts";
import type { Pipeline, Wire } from "./wire.ts";

/** The turn that a fault is injected into. */
export interface TurnContext {
  readonly profile: Profile;
  readonly pipeline: Pipeline;
  readonly envelopes: Envelopes;
  readonly wire: Wire;
  readonly responseId: string;
  /** The steps of the healthy reply. The first one waits until its audio is due (VoiceLive: until its text is due). */
  readonly steps: readonly Step[];
}

/** Returns the steps of the reply with a fault. */
type StepChange = (turn: TurnContext) => Step[];

/** What a fault does to a turn. */
export interface TurnFault {
  readonly name: string;
  /** Whether the user final is still sent. */
  readonly sendsFinal: boolean;
  alterSteps(turn: TurnContext): Step[];
}

/** Audio of the reply that is sent before a fault ends it. */
const CUT_AFTER_MS = 400;

const SPOKEN_APOLOGY_MS = 2000;

const MB = 1 << 20;

/** A slow writer takes this many times as long to send audio as the audio plays. */
const SLOW_FACTOR = 2;

/** The reasons that real servers give with a close, by code. */
const CLOSES: Readonly<Record<number, string>> = {
  1000: "",
  1001: "",
  1011: "keepalive ping timeout",
  1013: "TTS capacity temporarily unavailable",
  4500: "DeploymentNotFound: The model deployment does not exist.",
  4501: "RateLimitExceeded: The request was throttled or the deployment is out of quota.",
};

/** A close frame with the code 1006, which RFC 6455, 7.4.1 forbids to send; some proxies do. */
const FORBIDDEN_CLOSE = Buffer.from([0x88, 2, 1006 >> 8, 1006 & 0xff]);

/** The TCP socket under a WebSocket, of which the ws library has no public name. */
const rawSocket = (socket: WebSocket): Socket => (socket as unknown as { _socket: Socket })._socket;

/** Waits as the healthy reply does, then takes these steps instead of it. */
const insteadOfReply =
  (change: StepChange): StepChange =>
  (turn) => [...turn.steps.slice(0, 1), ...change(turn)];

/** Sends a little of the reply's audio, then ends the call. */
const cut = (action: (socket: WebSocket) => void): StepChange =>
  insteadOfReply(() => [
    { type: "sendAudio", durationMs: CUT_AFTER_MS },
    { type: "socketAction", action },
  ]);

/** Does something to the socket when the healthy reply is due, then sends that reply. */
const beforeReply = (action: (socket: WebSocket) => void): StepChange =>
  insteadOfReply(({ steps }) => [{ type: "socketAction", action }, ...steps.slice(1)]);

/** Changes the audio steps of the healthy reply. */
const withAudio =
  (change: { readonly transform: MessageTransform } | { readonly slowFactor: number }): StepChange =>
  ({ steps }) =>
    steps.map((step) => (step.type === "sendAudio" ? { ...step, ...change } : step));

/** The healthy reply without some of its steps. */
const without =
  (isUnwanted: (step: Step) => boolean): StepChange =>
  ({ steps }) =>
    steps.filter((step) => !isUnwanted(step));

/** An `error` envelope where the profile sends errors, otherwise nothing. */
const errorEnvelope =
  (code: string, source: string, details: string): StepChange =>
  ({ envelopes, profile }) =>
    profile.sendsErrors ? [{ type: "enqueueEnvelope", message: envelopes.error(code, source, details) }] : [];

/** VoiceLive's error comes from the service itself, so every generation relays it. */
function voiceLiveError(code: string | null, text: string): StepChange {
  return insteadOfReply((turn) => [
    { type: "sendDirect", make: () => [turn.envelopes.errorData(code, text)] },
    ...errorEnvelope(code ?? "VoiceLiveError", "voicelive", text)(turn),
  ]);
}

/** The model fails. Since g5 cascade sends a spoken apology and errors, before it a text without audio. */
function modelError(code: string, details: string, apology: string): StepChange {
  const ofCascade = insteadOfReply((turn) => {
    const { envelopes, profile, responseId } = turn;
    if (!profile.sendsErrors) {
      const message = envelopes.assistantFinal(responseId, APOLOGIES.silent);
      return [{ type: "enqueueEnvelope", message, truthOf: "end" }];
    }
    const failedEnd = envelopes.assistantFailed(responseId, apology, code);
    return [
      { type: "sendAudio", durationMs: SPOKEN_APOLOGY_MS },
      ...errorEnvelope(code, "llm", details)(turn),
      { type: "enqueueEnvelope", message: failedEnd, truthOf: "end" },
    ];
  });
  const ofVoiceLive = voiceLiveError(code, details);
  return (turn) => (turn.pipeline === "voicelive" ? ofVoiceLive(turn) : ofCascade(turn));
}

/** The agent sends that the session is over, and closes with 1000 as after a healthy one. */
const sessionEnd = (reason: string, closeReason = ""): StepChange =>
  insteadOfReply(() => [
    { type: "sendDirect", make: () => [{ type: "session_end", reason, ts: Date.now() / 1000 }] },
    { type: "socketAction", action: (socket) => socket.close(1000, closeReason) },
  ]);

const closes = Object.entries(CLOSES).map(([code, reason]) => {
  return [`close_${code}`, cut((socket) => socket.close(Number(code), reason))] as const;
});

/** Sends every byte of a message in a frame of its own. */
function sendFragmented(socket: WebSocket): void {
  const text = '{"type":"debug","payload":{}}';
  for (let at = 0; at < text.length; at += 1) socket.send(text.charAt(at), { fin: at === text.length - 1 });
}

function sendFlood(socket: WebSocket): void {
  for (let count = 0; count < 2000; count += 1) socket.send(`{"type":"debug","payload":{"count":${count}}}`);
}

const STEP_CHANGES: Readonly<Record<string, StepChange>> = {
  llm_429: modelError("RateLimitExceeded", PROVIDER_TEXTS.model, APOLOGIES.overloaded),
  llm_error: modelError("ContentFiltered", "The response was filtered.", APOLOGIES.silent),
  stt_throttle: insteadOfReply(errorEnvelope("RateLimitExceeded", "stt", PROVIDER_TEXTS.speech)),
  tts_throttle: (turn) => [
    ...without((step) => step.type === "sendAudio")(turn),
    ...errorEnvelope("RateLimitExceeded", "tts", PROVIDER_TEXTS.speech)(turn),
  ],
  router_crash: insteadOfReply(({ envelopes }) => [{ type: "enqueueEnvelope", message: envelopes.crash() }]),
  null_code: voiceLiveError(null, "Something went wrong"),
  session_error: sessionEnd("ERROR"),
  idle_timeout: sessionEnd("IDLE_TIMEOUT", "idle_timeout"),
  ...Object.fromEntries(closes),
  drop: cut((socket) => socket.terminate()),
  reset: cut((socket) => rawSocket(socket).resetAndDestroy()),
  close_empty: cut((socket) => socket.close()),
  close_forbidden: cut((socket) => rawSocket(socket).end(FORBIDDEN_CLOSE)),
  no_end: without((step) => step.type === "enqueueEnvelope" && step.truthOf === "end"),
  stop_without_reply: insteadOfReply(({ wire }) => [{ type: "sendDirect", make: () => wire.stopMessages() }]),
  bad_json: beforeReply((socket) => socket.send('{"type":"event","payload":')),
  unknown_message: beforeReply((socket) => socket.send('{"type":"weather_report","payload":{"mood":"sunny"}}')),
  deep_json: beforeReply((socket) => socket.send(`{"type":"event","payload":${"[".repeat(5000)}${"]".repeat(5000)}}`)),
  invalid_utf8: beforeReply((socket) =>
    socket.send(Buffer.from([0x7b, 0x22, 0xff, 0xfe, 0x22, 0x3a, 0x31, 0x7d]), { binary: false }),
  ),
  binary: beforeReply((socket) => socket.send(Buffer.alloc(640))),
  tiny: beforeReply((socket) => socket.send("0")),
  huge: beforeReply((socket) => socket.send(`{"type":"debug","payload":{"dump":"${"x".repeat(15 * MB)}"}}`)),
  fragmented: beforeReply(sendFragmented),
  skewed_clock: beforeReply((socket) => socket.send('{"type":"debug","ts":"1970-01-01T00:00:00+00:00","payload":{}}')),
  twins_swapped: withAudio({ transform: (texts) => [...texts].reverse() }),
  duplicated: withAudio({ transform: (texts) => [...texts, ...texts] }),
  slow_writer: withAudio({ slowFactor: SLOW_FACTOR }),
  flood: beforeReply(sendFlood),
  silence: () => [],
};

/** Faults without a user final. */
const WITHOUT_FINAL: ReadonlySet<string> = new Set(["stt_throttle"]);

/** The faults of turns, by name. */
export const TURN_FAULTS: Readonly<Record<string, TurnFault>> = Object.fromEntries(
  Object.entries(STEP_CHANGES).map(([name, alterSteps]) => [
    name,
    { name, sendsFinal: !WITHOUT_FINAL.has(name), alterSteps },
  ]),
);
