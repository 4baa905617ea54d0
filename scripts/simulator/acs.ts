/** The phone wire: JSON text frames both ways, audio as base64; on VoiceLive every piece of audio comes twice. */

import { CascadeAudio, LiveAudio } from "./audio_frames.ts";
import type { Message } from "./envelopes.ts";
import { CallWire, type Frame, type Heard, type Part, samplesOf, type Wire, type WireOptions } from "./wire.ts";

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

abstract class Phone extends CallWire {
  readonly name = "acs";
  readonly spokenHz = PHONE_HZ;
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
}

class CascadePhone extends Phone {
  readonly hearsHz = PHONE_HZ;
  private readonly voice = new CascadeAudio(PHONE_HZ);

  *audio(ms: number): Generator<Frame> {
    const { bytes, everyMs } = this.options.profile.phoneFrame;
    for (const { data, ms: frameMs } of this.voice.frames(ms, bytes)) {
      const text = `{"kind":"AudioData","audioData":{"data":"${data}","timestamp":null,"participantRawID":null,"silent":false}}`;
      yield { texts: [text], ms: frameMs, pauseMs: everyMs ?? 0 };
    }
  }

  stops(): readonly Message[] {
    const key = this.options.profile.phoneStop;
    return key === null ? [] : [{ [key]: "StopAudio", AudioData: null, StopAudio: {} }];
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
  private readonly voice = new LiveAudio(PHONE_HZ);

  *audio(ms: number, part: Part): Generator<Frame> {
    for (const { data, text, ms: pieceMs, pauseMs } of this.voice.pieces(ms, part)) {
      const own = `{"kind":"AudioData","AudioData":{"data":"${data}"},"StopAudio":null}`;
      yield { texts: [own, text], ms: pieceMs, pauseMs };
    }
  }

  stops(): readonly Message[] {
    return [{ kind: "StopAudio", AudioData: null, StopAudio: {} }];
  }

  override audioEnd(part: Part): readonly Message[] {
    return this.voice.end(part);
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
    if (payload?.rate === LIVE_HZ) this.voice.rateHz = LIVE_HZ;
  }
}
