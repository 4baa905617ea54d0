/**
 * How a session of a Realtime API is dialled and asked for: OpenAI's own, the one of Azure OpenAI, and that of Azure Voice Live,
 * which kept the message shapes of the API's beta.
 */

import type { Dial, DialOptions, WireSettings } from "./codec.ts";

/** The rate of the audio in both directions, in Hz. */
export const REALTIME_HZ = 24000;

/** One API: its default path and query, the header of its key, and the session that is asked for unless SESSION names one. */
interface Api {
  query(settings: WireSettings): Readonly<Record<string, string>>;
  keyHeader(key: string): Readonly<Record<string, string>>;
  readonly session: object;
}

const PCM = { type: "audio/pcm", rate: REALTIME_HZ };

/** Today's shape: OpenAI's documentation, "Realtime conversations". */
const GA_SESSION = {
  type: "realtime",
  output_modalities: ["audio"],
  audio: {
    input: {
      format: PCM,
      transcription: { model: "gpt-4o-mini-transcribe" },
      turn_detection: { type: "server_vad", create_response: true, interrupt_response: true },
    },
    output: { format: PCM },
  },
};

/** The shape of the beta, which Voice Live kept (Microsoft's documentation, "How to use the Voice Live API"). */
const BETA_SESSION = {
  modalities: ["text", "audio"],
  input_audio_format: "pcm16",
  output_audio_format: "pcm16",
};

const APIS: Readonly<Record<WireSettings["api"], Api>> = {
  openai: {
    query: ({ model }) => ({ model }),
    keyHeader: (key) => ({ Authorization: `Bearer ${key}` }),
    session: GA_SESSION,
  },
  azure_openai: {
    query: ({ apiVersion, model }) =>
      apiVersion === "" ? { model } : { "api-version": apiVersion, deployment: model },
    keyHeader: (key) => ({ "api-key": key }),
    session: GA_SESSION,
  },
  voice_live: {
    query: ({ apiVersion, model }) => ({ "api-version": apiVersion || "2025-10-01", model }),
    keyHeader: (key) => ({ "api-key": key }),
    session: {
      ...BETA_SESSION,
      input_audio_sampling_rate: REALTIME_HZ,
      turn_detection: { type: "server_vad" },
      input_audio_transcription: { model: "azure-speech" },
    },
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

/** The `session.update` of a call. */
export function sessionUpdate({ api, session }: WireSettings): string {
  const asked: unknown = session === "" ? APIS[api].session : JSON.parse(session);
  return JSON.stringify({ type: "session.update", session: asked });
}
