/** The browser wire: binary PCM from the caller, JSON text from the agent. */

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

const CASCADE_INPUT_HZ = 16000;
const CASCADE_OUTPUT_HZ = 48000;
const VOICELIVE_HZ = 24000;

/** The rate of VoiceLive's audio until the caller's first binary frame. */
const VOICELIVE_FIRST_OUTPUT_HZ = 16000;

/** Size of a frame of cascade: 50 ms at 48 kHz. */
const CASCADE_FRAME_BYTES = 4800;

/** Makes the browser wire of one call. */
export function browserWire(options: WireOptions): Wire {
  return options.pipeline === "cascade" ? new CascadeBrowserWire(options) : new VoiceLiveBrowserWire(options);
}

abstract class BrowserWire extends CallWire {
  readonly name = "browser";
  override readonly greetsOn = "connect";
  get defaultHz(): number {
    return this.assumedHz;
  }

  protected abstract readText(text: string): CallerMessage;
  protected onBinaryFrame(): void {}

  read(data: Buffer, isBinary: boolean): CallerMessage {
    const { reportAnomaly } = this.options;
    if (!isBinary) {
      reportAnomaly("text_frame");
      return this.readText(data.toString("utf8"));
    }
    this.onBinaryFrame();
    if (data.length !== (this.assumedHz / 50) * 2) reportAnomaly("frame_size");
    if (this.assumedHz === VOICELIVE_HZ && data.length === (CASCADE_INPUT_HZ / 50) * 2) reportAnomaly("rate_16k");
    return { type: "audio", samples: samplesOf(data) };
  }
}

class CascadeBrowserWire extends BrowserWire {
  readonly assumedHz = CASCADE_INPUT_HZ;
  private readonly source = new CascadeAudio(CASCADE_OUTPUT_HZ, this.quietSound);
  private quietFrames = 0;

  *audioFrames(durationMs: number): Generator<OutgoingFrame> {
    const total = this.source.count(durationMs, CASCADE_FRAME_BYTES);
    const isStreamed = this.options.profile.cascadeBrowserFrames === "streamed";
    let index = 0;
    for (const frame of this.source.frames(durationMs, CASCADE_FRAME_BYTES)) {
      const isFinal = isStreamed ? !frame.isWhole : index === total - 1;
      const numbers = { frame_index: index, total_frames: isStreamed ? 0 : total, is_final: isFinal };
      index += 1;
      yield { texts: [cascadeText(frame.data, numbers)], durationMs: frame.durationMs, pauseMs: 0 };
    }
  }

  /** It is in no sentence, so it has no total. */
  quietFrame(requestedMs: number): OutgoingFrame {
    const index = this.quietFrames++;
    const { data, durationMs } = this.source.quietFrame(requestedMs, index);
    const numbers = { frame_index: index, total_frames: 0, is_final: false };
    return { texts: [cascadeText(data, numbers)], durationMs, pauseMs: durationMs };
  }

  stopMessages(): readonly Message[] {
    return this.options.profile.cascadeBrowserStop.map((action) => ({ type: "control", action, reason: "barge_in" }));
  }

  /**
   * On g2 every text is typed by the caller. Later, JSON objects are ignored (but for one of type `stop`), and every other JSON
   * value ends the session.
   */
  protected readText(text: string): CallerMessage {
    if (this.options.profile.cascadeBrowserText === "a user turn") return { type: "text", text };
    const parsed = parse(text);
    if (parsed === undefined) return { type: "text", text };
    const isObject = typeof parsed === "object" && parsed !== null && !Array.isArray(parsed);
    if (!isObject || (parsed as { type?: unknown }).type === "stop") return { type: "hangUp" };
    return { type: "ignored" };
  }
}

class VoiceLiveBrowserWire extends BrowserWire {
  readonly assumedHz = VOICELIVE_HZ;
  private readonly source = new VoiceLiveAudio(VOICELIVE_FIRST_OUTPUT_HZ, this.quietSound);

  *audioFrames(durationMs: number, context: ResponseContext): Generator<OutgoingFrame> {
    for (const chunk of this.source.chunks(durationMs, context)) {
      yield { texts: [chunk.text], durationMs: chunk.durationMs, pauseMs: chunk.pauseMs };
    }
  }

  quietFrame(requestedMs: number, context: ResponseContext | null): OutgoingFrame {
    const { durationMs, pauseMs, text } = this.source.quietChunk(requestedMs, context);
    return { texts: [text], durationMs, pauseMs };
  }

  stopMessages(): readonly Message[] {
    const context = { trigger: "voicelive_vad", at: "speech_started" };
    return [
      { type: "control", action: "tts_cancelled", ...context, energy: 123.4 },
      { type: "control", action: "audio_stop", ...context },
    ];
  }

  override audioEndMessages(context: ResponseContext): readonly Message[] {
    return [this.source.endMarker(context)];
  }

  /** The first binary frame switches the output rate. */
  protected override onBinaryFrame(): void {
    this.source.rateHz = VOICELIVE_HZ;
  }

  /** JSON is ignored; every other text is typed by the caller. */
  protected readText(text: string): CallerMessage {
    return parse(text) === undefined ? { type: "text", text } : { type: "ignored" };
  }
}

function cascadeText(data: string, numbers: Message): string {
  return JSON.stringify({ type: "audio_data", data, sample_rate: CASCADE_OUTPUT_HZ, ...numbers });
}

/** The JSON value of a text, or undefined when the text is no JSON. */
function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
