/** The simulator's command line: how the agent behaves, from flags and from a JSON profile; flags win. */

import { readFileSync } from "node:fs";
import { parseArgs } from "node:util";

import { type FaultPlan, parseFaults } from "./faults.ts";
import { PROFILES, type Profile, type ProfileName } from "./profiles.ts";
import { type Delay, parseDelay } from "./random.ts";
import type { Pipeline } from "./wire.ts";

/** What an agent does when it is interrupted. */
export interface StopHabit {
  /** It stops so much later, in ms. */
  readonly lateMs: number;
  /** It does not stop at all, with this chance. */
  readonly neverChance: number;
  /** It stops and says nothing of it. */
  readonly silent: boolean;
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
  /** 0: no greeting; infinite: it never ends. */
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
  /** Chance that VoiceLive's stop to a browser is lost, as it is in a race on g2. */
  readonly loseStops: number;
}

/** All that the command line says. */
export interface Options {
  readonly port: number;
  readonly truth: string | undefined;
  readonly profile: Profile;
  readonly acsPipeline: Pipeline;
  /** Calls at the same time; one more is answered with 500. 0: any number. */
  readonly capacity: number;
  /** What goes wrong, and how often. */
  readonly faults: readonly FaultPlan[];
  /** Files of a certificate and its key, both or none: with them the simulator speaks wss. */
  readonly tls: { readonly cert: string; readonly key: string } | null;
  /** Stops when nobody holds its standard input any more. */
  readonly untilStdinEnds: boolean;
  /** Defaults differ by pipeline. */
  readonly behaviour: Readonly<Record<Pipeline, Behaviour>>;
}

/** Each flag: its default, its meaning, and VoiceLive's default where it is another. */
const FLAGS: Readonly<Record<string, readonly [fallback: string, help: string, live?: string]>> = {
  port: ["8010", "port to listen on at 127.0.0.1; 0 takes a free one"],
  truth: ["", "file for the ground truth, one JSON line per turn and call"],
  profile: ["g5", 'g2, g3, g5, or a JSON file of flags such as {"profile":"g2","llm-ms":"200..400"}'],
  "acs-pipeline": ["cascade", "cascade or voicelive: the pipeline of the phone wire"],
  seed: ["1", "seed of all chance"],
  "stt-ms": ["1400", "end of speech to user final; never less than silence-ms", "900"],
  "llm-ms": ["200..400", "user final to reply text"],
  "tts-ms": ["p50:120,p95:400", "reply text to first audio"],
  "reply-ms": ["3000", "length of a reply's audio"],
  "greeting-ms": ["1500", "length of the greeting; 0: none"],
  "silence-ms": ["1300", "silence that ends an utterance", "700"],
  "barge-ms": ["400", "speech that interrupts a reply", "100"],
  sentences: ["1", "bursts that a cascade reply comes in"],
  "sentence-gap-ms": ["0", "pause between sentences"],
  "tool-ms": ["0", "length of a tool call after the first sentence; 0: none"],
  stop: ["now", "now, late:MS, never or never:CHANCE (goes on talking), or none (stops and says nothing)"],
  talk: ["turns", "turns, or always: audio all the time"],
  "answer-early": ["false", "answer while the caller still speaks"],
  mute: ["false", "hear everything and never answer"],
  "drop-envelopes": ["0", "chance that an envelope is lost"],
  faults: ["", "what goes wrong in turns and calls and how often, such as llm_429:0.2,close_4501:0.1,refuse_503"],
  capacity: ["0", "calls at the same time; one more is answered with 500; 0: any number"],
  "tls-cert": ["", "file of a certificate (PEM): the simulator speaks wss"],
  "tls-key": ["", "file of its key (PEM)"],
  "lose-stops": ["0", "chance that VoiceLive's stop to a browser is lost"],
  "until-stdin-ends": ["false", "stop when standard input ends, as it does when whoever started this is gone"],
};

const FLAG_OPTIONS = Object.fromEntries(
  Object.entries(FLAGS).map(([name, [fallback]]) => [
    name,
    { type: fallback === "false" ? "boolean" : "string" } as const,
  ]),
);

/** What `--help` prints. */
export function help(): string {
  const lines = Object.entries(FLAGS).map(([name, [fallback, meaning, live]]) => {
    const defaults = live === undefined ? fallback || "none" : `${fallback}, VoiceLive ${live}`;
    return `  --${name.padEnd(18)} ${meaning} (${defaults})`;
  });
  return ["The voice agent with known answers. A delay is 1400, 200..400 or p50:120,p95:400 (ms).", ...lines].join(
    "\n",
  );
}

