/**
 * Synthesises utterances with Azure's voices, through the Speech SDK. Each call is one attempt: it resolves with the
 * whole audio or rejects with a SpeechFailure before its deadline.
 *
 * Gaps of the SDK (1.52) that this file closes: its promise never settles when the service closes with 1000 in
 * mid-stream or stops sending, and it treats audio that ends early as a success. With Node's own WebSocket (Node 22)
 * its promise does not settle after a refused upgrade either, hence `forceNpmWebSocket`. It puts the key into the URL,
 * and the URL into errors.
 */

import type { SpeechConfig, SpeechSynthesisResult, SpeechSynthesizer } from "microsoft-cognitiveservices-speech-sdk";

import type { UtteranceSpec } from "./conversations.ts";
import { classifyFailure, SpeechFailure } from "./failure.ts";
import { ssmlOf } from "./ssml.ts";
import type { Voice } from "./voice.ts";

type Sdk = typeof import("microsoft-cognitiveservices-speech-sdk");

/** The sample rates that are requested from Azure, in Hz. */
export type AzureRateHz = 16000 | 24000;

/** Access to the service. */
export interface AzureAccess {
  /** Makes the SDK's configuration for one attempt, since tokens expire soon. */
  config(sdk: Sdk): Promise<SpeechConfig>;
  /** The key and the tokens so far: texts that must not be printed. */
  secrets(): readonly string[];
}

const BYTES_PER_SAMPLE = 2;

/** The SDK counts time in ticks of 100 ns. */
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

  nameOf(utterance: UtteranceSpec): string {
    return utterance.voice;
  }

  unsupportedReason(): null {
    return null;
  }

  /** Rejects with a SpeechFailure, or with the reason of `signal`. */
  async speak(utterance: UtteranceSpec, signal: AbortSignal): Promise<Buffer> {
    this.sdk ??= loadSdk();
    const sdk = await this.sdk;
    const ended = new AbortController();
    try {
      return await Promise.race([this.attempt(sdk, utterance, ended.signal), this.deadline(signal, ended.signal)]);
    } catch (error) {
      if (signal.aborted) throw error;
      throw classifyFailure(error, this.access.secrets());
    } finally {
      ended.abort();
    }
  }

  private async attempt(sdk: Sdk, utterance: UtteranceSpec, ended: AbortSignal): Promise<Buffer> {
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
    let lastWordEndMs = 0;
    synthesizer.wordBoundary = (_, { audioOffset, duration }) => {
      lastWordEndMs = Math.max(lastWordEndMs, (audioOffset + duration) / TICKS_PER_MS);
    };
    const result = await this.result(sdk, synthesizer, utterance);
    if (result.reason !== sdk.ResultReason.SynthesizingAudioCompleted) throw new Error(result.errorDetails);
    return this.completeAudio(Buffer.from(result.audioData), lastWordEndMs);
  }

  private result(sdk: Sdk, synthesizer: SpeechSynthesizer, utterance: UtteranceSpec): Promise<SpeechSynthesisResult> {
    return new Promise((resolve, reject) => {
      // A close with an error settles the promise first, within the SDK's handler.
      sdk.Connection.fromSynthesizer(synthesizer).disconnected = () =>
        setImmediate(reject, new SpeechFailure("broken", "the service closed the connection in mid-stream"));
      synthesizer.speakSsmlAsync(ssmlOf(utterance), resolve, reject);
    });
  }

  /** Returns the audio if it is complete, else throws: the SDK treats audio that was cut short as a success. */
  private completeAudio(pcm: Buffer, lastWordEndMs: number): Buffer {
    if (pcm.length === 0) throw new SpeechFailure("broken", "the service sent no audio");
    if (pcm.length % BYTES_PER_SAMPLE !== 0) {
      throw new SpeechFailure("broken", `the audio ends within a sample: an odd number of bytes (${pcm.length})`);
    }
    const ms = (pcm.length / BYTES_PER_SAMPLE / this.rateHz) * 1000;
    if (ms >= Math.floor(lastWordEndMs)) return pcm;
    throw new SpeechFailure(
      "broken",
      `the audio ends before its words: ${Math.round(ms)} of ${Math.round(lastWordEndMs)} ms`,
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

/** Loads the SDK and its WebSocket adapter, only when they are needed: both are CommonJS and large. */
async function loadSdk(): Promise<Sdk> {
  const sdk = await import("microsoft-cognitiveservices-speech-sdk");
  const adapter = await import(
    "microsoft-cognitiveservices-speech-sdk/distrib/lib/src/common.browser/WebsocketMessageAdapter.js"
  );
  adapter.WebsocketMessageAdapter.forceNpmWebSocket = true;
  return sdk;
}
