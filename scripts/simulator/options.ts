/** The simulator's command line: how the agent behaves, from flags and from a JSON profile; flags win. */

import { readFileSync } from "node:fs";
import { parseArgs } from "node:util";

import { type Delay, parseDelay } from "./random.ts";

/** What an agent does when it is interrupted: stops, stops late, or (with a chance) does not stop at all. */
export interface StopHabit {
  readonly lateMs: number;
  readonly neverChance: number;
}

/** How the agent behaves; durations in ms. */
export interface Behaviour {
  readonly seed: number;
  /** End of speech to user final; never less than `silenceMs`. */
  readonly sttMs: Delay;
  /** User final to reply text. */
  readonly llmMs: Delay;
  /** Reply text to first audio. */
  readonly ttsMs: Delay;
  readonly replyMs: Delay;
  /** 0: no greeting. */
  readonly greetingMs: number;
  /** Silence that ends an utterance. */
  readonly silenceMs: number;
  /** Speech that interrupts a reply. */
  readonly bargeMs: number;
  readonly sentences: number;
  readonly sentenceGapMs: number;
  /** How long a tool runs after the first sentence; 0: none does. */
  readonly toolMs: number;
  readonly stop: StopHabit;
  /** Audio all the time, whoever speaks. */
  readonly talksAlways: boolean;
  /** Answers while the caller is still speaking. */
  readonly answersEarly: boolean;
  /** Hears everything and never answers. */
  readonly mute: boolean;
  /** Chance that an envelope is lost. */
  readonly dropEnvelopes: number;
}

/** All that the command line says. */
export interface Options {
  readonly port: number;
  readonly truth: string | undefined;
  readonly behaviour: Behaviour;
}

/** Each flag: its default and its meaning; the help is printed from here. */
const FLAGS: Readonly<Record<string, readonly [fallback: string, help: string]>> = {
  port: ["8010", "port to listen on at 127.0.0.1; 0 takes a free one"],
  truth: ["", "file for the ground truth, one JSON line per turn and call"],
  profile: ["g5", 'g5, or a JSON file of flags such as {"llm-ms":"200..400"}'],
  "acs-pipeline": ["cascade", "pipeline of the phone wire"],
  seed: ["1", "seed of all chance"],
  "stt-ms": ["1400", "end of speech to user final; never less than silence-ms"],
  "llm-ms": ["200..400", "user final to reply text"],
  "tts-ms": ["p50:120,p95:400", "reply text to first audio"],
  "reply-ms": ["3000", "length of a reply's audio"],
  "greeting-ms": ["1500", "length of the greeting; 0: none"],
  "silence-ms": ["1300", "silence that ends an utterance"],
  "barge-ms": ["400", "speech that interrupts a reply"],
  sentences: ["1", "bursts that a reply comes in"],
  "sentence-gap-ms": ["0", "pause between sentences"],
  "tool-ms": ["0", "length of a tool call after the first sentence; 0: none"],
  stop: ["now", "now, late:MS, never or never:CHANCE"],
  talk: ["turns", "turns, or always: audio all the time"],
  "answer-early": ["false", "answer while the caller still speaks"],
  mute: ["false", "hear everything and never answer"],
  "drop-envelopes": ["0", "chance that an envelope is lost"],
};

const FLAG_OPTIONS = Object.fromEntries(
  Object.entries(FLAGS).map(([name, [fallback]]) => [
    name,
    { type: fallback === "false" ? "boolean" : "string" } as const,
  ]),
);

/** What `--help` prints. */
export function help(): string {
  const lines = Object.entries(FLAGS).map(
    ([name, [fallback, meaning]]) => `  --${name.padEnd(18)} ${meaning} (${fallback || "none"})`,
  );
  return ["The voice agent with known answers. A delay is 1400, 200..400 or p50:120,p95:400 (ms).", ...lines].join(
    "\n",
  );
}

