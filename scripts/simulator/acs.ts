/** The phone wire: JSON text frames both ways, audio as base64; on VoiceLive every piece of audio comes twice. */

import type { Message } from "./envelopes.ts";
import { voiceAt } from "./voice.ts";
import { type Frame, type Heard, livePieces, type Part, samplesOf, type Wire, type WireOptions } from "./wire.ts";

const PHONE_HZ = 16000;

/** What VoiceLive takes audio to have, whatever it has. */
const LIVE_HZ = 24000;

/** A message of a caller, as far as it is read. */
interface CallerMessage {
  readonly kind?: unknown;
  readonly Kind?: unknown;
  readonly audioData?: unknown;
  readonly AudioData?: unknown;
  readonly audioMetadata?: { readonly sampleRate?: unknown } | null;
  readonly payload?: { readonly rate?: unknown } | null;
}

/** Makes the wire of one call. */
export function acsWire(options: WireOptions): Wire {
  return options.pipeline === "cascade" ? new CascadePhone(options) : new LivePhone(options);
}

abstract class Phone implements Wire {
  readonly name = "acs";
  abstract readonly hearsHz: number;
  readonly spokenHz = PHONE_HZ;
  protected readonly options: WireOptions;
  protected index = 0;

  constructor(options: WireOptions) {
    this.options = options;
  }

  abstract audio(ms: number, part: Part): Generator<Frame>;
  abstract stops(): readonly Message[];
  abstract audioEnd(part: Part): readonly Message[];
  protected abstract kindOf(message: CallerMessage): unknown;
  protected abstract sectionOf(message: CallerMessage): unknown;
  protected abstract drops(silent: unknown): boolean;
  protected abstract metadata(message: CallerMessage): void;

  read(data: Buffer, isBinary: boolean): Heard {
    if (isBinary) return this.odd("binary_frame");
    let message: CallerMessage;
    try {
      message = JSON.parse(data.toString("utf8")) ?? {};
    } catch {
      return this.odd("not_json");
    }
    const kind = this.kindOf(message);
    if (kind === "AudioMetadata") {
      this.metadata(message);
      const rateHz = message.audioMetadata?.sampleRate;
      return { type: "metadata", rateHz: typeof rateHz === "number" ? rateHz : null };
    }
    return kind === "AudioData" ? this.readAudio(this.sectionOf(message)) : this.odd("unknown_kind");
  }

  private readAudio(section: unknown): Heard {
    if (Array.isArray(section) || typeof section === "string") return { type: "hang up" };
    const { data, silent } = (section ?? {}) as { data?: unknown; silent?: unknown };
    if (typeof data !== "string") return this.odd("no_audio");
    if (silent === undefined) this.options.report("silent_missing");
    if (this.drops(silent)) return { type: "nothing" };
    const bytes = Buffer.from(data, "base64");
    if (bytes.length !== (PHONE_HZ / 50) * 2 && bytes.length !== (LIVE_HZ / 50) * 2) this.options.report("frame_size");
    if (this.hearsHz === LIVE_HZ && bytes.length === (PHONE_HZ / 50) * 2) this.options.report("rate_16k");
    return { type: "audio", samples: samplesOf(bytes) };
  }

  private odd(anomaly: string): Heard {
    this.options.report(anomaly);
    return { type: "nothing" };
  }
}

class CascadePhone extends Phone {
  readonly hearsHz = PHONE_HZ;

  *audio(ms: number): Generator<Frame> {
    const { bytes: frameBytes, everyMs } = this.options.profile.phoneFrame;
    const voice = voiceAt(PHONE_HZ);
    for (let left = voice.bytes(ms); left > 0; left -= frameBytes) {
      const bytes = Math.min(left, frameBytes);
      const data = bytes === frameBytes ? voice.frame(bytes, this.index) : voice.piece(bytes, this.index);
      this.index += 1;
      const text = `{"kind":"AudioData","audioData":{"data":"${data}","timestamp":null,"participantRawID":null,"silent":false}}`;
      yield { texts: [text], ms: voice.ms(bytes), pauseMs: everyMs ?? 0 };
    }
  }

  stops(): readonly Message[] {
    const key = this.options.profile.phoneStop;
    return key === null ? [] : [{ [key]: "StopAudio", AudioData: null, StopAudio: {} }];
  }

  audioEnd(): readonly Message[] {
    return [];
  }

  protected kindOf(message: CallerMessage): unknown {
    return message.kind;
  }

  protected sectionOf(message: CallerMessage): unknown {
    return message.audioData ?? (this.options.profile.dropsUnsaidSilence ? message.AudioData : undefined);
  }

  protected drops(silent: unknown): boolean {
    return this.options.profile.dropsUnsaidSilence && silent !== false;
  }

  protected metadata(): void {}
}

class LivePhone extends Phone {
  readonly hearsHz = LIVE_HZ;
  private outputHz = PHONE_HZ;

  *audio(ms: number, { responseId, random }: Part): Generator<Frame> {
    const voice = voiceAt(this.outputHz);
    for (const piece of livePieces(ms, random)) {
      const data = voice.piece(voice.bytes(piece.ms), this.index);
      const twin = { type: "audio_data", frame_index: this.index, total_frames: null, sample_rate: this.outputHz };
      const texts = [
        `{"kind":"AudioData","AudioData":{"data":"${data}"},"StopAudio":null}`,
        JSON.stringify({ ...twin, is_final: false, response_id: responseId, data }),
      ];
      this.index += 1;
      yield { texts, ...piece };
    }
  }

  stops(): readonly Message[] {
    return [{ kind: "StopAudio", AudioData: null, StopAudio: {} }];
  }

  audioEnd({ responseId }: Part): readonly Message[] {
    const end = { type: "audio_data", frame_index: this.index - 1, total_frames: null, sample_rate: this.outputHz };
    return [{ ...end, is_final: true, response_id: responseId }];
  }

  protected kindOf(message: CallerMessage): unknown {
    return message.kind ?? message.Kind;
  }

  protected sectionOf(message: CallerMessage): unknown {
    return message.audioData ?? message.AudioData;
  }

  protected drops(silent: unknown): boolean {
    return silent === true;
  }

  /** Only `payload.rate` has an effect, which a real phone never sends. */
  protected metadata({ payload }: CallerMessage): void {
    if (payload?.rate === LIVE_HZ) this.outputHz = LIVE_HZ;
  }
}
