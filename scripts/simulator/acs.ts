/**
 * The phone wire: JSON text frames both ways, audio as base64. On VoiceLive the agent sends each chunk of audio twice, in two
 * formats.
 */

import { CascadeAudio, VoiceLiveAudio } from "./audio_frames.ts";
import type { Message } from "./envelopes.ts";
import {
  type CallerMessage,
  CallWire,
  type OutgoingFrame,
  type ResponseContext,
  samplesOf,
  type Wire,
  type WireOptions,
} from "./wire.ts";

const PHONE_HZ = 16000;

/** The sample rate that VoiceLive assumes, whatever the caller's is. */
const VOICELIVE_HZ = 24000;

/** The fields of a caller's JSON message that the agent reads. */
interface PhoneMessage {
  readonly kind?: unknown;
  readonly Kind?: unknown;
  readonly audioData?: unknown;
  readonly AudioData?: unknown;
  readonly audioMetadata?: { readonly sampleRate?: unknown } | null;
  readonly payload?: { readonly rate?: unknown } | null;
}

/** Makes the phone wire of one call. */
export function acsWire(options: WireOptions): Wire {
  return options.pipeline === "cascade" ? new CascadePhoneWire(options) : new VoiceLivePhoneWire(options);
}

abstract class PhoneWire extends CallWire {
  readonly name = "acs";
  override readonly stopsWhenIdle = true;
  readonly defaultHz = PHONE_HZ;
  protected abstract kindOf(message: PhoneMessage): unknown;
  protected abstract audioSectionOf(message: PhoneMessage): unknown;
  /** Whether the agent drops audio with this value of `silent`. */
  protected abstract dropsAudio(silent: unknown): boolean;
  protected onMetadata(_: PhoneMessage): void {}

  /** The value of `silent` in frames without words: a line with comfort noise is not silent. */
  protected get isMarkedSilent(): boolean {
    return !this.options.comfortNoise;
  }

  read(data: Buffer, isBinary: boolean): CallerMessage {
    if (isBinary) return this.ignoreAnomaly("binary_frame");
    let message: PhoneMessage;
    try {
      message = JSON.parse(data.toString("utf8")) ?? {};
    } catch {
      return this.ignoreAnomaly("not_json");
    }
    const kind = this.kindOf(message);
    if (kind === "AudioMetadata") {
      this.onMetadata(message);
      const rateHz = message.audioMetadata?.sampleRate;
      return { type: "metadata", rateHz: typeof rateHz === "number" ? rateHz : null };
    }
    return kind === "AudioData" ? this.readAudio(this.audioSectionOf(message)) : this.ignoreAnomaly("unknown_kind");
  }

  private readAudio(section: unknown): CallerMessage {
    if (Array.isArray(section) || typeof section === "string") return { type: "hangUp" };
    const { data, silent } = (section ?? {}) as { data?: unknown; silent?: unknown };
    if (typeof data !== "string") return this.ignoreAnomaly("no_audio");
    const { reportAnomaly } = this.options;
    if (silent === undefined) reportAnomaly("silent_missing");
    if (this.dropsAudio(silent)) return { type: "ignored" };
    const bytes = Buffer.from(data, "base64");
    if (bytes.length !== (PHONE_HZ / 50) * 2 && bytes.length !== (VOICELIVE_HZ / 50) * 2) reportAnomaly("frame_size");
    if (this.assumedHz === VOICELIVE_HZ && bytes.length === (PHONE_HZ / 50) * 2) reportAnomaly("rate_16k");
    return { type: "audio", samples: samplesOf(bytes) };
  }
}

class CascadePhoneWire extends PhoneWire {
  readonly assumedHz = PHONE_HZ;
  private readonly source = new CascadeAudio(PHONE_HZ, this.quietSound);
  private quietFrames = 0;

  *audioFrames(durationMs: number): Generator<OutgoingFrame> {
    const { bytes, everyMs } = this.options.profile.cascadePhoneFrame;
    for (const frame of this.source.frames(durationMs, bytes)) {
      yield { texts: [cascadeText(frame.data, false)], durationMs: frame.durationMs, pauseMs: everyMs ?? 0 };
    }
  }

  quietFrame(requestedMs: number): OutgoingFrame {
    const { data, durationMs } = this.source.quietFrame(requestedMs, this.quietFrames++);
    return { texts: [cascadeText(data, this.isMarkedSilent)], durationMs, pauseMs: durationMs };
  }

  stopMessages(): readonly Message[] {
    const key = this.options.profile.cascadePhoneStop;
    return key === null ? [] : [{ [key]: "StopAudio", AudioData: null, StopAudio: {} }];
  }

  protected kindOf(message: PhoneMessage): unknown {
    return message.kind;
  }

  protected audioSectionOf(message: PhoneMessage): unknown {
    return message.audioData ?? (this.options.profile.dropsUnlessNotSilent ? message.AudioData : undefined);
  }

  protected dropsAudio(silent: unknown): boolean {
    return this.options.profile.dropsUnlessNotSilent && silent !== false;
  }
}

class VoiceLivePhoneWire extends PhoneWire {
  readonly assumedHz = VOICELIVE_HZ;
  private readonly source = new VoiceLiveAudio(PHONE_HZ, this.quietSound);

  *audioFrames(durationMs: number, context: ResponseContext): Generator<OutgoingFrame> {
    for (const chunk of this.source.chunks(durationMs, context)) {
      const phoneText = `{"kind":"AudioData","AudioData":{"data":"${chunk.data}"},"StopAudio":null}`;
      yield { texts: [phoneText, chunk.text], durationMs: chunk.durationMs, pauseMs: chunk.pauseMs };
    }
  }

  quietFrame(requestedMs: number, context: ResponseContext | null): OutgoingFrame {
    const { data, durationMs, pauseMs, text } = this.source.quietChunk(requestedMs, context);
    const audio = `"AudioData":{"data":"${data}","silent":${this.isMarkedSilent}}`;
    return { texts: [`{"kind":"AudioData",${audio},"StopAudio":null}`, text], durationMs, pauseMs };
  }

  stopMessages(): readonly Message[] {
    return [{ kind: "StopAudio", AudioData: null, StopAudio: {} }];
  }

  override audioEndMessages(context: ResponseContext): readonly Message[] {
    return [this.source.endMarker(context)];
  }

  protected kindOf(message: PhoneMessage): unknown {
    return message.kind ?? message.Kind;
  }

  protected audioSectionOf(message: PhoneMessage): unknown {
    return message.audioData ?? message.AudioData;
  }

  protected dropsAudio(silent: unknown): boolean {
    return silent === true;
  }

  /** Only `payload.rate` changes the output rate, and a real phone never sends it. */
  protected override onMetadata({ payload }: PhoneMessage): void {
    if (payload?.rate === VOICELIVE_HZ) this.source.rateHz = VOICELIVE_HZ;
  }
}

function cascadeText(data: string, isSilent: boolean): string {
  return `{"kind":"AudioData","audioData":{"data":"${data}","timestamp":null,"participantRawID":null,"silent":${isSilent}}}`;
}
