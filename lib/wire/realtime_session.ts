/**
 * How a session of a Realtime API is dialled and asked for: OpenAI's own, the one of Azure OpenAI, and that of Azure Voice Live,
 * which kept the message shapes of the API's beta.
 */

import type { Dial, DialOptions, WireSettings } from "./codec.ts";

/** The rate of the audio in both directions, in Hz. */
export const REALTIME_HZ = 24000;

/** One API: its query, the header of its key, and the session that is asked for unless SESSION names one. */
interface Api {
  query(settings: WireSettings): Readonly<Record<string, string>>;
  keyHeader(key: string): Readonly<Record<string, string>>;
  session(settings: WireSettings): object;
}

const PCM = { type: "audio/pcm", rate: REALTIME_HZ };

/** Said in full, because the documented defaults are not those of every server. */
const SERVER_VAD = {
  type: "server_vad",
  threshold: 0.5,
  prefix_padding_ms: 300,
  silence_duration_ms: 500,
  create_response: true,
  interrupt_response: true,
};

/** Today's shape (OpenAI's reference, `session.update`). Without `transcription` there is no user final. */
const SESSION = {
  type: "realtime",
  output_modalities: ["audio"],
  audio: {
    input: { format: PCM, transcription: { model: "gpt-4o-mini-transcribe" }, turn_detection: SERVER_VAD },
    output: { format: PCM },
  },
};

/** The shape of the beta, which Voice Live kept (Microsoft's documentation, "How to use the Voice Live API"). */
const BETA_SESSION = {
  modalities: ["text", "audio"],
  input_audio_format: "pcm16",
  output_audio_format: "pcm16",
  input_audio_transcription: { model: "whisper-1" },
  turn_detection: SERVER_VAD,
};

/** The version of Voice Live that Microsoft's own SDK asks for (PyPI azure-ai-voicelive 1.3.1). */
const VOICE_LIVE_VERSION = "2026-07-15";

const APIS: Readonly<Record<WireSettings["api"], Api>> = {
  openai: {
    query: ({ model }) => ({ model }),
    keyHeader: (key) => ({ Authorization: `Bearer ${key}` }),
    session: () => SESSION,
  },
  // With an `api-version` it is the preview, which speaks the beta (Microsoft's "Migration from Preview to GA version").
  azure_openai: {
    query: ({ apiVersion, model }) =>
      apiVersion === "" ? { model } : { "api-version": apiVersion, deployment: model },
    keyHeader: (key) => ({ "api-key": key }),
    session: ({ apiVersion }) => (apiVersion === "" ? SESSION : BETA_SESSION),
  },
  voice_live: {
    query: ({ apiVersion, model }) => ({ "api-version": apiVersion || VOICE_LIVE_VERSION, model }),
    keyHeader: (key) => ({ "api-key": key }),
    session: () => ({ ...BETA_SESSION, input_audio_sampling_rate: REALTIME_HZ }),
  },
};

/**
 * Adds the query of the API to the URL, where the URL does not have it, and the key to the headers. `X-Client-Request-Id` is the
 * id of the call: these APIs give sessions ids of their own.
 */
export function dialRealtime({ callId, url, wireSettings }: DialOptions): Dial {
  const api = APIS[wireSettings.api];
  const parameters = Object.entries(api.query(wireSettings))
    .filter(([name]) => !new RegExp(`[?&]${name}=`).test(url))
    .map(([name, value]) => `${name}=${encodeURIComponent(value)}`);
  const joint = url.includes("?") ? "&" : "?";
  return {
    url: parameters.length === 0 ? url : `${url}${joint}${parameters.join("&")}`,
    headers: {
      "X-Client-Request-Id": callId,
      ...(wireSettings.apiKey === "" ? {} : api.keyHeader(wireSettings.apiKey)),
    },
  };
}

/** The session that a caller asks for. */
export interface AskedSession {
  /** The `session.update`. */
  readonly update: string;
  /** True where the agent itself cuts its memory of a reply to what was heard (Voice Live's `auto_truncate`). */
  readonly truncatesItself: boolean;
}

/** Makes the session of a call. */
export function askedSession(settings: WireSettings): AskedSession {
  const session: unknown =
    settings.session === "" ? APIS[settings.api].session(settings) : JSON.parse(settings.session);
  const { turn_detection: detection } = session as {
    readonly turn_detection?: { readonly auto_truncate?: unknown } | null;
  };
  return {
    update: JSON.stringify({ type: "session.update", session }),
    truncatesItself: detection?.auto_truncate === true,
  };
}
