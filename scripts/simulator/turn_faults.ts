/**
 * What can go wrong in one turn: each fault turns the steps of a sound reply into what the backend does then, in the
 * style of its generation (whether it tells errors) and of its pipeline.
 */

import type { WebSocket } from "ws";

import { APOLOGIES, type Envelopes, PROVIDER_TEXTS } from "./envelopes.ts";
import type { Profile } from "./profiles.ts";
import type { Sending, Step } from "./reply_sender.ts";
import type { Pipeline, Wire } from "./wire.ts";

/** The reply that is spoiled. */
export interface Scene {
  readonly profile: Profile;
  readonly pipeline: Pipeline;
  readonly envelopes: Envelopes;
  readonly wire: Wire;
  readonly responseId: string;
  /** The steps of the sound reply; the first waits until its audio is due. */
  readonly steps: readonly Step[];
}

/** What becomes of a turn. */
export interface TurnFault {
  readonly name: string;
  /** False: no user final comes either. */
  readonly heard: boolean;
  spoil(scene: Scene): Step[];
}

/** How much of a reply is spoken before something cuts it, in ms. */
const CUT_AFTER_MS = 400;

const SPOKEN_APOLOGY_MS = 2000;

const MB = 1 << 20;

/** A slow writer takes so many times as long as its audio plays. */
const SLOW_BY = 2;

/** Reasons that real servers give with a close. */
const CLOSES: Readonly<Record<number, string>> = {
  1000: "",
  1001: "",
  1011: "keepalive ping timeout",
  1013: "TTS capacity temporarily unavailable",
  4500: "DeploymentNotFound: The model deployment does not exist.",
  4501: "RateLimitExceeded: The request was throttled or the deployment is out of quota.",
};

/** The reply as it would have been, with something before its audio. */
const beforeAudio =
  (step: (scene: Scene) => Step[]) =>
  (scene: Scene): Step[] => [...scene.steps.slice(0, 1), ...step(scene), ...scene.steps.slice(1)];

/** A little of the reply, then something that ends it. */
const cut =
  (how: (socket: WebSocket) => void) =>
  (scene: Scene): Step[] => [...scene.steps.slice(0, 1), { do: "audio", ms: CUT_AFTER_MS }, { do: "hit", how }];

const hit = (how: (socket: WebSocket) => void) => beforeAudio(() => [{ do: "hit", how }]);

/** The whole reply, each piece of its audio sent otherwise. */
const sending = (as: Sending) => (scene: Scene) =>
  scene.steps.map((step) => (step.do === "audio" ? { ...step, as } : step));

const without = (unwanted: (step: Step) => boolean) => (scene: Scene) => scene.steps.filter((step) => !unwanted(step));

const silence = (): Step[] => [];

const quietly =
  (telling: (scene: Scene) => Step[]) =>
  (scene: Scene): Step[] => [...scene.steps.slice(0, 1), ...(scene.profile.tellsErrors ? telling(scene) : [])];

const tellError =
  (code: string, source: string, details: string) =>
  ({ envelopes }: Scene): Step[] => [{ do: "tell", message: envelopes.error(code, source, details) }];

/** VoiceLive's error comes from the service itself, whatever the generation. */
function liveError(code: string | null, text: string) {
  return ({ envelopes, profile, steps }: Scene): Step[] => [
    ...steps.slice(0, 1),
    { do: "say", make: () => [envelopes.errorData(code, text)] },
    ...(profile.tellsErrors
      ? [{ do: "tell", message: envelopes.error(code ?? "VoiceLiveError", "voicelive", text) } as const]
      : []),
  ];
}

/** The model fails: told and spoken since g5, a text without audio before it. */
function modelFails(code: string, details: string, apology: string) {
  return (scene: Scene): Step[] => {
    const { envelopes, pipeline, profile, responseId, steps } = scene;
    if (pipeline === "voicelive") return liveError(code, details)(scene);
    if (!profile.tellsErrors) {
      const message = envelopes.assistantFinal(responseId, APOLOGIES.silent);
      return [...steps.slice(0, 1), { do: "tell", message, mark: "end" }];
    }
    return [
      ...steps.slice(0, 1),
      { do: "audio", ms: SPOKEN_APOLOGY_MS },
      { do: "tell", message: envelopes.error(code, "llm", details) },
      { do: "tell", message: envelopes.assistantFailed(responseId, apology, code), mark: "end" },
    ];
  };
}