/** Reads the command line. Throws one error that names every problem. */
export function readOptions(args: readonly string[]): Options | "help" {
  const parsed = parseArgs({ args: [...args], options: { ...FLAG_OPTIONS, help: { type: "boolean" } } });
  const values: Readonly<Record<string, unknown>> = parsed.values;
  if (values.help === true) return "help";
  const reader = new FlagReader({ ...profileFlags(String(values.profile ?? "g5")), ...values });
  const silenceMs = reader.number("silence-ms");
  const sttMs = reader.delay("stt-ms");
  const options: Options = {
    port: reader.number("port"),
    truth: reader.text("truth") || undefined,
    behaviour: {
      seed: reader.number("seed"),
      sttMs: { draw: (random) => Math.max(silenceMs, sttMs.draw(random)) },
      llmMs: reader.delay("llm-ms"),
      ttsMs: reader.delay("tts-ms"),
      replyMs: reader.delay("reply-ms"),
      greetingMs: reader.number("greeting-ms"),
      silenceMs,
      bargeMs: reader.number("barge-ms"),
      sentences: reader.number("sentences"),
      sentenceGapMs: reader.number("sentence-gap-ms"),
      toolMs: reader.number("tool-ms"),
      stop: reader.stop("stop"),
      talksAlways: reader.oneOf("talk", ["turns", "always"]) === "always",
      answersEarly: reader.text("answer-early") === "true",
      mute: reader.text("mute") === "true",
      dropEnvelopes: reader.number("drop-envelopes"),
    },
  };
  reader.oneOf("acs-pipeline", ["cascade"]);
  if (reader.problems.length > 0) throw new Error(reader.problems.join("\n"));
  return options;
}

/** A profile is a name that we know, or a JSON file of flags. */
function profileFlags(profile: string): Readonly<Record<string, unknown>> {
  if (profile === "g5") return {};
  if (!profile.endsWith(".json")) throw new Error(`--profile: expected g5 or a .json file, got "${profile}"`);
  const flags = JSON.parse(readFileSync(profile, "utf8")) as Record<string, unknown>;
  const unknown = Object.keys(flags).find((name) => !(name in FLAGS));
  if (unknown !== undefined) throw new Error(`${profile}: expected names of flags, got "${unknown}"`);
  return flags;
}

/** Reads flags one by one and collects what is wrong. */
class FlagReader {
  readonly problems: string[] = [];
  private readonly values: Readonly<Record<string, unknown>>;

  constructor(values: Readonly<Record<string, unknown>>) {
    this.values = values;
  }

  text(name: string): string {
    return String(this.values[name] ?? FLAGS[name]?.[0] ?? "");
  }

  number(name: string): number {
    const text = this.text(name);
    return /^\d+(\.\d+)?$/.test(text) ? Number(text) : this.wrong(name, "a number >= 0", 0);
  }

  delay(name: string): Delay {
    return parseDelay(this.text(name)) ?? this.wrong(name, "1400, 200..400 or p50:120,p95:400", { draw: () => 0 });
  }

  oneOf(name: string, words: readonly string[]): string {
    const text = this.text(name);
    return words.includes(text) ? text : this.wrong(name, words.join(" or "), "");
  }

  stop(name: string): StopHabit {
    const text = this.text(name);
    const [, late] = /^late:(\d+)$/.exec(text) ?? [];
    const [, chance] = /^never(?::(0?\.\d+|[01]))?$/.exec(text) ?? [];
    if (text === "now") return { lateMs: 0, neverChance: 0 };
    if (late !== undefined) return { lateMs: Number(late), neverChance: 0 };
    if (text.startsWith("never") && (text === "never" || chance !== undefined))
      return { lateMs: 0, neverChance: Number(chance ?? 1) };
    return this.wrong(name, "now, late:MS, never or never:CHANCE", { lateMs: 0, neverChance: 0 });
  }

  private wrong<T>(name: string, expected: string, fallback: T): T {
    this.problems.push(`--${name}: expected ${expected}, got "${this.text(name)}"`);
    return fallback;
  }
}
