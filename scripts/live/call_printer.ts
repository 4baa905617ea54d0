/** Tells a call while it goes: one line for each thing that happens, with the time since the call was dialled. */

import type { Event } from "../../lib/conversation/event.ts";
import { QUIET } from "../../lib/conversation/slot.ts";
import { faultName } from "../../lib/conversation/turn.ts";
import type { Codec } from "../../lib/wire/codec.ts";

/** Who did it. */
type Who = "caller" | "agent" | "wrong" | "result";

const COLOURS: Readonly<Record<Who, number>> = { caller: 36, agent: 32, wrong: 31, result: 1 };

/** What each event is called; audio is told by its beginning and its end. */
const WORDS: Partial<Record<Event["type"], string>> = {
  stop: "says stop",
  cancelled: "says that its reply was cancelled",
  userFinal: "has understood the caller",
  replyText: "sends text of its reply",
  replyEnd: "says that its reply is complete",
  toolStart: "starts a tool",
  toolEnd: "ends a tool",
};

/** What a teller is made with. */
export interface TellerParts {
  readonly print: (line: string) => void;
  /** True on a terminal. */
  readonly colour: boolean;
  /** True when what is said may be shown. */
  readonly transcripts: boolean;
  /** Audio that pauses longer than this is told as ended, in ms. */
  readonly quietMs: number;
  /** The clock of the call, in ms. */
  readonly now: () => number;
}

/** Tells one call. */
export class Teller {
  private readonly parts: TellerParts;
  private audioMs = 0;
  private audioFrames = 0;
  private lastAudioAtMs = 0;
  private lastWords = "";

  constructor(parts: TellerParts) {
    this.parts = parts;
  }

  /** Prints one line. */
  tell(who: Who, words: string): void {
    this.lastWords = words;
    const { colour, now, print } = this.parts;
    const at = `${(now() / 1000).toFixed(3).padStart(8)} s`;
    const line = `${at}  ${who === "wrong" ? "" : who.padEnd(7)}${words}`;
    print(colour ? `\u001b[${COLOURS[who]}m${line}\u001b[0m` : line);
  }

  /** A codec that tells what passes through it. `spoken` gives the name and the frames of what is being said. */
  over(codec: Codec, spoken: () => { readonly name: string; readonly frames: number }): Codec {
    let left = 0;
    return {
      open: (epochMs) => codec.open(epochMs),
      setPiece: (packed, firstFrame) => {
        if (left === 0) {
          const { frames, name } = spoken();
          left = frames;
          this.tell("caller", `speaks ${name}`);
        }
        codec.setPiece(packed, firstFrame);
      },
      send: (frame, epochMs) => {
        codec.send(frame, epochMs);
        if (frame !== QUIET) left -= 1;
        if (frame !== QUIET && left === 0) this.tell("caller", "has finished speaking");
        this.tellQuiet();
      },
      decode: (message) => {
        const events = codec.decode(message);
        for (const event of events) this.tellEvent(event);
        if (!events.some(({ type }) => type === "audio")) this.tellText(message, events.length);
        return events;
      },
    };
  }

  private tellEvent(event: Event): void {
    if (event.type === "audio") {
      if (this.audioFrames === 0) this.tell("agent", "begins to speak");
      this.audioMs += event.ms;
      this.audioFrames += 1;
      this.lastAudioAtMs = this.parts.now();
    } else if (event.type === "fault") this.tell("wrong", `fault  ${faultName(event.fault)} ${event.fault.code}`);
    else if (WORDS[event.type] !== undefined) this.tell("agent", WORDS[event.type] ?? "");
  }

  private tellQuiet(): void {
    if (this.audioFrames === 0 || this.parts.now() - this.lastAudioAtMs < this.parts.quietMs) return;
    this.tell("agent", `sent ${(this.audioMs / 1000).toFixed(2)} s of audio in ${this.audioFrames} messages`);
    this.audioFrames = 0;
    this.audioMs = 0;
  }

  /** Names a message that means nothing to the caller; shows what was said only where that was asked for. */
  private tellText(message: string, events: number): void {
    const parsed = parse(message);
    const payload = objectOf(parsed.payload);
    const kind = [payload.event_type, payload.type, parsed.kind, parsed.type].find((name) => typeof name === "string");
    const words = `sends ${String(kind)}`;
    // Partials come three times a second: one of a row of the same is enough.
    const isNews = words !== this.lastWords && !SILENT.has(String(kind));
    if (events === 0 && kind !== undefined && isNews) this.tell("agent", words);
    if (!this.parts.transcripts) return;
    const data = objectOf(payload.data);
    const places = [
      payload.message,
      payload.content,
      payload.text,
      data.transcript,
      data.text,
      parsed.content,
      parsed.text,
    ];
    const text = places.find((value) => typeof value === "string" && value.trim() !== "");
    if (text !== undefined) this.tell("agent", `  "${String(text)}"`);
  }
}

/** Messages whose every coming would drown the rest. */
const SILENT: ReadonlySet<string> = new Set(["audio_data", "AudioData"]);

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
