/**
 * The agent's side of Twilio Media Streams, bidirectional: it gets the caller's mu-law in `media`, and sends `media`, a `mark` behind
 * each sentence, and `clear` when it is interrupted. There are no envelopes, so nothing says what the agent has understood.
 */

import type { Message } from "./envelopes.ts";
import { mulawOf, samplesOfMulaw } from "./mulaw.ts";
import { type SoundName, soundAt } from "./sounds.ts";
import { type CallerMessage, CallWire, type OutgoingFrame, samplesOf } from "./wire.ts";

const TWILIO_HZ = 8000;

/** The length of the agent's `media`: a fifth of a second at once, as synthesis delivers it. */
const MEDIA_MS = 200;

/** Bytes of a caller's frame. */
const FRAME_BYTES = 160;

/** A mark may come back this much sooner than the audio before it has been played, in ms: callers answer once per frame. */
const MARK_EARLY_MS = 30;

/** The caller's messages, as far as the agent reads them. */
interface TwilioMessage {
  readonly event?: unknown;
  readonly sequenceNumber?: unknown;
  readonly streamSid?: unknown;
  readonly start?: { readonly streamSid?: unknown; readonly customParameters?: { readonly call_id?: unknown } };
  readonly media?: { readonly track?: unknown; readonly chunk?: unknown; readonly payload?: unknown };
  readonly mark?: { readonly name?: unknown };
  readonly dtmf?: { readonly track?: unknown; readonly digit?: unknown };
}

/** Twilio's wire on one call. */
export class TwilioWire extends CallWire {
  readonly name = "twilio";
  override readonly greetsOn = "metadata";
  readonly assumedHz = TWILIO_HZ;
  readonly defaultHz = TWILIO_HZ;
  private streamSid = "";
  private sequence = 0;
  private chunk = 0;
  private frames = 0;
  private marks = 0;
  /** When the audio before each mark will have been played, by the mark's name. */
  private readonly playedAtMs = new Map<string, number>();
  private playoutEndsAtMs = 0;

  read(data: Buffer, isBinary: boolean): CallerMessage {
    if (isBinary) return this.ignoreAnomaly("binary_frame");
    let message: TwilioMessage;
    try {
      message = JSON.parse(data.toString("utf8")) ?? {};
    } catch {
      return this.ignoreAnomaly("not_json");
    }
    if (message.event !== "connected") this.checkSequence(message);
    switch (message.event) {
      case "start":
        return this.readStart(message);
      case "media":
        return this.readMedia(message);
      case "mark":
        return this.readMark(String(message.mark?.name));
      case "dtmf":
        return this.readDtmf(message);
      case "connected":
      case "stop":
        return { type: "ignored" };
      default:
        return this.ignoreAnomaly("unknown_event");
    }
  }

  *audioFrames(durationMs: number): Generator<OutgoingFrame> {
    for (let leftMs = durationMs; leftMs > 0; leftMs -= MEDIA_MS) {
      this.frames += 1;
      yield this.media("voice", Math.min(leftMs, MEDIA_MS), this.frames, 0);
    }
    this.marks += 1;
    const name = `sentence_${this.marks}`;
    this.playedAtMs.set(name, this.playoutEndsAtMs);
    const mark = JSON.stringify({ event: "mark", streamSid: this.streamSid, mark: { name } });
    yield { texts: [mark], durationMs: 0, pauseMs: 0 };
  }

  quietFrame(durationMs: number): OutgoingFrame {
    this.frames += 1;
    return this.media(this.quietSound, durationMs, this.frames, durationMs);
  }

  /** The audio that waits is dropped, and its marks come back at once. */
  stopMessages(): readonly Message[] {
    this.playoutEndsAtMs = 0;
    for (const name of this.playedAtMs.keys()) this.playedAtMs.set(name, 0);
    return [{ event: "clear", streamSid: this.streamSid }];
  }

  override translate(message: Message): readonly Message[] {
    return "event" in message ? [message] : [];
  }

  private media(sound: SoundName, requestedMs: number, index: number, pauseMs: number): OutgoingFrame {
    const source = soundAt(sound, TWILIO_HZ);
    const pcm = Buffer.from(source.chunk(source.bytesOf(requestedMs), index), "base64");
    const payload = mulawOf(samplesOf(pcm)).toString("base64");
    const durationMs = source.durationMsOf(pcm.length);
    this.playoutEndsAtMs = Math.max(Date.now(), this.playoutEndsAtMs) + durationMs;
    const text = JSON.stringify({ event: "media", streamSid: this.streamSid, media: { payload } });
    return { texts: [text], durationMs, pauseMs };
  }

  private checkSequence({ sequenceNumber, streamSid }: TwilioMessage): void {
    this.sequence += 1;
    if (sequenceNumber !== String(this.sequence)) this.options.reportAnomaly("sequence_number");
    if (this.streamSid !== "" && streamSid !== this.streamSid) this.options.reportAnomaly("stream_sid");
  }

  private readStart({ start, streamSid }: TwilioMessage): CallerMessage {
    if (typeof streamSid !== "string" || start?.streamSid !== streamSid) return this.ignoreAnomaly("start");
    this.streamSid = streamSid;
    const callId = start.customParameters?.call_id;
    return { type: "metadata", rateHz: null, ...(typeof callId === "string" && { callId }) };
  }

  private readMedia({ media }: TwilioMessage): CallerMessage {
    this.chunk += 1;
    if (media?.chunk !== String(this.chunk) || media.track !== "inbound") this.options.reportAnomaly("chunk");
    const bytes = Buffer.from(String(media?.payload ?? ""), "base64");
    if (bytes.length !== FRAME_BYTES) this.options.reportAnomaly("frame_size");
    return { type: "audio", samples: samplesOfMulaw(bytes) };
  }

  private readDtmf({ dtmf }: TwilioMessage): CallerMessage {
    const digit = String(dtmf?.digit);
    if (!/^[\d*#]$/.test(digit) || dtmf?.track !== "inbound_track") return this.ignoreAnomaly("dtmf");
    return { type: "dtmf", digit };
  }

  private readMark(name: string): CallerMessage {
    const playedAtMs = this.playedAtMs.get(name);
    if (playedAtMs === undefined) return this.ignoreAnomaly("unknown_mark");
    this.playedAtMs.delete(name);
    return Date.now() < playedAtMs - MARK_EARLY_MS ? this.ignoreAnomaly("early_mark") : { type: "ignored" };
  }
}
