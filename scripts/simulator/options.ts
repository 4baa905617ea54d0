/** The simulator's command line: reads its flags and a JSON file of flags. A flag takes precedence over the file. */

import { parseArgs } from "node:util";

import { readTextFile } from "../run/text_file.ts";
import type { Behaviour, StopBehaviour } from "./behaviour.ts";
import { type FaultPlan, parseFaults } from "./faults.ts";
import { PROFILES, type Profile, type ProfileName } from "./profiles.ts";
import { type Delay, parseDelay } from "./random.ts";
import type { ServersOptions } from "./servers.ts";
import type { WhenBusy } from "./station.ts";
import type { Pipeline } from "./wire.ts";

/** The values of the command line. */
export interface Options {
  readonly port: number;
  readonly truth: string | undefined;
  readonly profile: Profile;
  readonly acsPipeline: Pipeline;
  /** Calls at the same time; one more is refused with 500. 0: any number. */
  readonly capacity: number;
  readonly servers: ServersOptions;
  /** The faults to inject, and how often. */
  readonly faults: readonly FaultPlan[];
  /** The files of a certificate and its key. With them, the server uses TLS (wss). */
  readonly tls: { readonly cert: string; readonly key: string } | null;
  /** Stop when standard input ends. */
  readonly untilStdinEnds: boolean;
  /** One per pipeline, because defaults differ. */
  readonly behaviour: Readonly<Record<Pipeline, Behaviour>>;
}

/** Each flag: its default, its help text, and VoiceLive's default where it differs. */
const FLAGS: Readonly<Record<string, readonly [fallback: string, help: string, voiceLiveFallback?: string]>> = {
  port: ["8010", "port to listen on at 127.0.0.1; 0 takes a free one"],
  truth: ["", "file for the ground truth, one JSON line per turn and call"],
  profile: ["g5", 'g2, g3, g5, or a JSON file of flags such as {"profile":"g2","llm-ms":"200..400"}'],
  "acs-pipeline": ["cascade", "cascade or voicelive: the pipeline of the phone wire"],
  seed: ["1", "seed of all random numbers"],
  "stt-ms": ["1400", "end of speech to user final; never less than silence-ms", "900"],
  "llm-ms": ["200..400", "user final to reply text"],
  "tts-ms": ["p50:120,p95:400", "reply text to first audio"],
  "lead-silence-ms": ["0", "silence that is sent in front of the words of a reply and of the greeting (a delay)"],
  silence: ["never", "never, or always: sends silence whenever it has nothing to say, 20 ms every 20 ms"],
  "comfort-noise": ["false", "silence is faint noise instead of zeros"],
  "reply-ms": ["3000", "length of a reply's audio"],
  "greeting-ms": ["1500", "length of the greeting; 0: none"],
  "silence-ms": ["1300", "silence that ends an utterance", "700"],
  "barge-ms": ["400", "speech that interrupts a reply", "100"],
  sentences: ["1", "bursts that a reply comes in, at least 1"],
  "sentence-gap-ms": ["0", "pause between sentences"],
  "tool-ms": ["0", "length of a tool call after the first sentence; 0: none"],
  stop: ["now", "now, late:MS, never or never:CHANCE (goes on talking), or none (stops, but sends no stop)"],
  talk: ["turns", "turns, or always: audio all the time"],
  "answer-early": ["false", "answer while the caller still speaks"],
  mute: ["false", "recognise all speech and never answer"],
  "drop-envelopes": ["0", "chance that an envelope is lost"],
  faults: [
    "",
    "faults of turns and calls, each with its chance: llm_429:0.2,close_4501:0.1,refuse_503; help lists them",
  ],
  capacity: ["0", "calls at the same time; one more is refused with 500; 0: any number"],
  servers: ["0", "recognitions at a time, and model calls at a time, over all calls; 0: any number"],
  "when-busy": ["queue", "queue, or throttle: what happens when all servers are busy (stt_throttle, llm_429)"],
  "slower-ms": ["0", "each model call makes all later ones this much slower: a leak"],
  "tls-cert": ["", "file of a certificate (PEM): the server uses TLS (wss)"],
  "tls-key": ["", "file of its key (PEM)"],
  "lose-stops": ["0", "chance that VoiceLive's stop to a browser is lost"],
  "until-stdin-ends": ["false", "stop when standard input ends: when the process that started the simulator is gone"],
};

const FLAG_OPTIONS = Object.fromEntries(
  Object.entries(FLAGS).map(([name, [fallback]]) => [
    name,
    { type: fallback === "false" ? "boolean" : "string" } as const,
  ]),
);

/** The text that `--help` prints. */
export function help(): string {
  const lines = Object.entries(FLAGS).map(([name, [fallback, text, voiceLive]]) => {
    const defaults = voiceLive === undefined ? fallback || "none" : `${fallback}, VoiceLive ${voiceLive}`;
    return `  --${name.padEnd(18)} ${text} (${defaults})`;
  });
  return ["The voice agent with known answers. A delay is 1400, 200..400 or p50:120,p95:400 (ms).", ...lines].join(
    "\n",
  );
}

