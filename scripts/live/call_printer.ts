/** Prints a call while it runs: one line per event, with the time since the dial. */

import type { Event, Fault } from "../../lib/conversation/event.ts";
import { QUIET } from "../../lib/conversation/slot.ts";
import { faultName } from "../../lib/conversation/turn.ts";
import type { Codec } from "../../lib/wire/codec.ts";

/** What a line is about: an action of the caller or the agent, a fault or a failed turn, or a result. */
type LineKind = "caller" | "agent" | "problem" | "result";

/** ANSI colour codes. */
const COLOURS: Readonly<Record<LineKind, number>> = { caller: 36, agent: 32, problem: 31, result: 1 };

/** The text for each type of event. Audio has none: only its begin and its end are printed. */
const EVENT_TEXTS: Partial<Record<Event["type"], string>> = {
  stop: "says stop",
  cancelled: "says that its reply was cancelled",
  userFinal: "has understood the caller",
  replyText: "sends text of its reply",
  replyEnd: "says that its reply is complete",
  toolStart: "starts a tool",
  toolEnd: "ends a tool",
};

/** Messages of audio are too frequent to be printed. */
const AUDIO_KINDS: ReadonlySet<string> = new Set(["audio_data", "audiodata"]);

/** How a call is printed. */
export interface CallPrinterOptions {
  readonly writeLine: (line: string) => void;
  /** Masks secrets in a text: the agent may quote the URL or a header. */
  readonly mask: (text: string) => string;
  /** True: lines are coloured for a terminal. */
  readonly colour: boolean;
  /** True: the texts of messages are printed too. */
  readonly transcripts: boolean;
  /** Audio counts as ended after a pause longer than this, in ms. */
  readonly quietMs: number;
  /** The clock of the call, in ms. */
  readonly now: () => number;
}

/** Prints one call. */
export class CallPrinter {
  private readonly options: CallPrinterOptions;
  private audioMs = 0;
  /** The silence that was sent since the last audible audio, or since the caller has finished speaking. */
  private silenceMs = 0;
  private audioMessages = 0;
  private lastAudioAtMs = 0;
  private lastText = "";

  constructor(options: CallPrinterOptions) {
    this.options = options;
  }

  /** Prints one line. */
  print(kind: LineKind, text: string): void {
    this.lastText = text;
    const { colour, mask, now, writeLine } = this.options;
    const at = `${(now() / 1000).toFixed(3).padStart(8)} s`;
    const line = `${at}  ${kind === "problem" ? "" : kind.padEnd(7)}${mask(text)}`;
    writeLine(colour ? `\u001b[${COLOURS[kind]}m${line}\u001b[0m` : line);
  }

  /**
   * Wraps a codec so that everything it sends and decodes is printed. `spoken` gives the utterance that is being
   * sent.
   */
  wrapCodec(codec: Codec, spoken: () => { readonly name: string; readonly frames: number }): Codec {
    let framesLeft = 0;
    return {
      open: (epochMs) => codec.open(epochMs),
      close: () => codec.close?.(),
      setPiece: (packed, firstFrame) => {
        if (framesLeft === 0) {
          const { frames, name } = spoken();
          framesLeft = frames;
          this.print("caller", `speaks ${name}`);
        }
        const digits = [...packed.matchAll(/,\d+:(.)/g)].map((match) => match[1]).join("");
        if (digits !== "") this.print("caller", `presses ${digits}`);
        codec.setPiece(packed, firstFrame);
      },
      send: (frame, epochMs) => {
        codec.send(frame, epochMs);
        if (frame !== QUIET) framesLeft -= 1;
        if (frame !== QUIET && framesLeft === 0) {
          this.silenceMs = 0;
          this.print("caller", "has finished speaking");
        }
        this.printAudioEnd();
      },
      decode: (message) => {
        const events = codec.decode(message);
        for (const event of events) this.printEvent(event);
        if (!events.some(({ type }) => type === "audio" || type === "silence"))
          this.printMessage(message, events.length);
        return events;
      },
    };
  }

  private printEvent(event: Event): void {
    const text = EVENT_TEXTS[event.type];
    if (event.type === "audio") this.printAudio(event.ms, event.leadMs ?? 0);
    else if (event.type === "silence") this.silenceMs += event.ms;
    else if (event.type === "fault") this.print("problem", `fault  ${faultName(event.fault)} ${describe(event.fault)}`);
    else if (text !== undefined) this.print("agent", text);
  }

  /** Silence within what the agent says is part of it; in front of it, it is told apart. */
  private printAudio(ms: number, leadMs: number): void {
    if (this.audioMessages === 0) {
      const lead = Math.round(this.silenceMs + leadMs);
      this.print(
        "agent",
        lead === 0 ? "begins to speak" : `begins to speak, after ${lead} ms of silence sent as audio`,
      );
    } else {
      this.audioMs += this.silenceMs;
    }
    this.silenceMs = 0;
    this.audioMs += ms;
    this.audioMessages += 1;
    this.lastAudioAtMs = this.options.now();
  }

  private printAudioEnd(): void {
    if (this.audioMessages === 0 || this.options.now() - this.lastAudioAtMs < this.options.quietMs) return;
    this.print("agent", `sent ${(this.audioMs / 1000).toFixed(2)} s of audio in ${this.audioMessages} messages`);
    this.audioMessages = 0;
    this.audioMs = 0;
  }

  /** Prints the type of a message without events, and the text in any message where `transcripts` is set. */
  private printMessage(message: string, eventCount: number): void {
    const parsed = parse(message);
    const payload = objectOf(parsed.payload);
    const kind = [payload.event_type, payload.type, parsed.kind, parsed.type].find((name) => typeof name === "string");
    const line = `sends ${String(kind)}`;
    // Partials arrive three times a second: of consecutive messages of one type only the first is printed.
    const isNew = line !== this.lastText && !AUDIO_KINDS.has(String(kind).toLowerCase());
    if (eventCount === 0 && kind !== undefined && isNew) this.print("agent", line);
    if (!this.options.transcripts) return;
    const data = objectOf(payload.data);
    const candidates = [
      payload.message,
      payload.content,
      payload.text,
      data.transcript,
      data.text,
      parsed.content,
      parsed.text,
    ];
    const text = candidates.find((value) => typeof value === "string" && value.trim() !== "");
    if (text !== undefined) this.print("agent", `  "${String(text)}"`);
  }
}

function describe(fault: Fault): string {
  if (fault.kind !== "notice" || fault.unread === undefined) return fault.code;
  return `${fault.unread.name} ${fault.unread.shape}`;
}

function parse(message: string): Readonly<Record<string, unknown>> {
  try {
    return objectOf(JSON.parse(message));
  } catch {
    return {};
  }
}

function objectOf(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : {};
}
