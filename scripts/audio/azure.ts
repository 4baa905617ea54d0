/**
 * Azure's voices, through the Speech SDK. One attempt per call: whatever the SDK and the service do, it ends with the
 * whole audio, or with a SpeechFailure before its deadline.
 *
 * What the SDK (1.52) leaves to its callers: its promise never settles when the service closes with 1000 in mid-stream
 * or falls silent, and an audio that ends early is a success to it. Where Node has a WebSocket of its own (22), a
 * refused upgrade never settles either, hence `forceNpmWebSocket`. It writes the key into the URL, and the URL into errors.
 */

import type { SpeechConfig, SpeechSynthesisResult, SpeechSynthesizer } from "microsoft-cognitiveservices-speech-sdk";

import type { Line } from "./conversations.ts";
import { failureOf, SpeechFailure } from "./failure.ts";
import { ssmlOf } from "./ssml.ts";
import type { Voice } from "./voice.ts";

type Sdk = typeof import("microsoft-cognitiveservices-speech-sdk");

/** Rates that Azure is asked for, in Hz. */
export type AzureRateHz = 16000 | 24000;

/** How to reach the service. */
export interface AzureAccess {
  /** Makes the SDK's configuration for one attempt: tokens are short-lived. */
  config(sdk: Sdk): Promise<SpeechConfig>;
  /** What must not be shown, as far as it is known. */
  secrets(): readonly string[];
}

const BYTES_PER_SAMPLE = 2;

/** The SDK counts time in 100 ns. */
const TICKS_PER_MS = 10_000;

/** Azure's voices. */
export class AzureVoice implements Voice {
  readonly source = "azure";
  readonly rateHz: AzureRateHz;
  private readonly access: AzureAccess;
  private readonly timeoutSec: number;
  private sdk: Promise<Sdk> | null = null;

  /** `timeoutSec` is the deadline of one attempt. */
  constructor(access: AzureAccess, rateHz: AzureRateHz, timeoutSec: number) {
    this.access = access;
    this.rateHz = rateHz;
    this.timeoutSec = timeoutSec;
  }

  nameOf(line: Line): string {
    return line.voice;
  }

  refusal(): null {
    return null;
  }

  /** Rejects with a SpeechFailure, or with the reason of `signal`. */
  async speak(line: Line, signal: AbortSignal): Promise<Buffer> {
    this.sdk ??= loadSdk();
    const sdk = await this.sdk;
    const ended = new AbortController();
    try {
      return await Promise.race([this.attempt(sdk, line, ended.signal), this.deadline(signal, ended.signal)]);
    } catch (error) {
      if (signal.aborted) throw error;
      throw failureOf(error, this.access.secrets());
    } finally {
      ended.abort();
    }
  }

  private async attempt(sdk: Sdk, line: Line, ended: AbortSignal): Promise<Buffer> {
    const config = await this.access.config(sdk);
    const formats = { 16000: "Raw16Khz16BitMonoPcm", 24000: "Raw24Khz16BitMonoPcm" } as const;
    config.speechSynthesisOutputFormat = sdk.SpeechSynthesisOutputFormat[formats[this.rateHz]];
    const synthesizer = new sdk.SpeechSynthesizer(config, null);
    ended.addEventListener(
      "abort",
      () =>
        synthesizer.close(
          () => {},
          () => {},
        ),
      { once: true },
    );
    let wordsEndMs = 0;
    synthesizer.wordBoundary = (_, { audioOffset, duration }) => {
      wordsEndMs = Math.max(wordsEndMs, (audioOffset + duration) / TICKS_PER_MS);
    };
    const result = await this.result(sdk, synthesizer, line);
    if (result.reason !== sdk.ResultReason.SynthesizingAudioCompleted) throw new Error(result.errorDetails);
    return this.whole(Buffer.from(result.audioData), wordsEndMs);
  }

  private result(sdk: Sdk, synthesizer: SpeechSynthesizer, line: Line): Promise<SpeechSynthesisResult> {
    return new Promise((resolve, reject) => {
      // A close that explains itself settles the promise first, within the SDK's own handling of it.
      sdk.Connection.fromSynthesizer(synthesizer).disconnected = () =>
        setImmediate(reject, new SpeechFailure("broken", "the service closed the connection in mid-stream"));
      synthesizer.speakSsmlAsync(ssmlOf(line), resolve, reject);
    });
  }

  /** Audio that was cut short is a success to the SDK. */
  private whole(pcm: Buffer, wordsEndMs: number): Buffer {
    if (pcm.length === 0) throw new SpeechFailure("broken", "the service sent no audio");
    if (pcm.length % BYTES_PER_SAMPLE !== 0) {
      throw new SpeechFailure("broken", `the audio ends within a sample: an odd number of bytes (${pcm.length})`);
    }
    const ms = (pcm.length / BYTES_PER_SAMPLE / this.rateHz) * 1000;
    if (ms >= Math.floor(wordsEndMs)) return pcm;
    throw new SpeechFailure(
      "broken",
      `the audio ends before its words: ${Math.round(ms)} of ${Math.round(wordsEndMs)} ms`,
    );
  }

  private deadline(signal: AbortSignal, ended: AbortSignal): Promise<never> {
    return new Promise((_, reject) => {
      const late = () => reject(new SpeechFailure("broken", `no end of the audio within ${this.timeoutSec} s`));
      const timer = setTimeout(late, this.timeoutSec * 1000);
      const aborted = () => reject(signal.reason);
      signal.addEventListener("abort", aborted, { once: true });
      ended.addEventListener("abort", () => {
        clearTimeout(timer);
        signal.removeEventListener("abort", aborted);
      });
    });
  }
}

/** Both are CommonJS, and heavy: they are loaded when Azure is to speak. */
async function loadSdk(): Promise<Sdk> {
  const sdk = await import("microsoft-cognitiveservices-speech-sdk");
  const adapter = await import(
    "microsoft-cognitiveservices-speech-sdk/distrib/lib/src/common.browser/WebsocketMessageAdapter.js"
  );
  adapter.WebsocketMessageAdapter.forceNpmWebSocket = true;
  return sdk;
}