/** The agent says that the session is over, and closes as if nothing were wrong. */
const endsSession =
  (reason: string, closeReason = "") =>
  ({ steps }: Scene): Step[] => [
    ...steps.slice(0, 1),
    { do: "say", make: () => [{ type: "session_end", reason, ts: Date.now() / 1000 }] },
    { do: "hit", how: (socket) => socket.close(1000, closeReason) },
  ];

const closes = Object.entries(CLOSES).map(([code, reason]) => {
  return [`close_${code}`, cut((socket) => socket.close(Number(code), reason))] as const;
});

const SPOILERS: Readonly<Record<string, (scene: Scene) => Step[]>> = {
  llm_429: modelFails("RateLimitExceeded", PROVIDER_TEXTS.model, APOLOGIES.overloaded),
  llm_error: modelFails("ContentFiltered", "The response was filtered.", APOLOGIES.silent),
  stt_throttle: quietly(tellError("RateLimitExceeded", "stt", PROVIDER_TEXTS.speech)),
  tts_throttle: (scene) => [
    ...without((step) => step.do === "audio")(scene),
    ...(scene.profile.tellsErrors ? tellError("RateLimitExceeded", "tts", PROVIDER_TEXTS.speech)(scene) : []),
  ],
  router_crash: ({ envelopes, steps }) => [...steps.slice(0, 1), { do: "tell", message: envelopes.crash() }],
  null_code: liveError(null, "Something went wrong"),
  session_error: endsSession("ERROR"),
  idle_timeout: endsSession("IDLE_TIMEOUT", "idle_timeout"),
  ...Object.fromEntries(closes),
  drop: cut((socket) => socket.terminate()),
  reset: cut((socket) => (socket as unknown as { _socket: { resetAndDestroy(): void } })._socket.resetAndDestroy()),
  no_end: without((step) => step.do === "tell" && step.mark === "end"),
  stop_without_reply: ({ steps, wire }) => [...steps.slice(0, 1), { do: "say", make: () => wire.stops() }],
  bad_json: hit((socket) => socket.send('{"type":"event","payload":')),
  unknown_message: hit((socket) => socket.send('{"type":"weather_report","payload":{"mood":"sunny"}}')),
  deep_json: hit((socket) => socket.send(`{"type":"event","payload":${"[".repeat(5000)}${"]".repeat(5000)}}`)),
  invalid_utf8: hit((socket) =>
    socket.send(Buffer.from([0x7b, 0x22, 0xff, 0xfe, 0x22, 0x3a, 0x31, 0x7d]), { binary: false }),
  ),
  binary: hit((socket) => socket.send(Buffer.alloc(640))),
  tiny: hit((socket) => socket.send("0")),
  huge: hit((socket) => socket.send(`{"type":"debug","payload":{"dump":"${"x".repeat(15 * MB)}"}}`)),
  fragmented: hit((socket) => {
    const text = '{"type":"debug","payload":{}}';
    for (let at = 0; at < text.length; at += 1) socket.send(text.charAt(at), { fin: at === text.length - 1 });
  }),
  skewed_clock: hit((socket) => socket.send('{"type":"debug","ts":"1970-01-01T00:00:00+00:00","payload":{}}')),
  twins_swapped: sending((texts) => [...texts].reverse()),
  duplicated: sending((texts) => [...texts, ...texts]),
  slow_writer: (scene) => scene.steps.map((step) => (step.do === "audio" ? { ...step, slowBy: SLOW_BY } : step)),
  flood: hit((socket) => {
    for (let count = 0; count < 2000; count += 1) socket.send(`{"type":"debug","payload":{"count":${count}}}`);
  }),
};

/** Turns that nobody heard: their final does not come either. */
const UNHEARD: ReadonlySet<string> = new Set(["stt_throttle"]);

/** The faults of turns, by name. */
export const TURN_FAULTS: Readonly<Record<string, TurnFault>> = Object.fromEntries(
  Object.entries({ ...SPOILERS, silence }).map(([name, spoil]) => [name, { name, heard: !UNHEARD.has(name), spoil }]),
);
