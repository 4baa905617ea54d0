/** The browser wire: binary PCM from the caller, JSON text from the agent. */

import { CascadeAudio, LiveAudio } from "./audio_frames.ts";
import type { Message } from "./envelopes.ts";
import { CallWire, type Frame, type Heard, type Part, samplesOf, type Wire, type WireOptions } from "./wire.ts";

const CASCADE_HEARS_HZ = 16000;
const LIVE_HEARS_HZ = 24000;
const CASCADE_SPEAKS_HZ = 48000;

/** What cascade sends at once: 50 ms at 48 kHz. */
const FRAME_BYTES = 4800;

/** Makes the wire of one call. */
export function browserWire(options: WireOptions): Wire {
  return options.pipeline === "cascade" ? new CascadeBrowser(options) : new LiveBrowser(options);
}

abstract class Browser extends CallWire {
  readonly name = "browser";
  get spokenHz(): number {
    return this.hearsHz;
  }

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
  private readonly voice = new CascadeAudio(CASCADE_SPEAKS_HZ);

  *audio(ms: number): Generator<Frame> {
    const total = this.voice.count(ms, FRAME_BYTES);
    const streamed = this.options.profile.cascadeFrames === "streamed";
    let at = 0;
    for (const { data, isWhole, ms: frameMs } of this.voice.frames(ms, FRAME_BYTES)) {
      const isFinal = streamed ? !isWhole : at === total - 1;
      const counted = { frame_index: at, total_frames: streamed ? 0 : total, is_final: isFinal };
      at += 1;
      const text = JSON.stringify({ type: "audio_data", data, sample_rate: CASCADE_SPEAKS_HZ, ...counted });
      yield { texts: [text], ms: frameMs, pauseMs: 0 };
    }
  }

  stops(): readonly Message[] {
    return this.options.profile.browserStop.map((action) => ({ type: "control", action, reason: "barge_in" }));
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
  private readonly voice = new LiveAudio(CASCADE_HEARS_HZ);

  *audio(ms: number, part: Part): Generator<Frame> {
    for (const { text, ms: pieceMs, pauseMs } of this.voice.pieces(ms, part)) {
      yield { texts: [text], ms: pieceMs, pauseMs };
    }
  }

  stops(): readonly Message[] {
    const why = { trigger: "voicelive_vad", at: "speech_started" };
    return [
      { type: "control", action: "tts_cancelled", ...why, energy: 123.4 },
      { type: "control", action: "audio_stop", ...why },
    ];
  }

  override audioEnd(part: Part): readonly Message[] {
    return this.voice.end(part);
  }

  /** The first binary frame switches the output rate. */
  protected override firstAudio(): void {
    this.voice.rateHz = LIVE_HEARS_HZ;
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
