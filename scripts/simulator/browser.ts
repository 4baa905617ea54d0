/** The browser wire: binary PCM from the caller, JSON text from the agent. */

import type { Message } from "./envelopes.ts";
import { voiceAt } from "./voice.ts";
import { type Frame, type Heard, livePieces, type Part, samplesOf, type Wire, type WireOptions } from "./wire.ts";

const CASCADE_HEARS_HZ = 16000;
const LIVE_HEARS_HZ = 24000;
const CASCADE_SPEAKS_HZ = 48000;

/** What cascade sends at once: 50 ms at 48 kHz. */
const FRAME_BYTES = 4800;

/** Makes the wire of one call. */
export function browserWire(options: WireOptions): Wire {
  return options.pipeline === "cascade" ? new CascadeBrowser(options) : new LiveBrowser(options);
}

abstract class Browser implements Wire {
  readonly name = "browser";
  abstract readonly hearsHz: number;
  get spokenHz(): number {
    return this.hearsHz;
  }

  protected readonly options: WireOptions;
  protected index = 0;

  constructor(options: WireOptions) {
    this.options = options;
  }

  abstract audio(ms: number, part: Part): Generator<Frame>;
  abstract stops(): readonly Message[];
  abstract audioEnd(part: Part): readonly Message[];
  protected abstract readText(text: string): Heard;
  protected firstAudio(): void {}

  read(data: Buffer, isBinary: boolean): Heard {
    if (!isBinary) {
      this.options.report("text_frame");
      return this.readText(data.toString("utf8"));
    }
    this.firstAudio();
    if (data.length !== (this.hearsHz / 50) * 2) this.options.report("frame_size");
    if (this.hearsHz === LIVE_HEARS_HZ && data.length === (CASCADE_HEARS_HZ / 50) * 2) this.options.report("rate_16k");
    return { type: "audio", samples: samplesOf(data) };
  }
}

class CascadeBrowser extends Browser {
  readonly hearsHz = CASCADE_HEARS_HZ;

  *audio(ms: number): Generator<Frame> {
    const voice = voiceAt(CASCADE_SPEAKS_HZ);
    const total = Math.ceil(voice.bytes(ms) / FRAME_BYTES);
    const streamed = this.options.profile.cascadeFrames === "streamed";
    for (let at = 0, left = voice.bytes(ms); left > 0; at += 1, left -= FRAME_BYTES) {
      const bytes = Math.min(left, FRAME_BYTES);
      const data = bytes === FRAME_BYTES ? voice.frame(bytes, this.index) : voice.piece(bytes, this.index);
      this.index += 1;
      const isFinal = streamed ? bytes < FRAME_BYTES : at === total - 1;
      const counted = { frame_index: at, total_frames: streamed ? 0 : total, is_final: isFinal };
      const text = JSON.stringify({ type: "audio_data", data, sample_rate: CASCADE_SPEAKS_HZ, ...counted });
      yield { texts: [text], ms: voice.ms(bytes), pauseMs: 0 };
    }
  }

  stops(): readonly Message[] {
    return this.options.profile.browserStop.map((action) => ({ type: "control", action, reason: "barge_in" }));
  }

  audioEnd(): readonly Message[] {
    return [];
  }

  /** On g2 every text is what a user typed; later, JSON objects are ignored and other JSON ends the session. */
  protected readText(text: string): Heard {
    if (this.options.profile.browserText === "a user turn") return { type: "text", text };
    const parsed = parse(text);
    if (parsed === undefined) return { type: "text", text };
    const isObject = typeof parsed === "object" && parsed !== null && !Array.isArray(parsed);
    if (!isObject || (parsed as { type?: unknown }).type === "stop") return { type: "hang up" };
    return { type: "nothing" };
  }
}

class LiveBrowser extends Browser {
  readonly hearsHz = LIVE_HEARS_HZ;
  private outputHz = CASCADE_HEARS_HZ;

  *audio(ms: number, { responseId, random }: Part): Generator<Frame> {
    for (const piece of livePieces(ms, random)) {
      const voice = voiceAt(this.outputHz);
      const data = voice.piece(voice.bytes(piece.ms), this.index);
      const frame = { type: "audio_data", frame_index: this.index, total_frames: null, sample_rate: this.outputHz };
      this.index += 1;
      yield { texts: [JSON.stringify({ ...frame, is_final: false, response_id: responseId, data })], ...piece };
    }
  }

  stops(): readonly Message[] {
    const why = { trigger: "voicelive_vad", at: "speech_started" };
    return [
      { type: "control", action: "tts_cancelled", ...why, energy: 123.4 },
      { type: "control", action: "audio_stop", ...why },
    ];
  }

  audioEnd({ responseId }: Part): readonly Message[] {
    const end = { type: "audio_data", frame_index: this.index - 1, total_frames: null, sample_rate: this.outputHz };
    return [{ ...end, is_final: true, response_id: responseId }];
  }

  /** The first binary frame switches the output rate. */
  protected override firstAudio(): void {
    this.outputHz = LIVE_HEARS_HZ;
  }

  protected readText(text: string): Heard {
    return parse(text) === undefined ? { type: "text", text } : { type: "nothing" };
  }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