/** Reads the command line. Throws one error that names every problem. */
export function readOptions(args: readonly string[]): Options | "help" {
  const parsed = parseArgs({ args: [...args], options: { ...FLAG_OPTIONS, help: { type: "boolean" } } });
  const values: Readonly<Record<string, unknown>> = parsed.values;
  if (values.help === true) return "help";
  const { profile = "g5", ...others } = values;
  const reader = new FlagReader({ ...profileFlags(String(profile)), ...others });
  const options: Options = {
    port: reader.number("port"),
    truth: reader.text("truth") || undefined,
    profile: PROFILES[reader.oneOf("profile", Object.keys(PROFILES)) as ProfileName],
    capacity: reader.number("capacity"),
    faults: reader.faults("faults"),
    tls: reader.tls(),
    untilStdinEnds: reader.text("until-stdin-ends") === "true",
    acsPipeline: reader.oneOf("acs-pipeline", ["cascade", "voicelive"]) as Pipeline,
    behaviour: { cascade: readBehaviour(reader, "cascade"), voicelive: readBehaviour(reader, "voicelive") },
  };
  if (reader.problems.size > 0) throw new Error([...reader.problems].join("\n"));
  return options;
}

function readBehaviour(reader: FlagReader, pipeline: Pipeline): Behaviour {
  const of = (name: string) => reader.text(name, pipeline);
  const silenceMs = reader.number("silence-ms", pipeline);
  const sttMs = reader.delay("stt-ms", pipeline);
  return {
    seed: reader.number("seed"),
    sttMs: { draw: (random) => Math.max(silenceMs, sttMs.draw(random)) },
    llmMs: reader.delay("llm-ms", pipeline),
    ttsMs: reader.delay("tts-ms", pipeline),
    replyMs: reader.delay("reply-ms", pipeline),
    greetingMs: reader.number("greeting-ms"),
    silenceMs,
    bargeMs: reader.number("barge-ms", pipeline),
    sentences: reader.number("sentences"),
    sentenceGapMs: reader.number("sentence-gap-ms"),
    toolMs: reader.number("tool-ms"),
    stop: reader.stop("stop"),
    talksAlways: reader.oneOf("talk", ["turns", "always"]) === "always",
    answersEarly: of("answer-early") === "true",
    mute: of("mute") === "true",
    dropEnvelopes: reader.number("drop-envelopes"),
    loseStops: reader.number("lose-stops"),
  };
}

/** A profile is a name that we know, or a JSON file of flags. */
function profileFlags(profile: string): Readonly<Record<string, unknown>> {
  if (!profile.endsWith(".json")) return { profile };
  const flags = JSON.parse(readFileSync(profile, "utf8")) as Record<string, unknown>;
  const unknown = Object.keys(flags).find((name) => !(name in FLAGS));
  if (unknown !== undefined) throw new Error(`${profile}: expected names of flags, got "${unknown}"`);
  return flags;
}

/** Reads flags one by one and collects what is wrong. */
class FlagReader {
  readonly problems = new Set<string>();
  private readonly values: Readonly<Record<string, unknown>>;

  constructor(values: Readonly<Record<string, unknown>>) {
    this.values = values;
  }

  text(name: string, pipeline: Pipeline = "cascade"): string {
    const [fallback, , live] = FLAGS[name] ?? [""];
    return String(this.values[name] ?? (pipeline === "voicelive" ? live : undefined) ?? fallback);
  }

  number(name: string, pipeline?: Pipeline): number {
    const text = this.text(name, pipeline);
    return /^\d+(\.\d+)?$/.test(text) ? Number(text) : this.wrong(name, "a number >= 0", 0);
  }

  delay(name: string, pipeline: Pipeline): Delay {
    const delay = parseDelay(this.text(name, pipeline));
    return delay ?? this.wrong(name, "1400, 200..400 or p50:120,p95:400", { draw: () => 0 });
  }

  oneOf(name: string, words: readonly string[]): string {
    const text = this.text(name);
    return words.includes(text) ? text : this.wrong(name, words.join(" or "), words[0] ?? "");
  }

  stop(name: string): StopHabit {
    const text = this.text(name);
    const [, late] = /^late:(\d+)$/.exec(text) ?? [];
    const [, chance] = /^never:(0?\.\d+|[01])$/.exec(text) ?? [];
    const habit = { lateMs: 0, neverChance: 0, silent: false };
    if (text === "now") return habit;
    if (text === "none") return { ...habit, silent: true };
    if (text === "never") return { ...habit, neverChance: 1 };
    if (late !== undefined) return { ...habit, lateMs: Number(late) };
    if (chance !== undefined) return { ...habit, neverChance: Number(chance) };
    return this.wrong(name, "now, late:MS, never, never:CHANCE or none", habit);
  }

  faults(name: string): readonly FaultPlan[] {
    const plans = parseFaults(this.text(name));
    if (typeof plans !== "string") return plans;
    this.problems.add(`--${name}: ${plans}`);
    return [];
  }

  tls(): Options["tls"] {
    const [cert, key] = [this.text("tls-cert"), this.text("tls-key")];
    if (cert === "" && key === "") return null;
    if (cert !== "" && key !== "") return { cert, key };
    return this.wrong(cert === "" ? "tls-cert" : "tls-key", "a file beside the other one", null);
  }

  private wrong<T>(name: string, expected: string, fallback: T): T {
    this.problems.add(`--${name}: expected ${expected}, got "${this.text(name)}"`);
    return fallback;
  }
}