/** Reads the command line. Throws one error that lists every wrong value. */
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
    servers: {
      count: reader.whole("servers", 0),
      whenBusy: reader.whenBusy(),
      slowerMs: reader.number("slower-ms"),
    },
    faults: reader.faults("faults"),
    tls: reader.tls(),
    untilStdinEnds: reader.isSet("until-stdin-ends"),
    acsPipeline: reader.oneOf("acs-pipeline", ["cascade", "voicelive"]) as Pipeline,
    behaviour: { cascade: readBehaviour(reader, "cascade"), voicelive: readBehaviour(reader, "voicelive") },
  };
  if (reader.problems.size > 0) throw new Error([...reader.problems].join("\n"));
  return options;
}

function readBehaviour(reader: FlagReader, pipeline: Pipeline): Behaviour {
  const silenceMs = reader.number("silence-ms", pipeline);
  const sttMs = reader.delay("stt-ms", pipeline);
  return {
    seed: reader.number("seed"),
    sttMs: { draw: (random) => Math.max(silenceMs, sttMs.draw(random)) },
    llmMs: reader.delay("llm-ms", pipeline),
    ttsMs: reader.delay("tts-ms", pipeline),
    leadSilenceMs: reader.delay("lead-silence-ms", pipeline),
    silenceAlways: reader.oneOf("silence", ["never", "always"]) === "always",
    comfortNoise: reader.comfortNoise(),
    replyMs: reader.delay("reply-ms", pipeline),
    greetingMs: reader.number("greeting-ms"),
    silenceMs,
    bargeMs: reader.number("barge-ms", pipeline),
    sentences: reader.whole("sentences", 1),
    sentenceGapMs: reader.number("sentence-gap-ms"),
    toolMs: reader.number("tool-ms"),
    stop: reader.stop("stop"),
    talksAlways: reader.oneOf("talk", ["turns", "always"]) === "always",
    answersEarly: reader.isSet("answer-early"),
    mute: reader.isSet("mute"),
    dropEnvelopeChance: reader.number("drop-envelopes"),
    loseStopChance: reader.number("lose-stops"),
  };
}

/** The flags that `--profile` stands for: itself when it is a name, or the content of a JSON file. */
function profileFlags(profile: string): Readonly<Record<string, unknown>> {
  if (!profile.endsWith(".json")) return { profile };
  const flags = JSON.parse(readTextFile(profile)) as Record<string, unknown>;
  const unknown = Object.keys(flags).find((name) => !(name in FLAGS));
  if (unknown !== undefined) throw new Error(`${profile}: expected names of flags, got "${unknown}"`);
  return flags;
}

/** Reads flags one by one and collects the problems. */
class FlagReader {
  readonly problems = new Set<string>();
  private readonly values: Readonly<Record<string, unknown>>;

  constructor(values: Readonly<Record<string, unknown>>) {
    this.values = values;
  }

  text(name: string, pipeline: Pipeline = "cascade"): string {
    const [fallback, , voiceLive] = FLAGS[name] ?? [""];
    return String(this.values[name] ?? (pipeline === "voicelive" ? voiceLive : undefined) ?? fallback);
  }

  isSet(name: string): boolean {
    return this.text(name) === "true";
  }

  number(name: string, pipeline?: Pipeline): number {
    const text = this.text(name, pipeline);
    return /^\d+(\.\d+)?$/.test(text) ? Number(text) : this.wrong(name, "a number >= 0", 0);
  }

  whole(name: string, least: number): number {
    const text = this.text(name);
    const isWhole = /^(0|[1-9]\d*)$/.test(text) && Number(text) >= least;
    return isWhole ? Number(text) : this.wrong(name, `a whole number >= ${least}`, least);
  }

  delay(name: string, pipeline: Pipeline): Delay {
    const delay = parseDelay(this.text(name, pipeline));
    return delay ?? this.wrong(name, "1400, 200..400 or p50:120,p95:400", { draw: () => 0 });
  }

  oneOf(name: string, words: readonly string[]): string {
    const text = this.text(name);
    return words.includes(text) ? text : this.wrong(name, words.join(" or "), words[0] ?? "");
  }

  stop(name: string): StopBehaviour {
    const text = this.text(name);
    const [, late] = /^late:(\d+)$/.exec(text) ?? [];
    const [, chance] = /^never:(0?\.\d+|[01])$/.exec(text) ?? [];
    const now = { lateMs: 0, neverChance: 0, silent: false };
    if (text === "now") return now;
    if (text === "none") return { ...now, silent: true };
    if (text === "never") return { ...now, neverChance: 1 };
    if (late !== undefined) return { ...now, lateMs: Number(late) };
    if (chance !== undefined) return { ...now, neverChance: Number(chance) };
    return this.wrong(name, "now, late:MS, never, never:CHANCE or none", now);
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

  /** Without silence to send, the noise would be in no message. */
  comfortNoise(): boolean {
    const isSet = this.isSet("comfort-noise");
    const isSilent = this.text("silence") !== "never" || this.text("lead-silence-ms") !== "0";
    return isSet && !isSilent
      ? this.wrong("comfort-noise", "--silence always or --lead-silence-ms beside it", true)
      : isSet;
  }

  /** Any number of servers is never busy. */
  whenBusy(): WhenBusy {
    const word = this.oneOf("when-busy", ["queue", "throttle"]) as WhenBusy;
    return word === "throttle" && this.text("servers") === "0"
      ? this.wrong("when-busy", "queue, or --servers beside it", word)
      : word;
  }

  private wrong<T>(name: string, expected: string, fallback: T): T {
    this.problems.add(`--${name}: expected ${expected}, got "${this.text(name)}"`);
    return fallback;
  }
}
