/**
 * Fills a folder with what callers say. What the folder holds already is kept, under whatever name; the rest is spoken,
 * a few lines at once; the manifest always names exactly the files that are good, whenever it ends.
 */

import { mkdir, readdir, rm } from "node:fs/promises";
import { join } from "node:path";

import type { Line } from "./conversations.ts";
import { SpeechFailure } from "./failure.ts";
import {
  contentSha256,
  describe,
  type ManifestEntry,
  readManifest,
  readSpoken,
  replaceFile,
  type Spoken,
  writeManifest,
} from "./manifest.ts";
import type { Patience } from "./retry.ts";
import type { Voice } from "./voice.ts";

/** What a generation is made of. */
export interface GenerationParts {
  readonly lines: readonly Line[];
  readonly folder: string;
  readonly voice: Voice;
  /** Other voices whose utterances are kept where there are any, by what the manifest calls them. */
  readonly alsoGood: (line: Line) => string | null;
  /** The conversations to speak; none: all. The others are kept as they are. */
  readonly conversations: readonly string[];
  readonly concurrency: number;
  readonly patience: Patience;
  readonly signal: AbortSignal;
  /** Hears of every utterance as soon as it is there, and of every failure that is followed by another attempt. */
  readonly told: (news: News) => void;
}

/** Something that happened while a folder was filled. */
export type News =
  | { readonly type: "spoken"; readonly entry: ManifestEntry }
  | { readonly type: "again"; readonly file: string; readonly waitSec: number; readonly why: string };

/** An utterance that is not there, and why. */
export interface Missing {
  readonly file: string;
  readonly writtenAt: string;
  readonly why: string;
}

/** What a folder holds afterwards. */
export interface Generated {
  readonly entries: readonly ManifestEntry[];
  /** The files that were spoken now. */
  readonly spoken: readonly string[];
  readonly missing: readonly Missing[];
  /** Conversations that the voice cannot speak, and why. */
  readonly skipped: ReadonlyMap<string, string>;
}

/** Fills one folder. */
export class Generation {
  private readonly parts: GenerationParts;
  private readonly entries = new Map<string, ManifestEntry>();
  private readonly spoken: string[] = [];
  private readonly missing: Missing[] = [];
  private readonly skipped = new Map<string, string>();
  private readonly halt = new AbortController();
  private writing: Promise<void> = Promise.resolve();

  constructor(parts: GenerationParts) {
    this.parts = parts;
  }

  /** Never rejects for what a voice does: that is in `missing`. Rejects when a line is wrong, or the folder unwritable. */
  async run(): Promise<Generated> {
    const { folder, lines } = this.parts;
    await mkdir(folder, { recursive: true });
    const todo = await this.keep(lines.map((line, index) => ({ line, file: fileOf(index) })));
    await this.save();
    const queue = [...todo];
    const worker = async () => {
      for (let next = queue.shift(); next !== undefined; next = queue.shift()) await this.speak(next.line, next.file);
    };
    await Promise.all(Array.from({ length: this.parts.concurrency }, worker));
    if (this.missing.length === 0) await this.removeOthers();
    const { spoken, missing, skipped } = this;
    return { entries: this.inOrder(), spoken, missing, skipped };
  }

  /** Keeps what is good, and returns what is to be spoken. Files are read before any is written: names may swap. */
  private async keep(wanted: readonly { line: Line; file: string }[]): Promise<{ line: Line; file: string }[]> {
    const { folder, voice, alsoGood } = this.parts;
    const before = await readManifest(folder);
    if (before.some(({ text }) => text === undefined)) {
      throw new Error(`PCM_DIR: expected a folder of its own, got ${folder}, whose manifest is of foreign files`);
    }
    const moves: { file: string; pcm: Buffer }[] = [];
    const todo: { line: Line; file: string }[] = [];
    for (const { line, file } of wanted) {
      const refusal = voice.refusal(line);
      const names = [voice.nameOf(line), alsoGood(line)].flatMap((name) => (name === null ? [] : [name]));
      const kept = await this.find(
        before,
        file,
        names.map((name) => this.spokenOf(line, file, name)),
      );
      if (kept !== null) {
        this.entries.set(file, { ...kept.entry, file, conversation: line.conversation, turn: line.turn });
        if (kept.entry.file !== file) moves.push({ file, pcm: kept.pcm });
        continue;
      }
      await this.keepOlder(before, line, file);
      if (refusal !== null) this.skipped.set(line.conversation, refusal);
      else if (this.isChosen(line)) todo.push({ line, file });
    }
    for (const { file, pcm } of moves) await replaceFile(join(folder, file), pcm);
    return todo;
  }

  /** The same words in another voice are better than none, until they are spoken anew. */
  private async keepOlder(before: readonly ManifestEntry[], { text }: Line, file: string): Promise<void> {
    const rateHz = this.parts.voice.rateHz;
    const older = before.find((entry) => entry.file === file && entry.text === text && entry.sample_rate === rateHz);
    if (older !== undefined && (await readSpoken(this.parts.folder, older)) !== null) this.entries.set(file, older);
  }

  private async find(before: readonly ManifestEntry[], file: string, wanted: readonly Spoken[]) {
    for (const spoken of wanted) {
      const hash = contentSha256(spoken);
      const same = before.filter((entry) => entry.content_sha256 === hash);
      for (const entry of same.sort((a, b) => Number(b.file === file) - Number(a.file === file))) {
        const pcm = await readSpoken(this.parts.folder, entry);
        if (pcm !== null) return { entry, pcm };
      }
    }
    return null;
  }

  private async speak(line: Line, file: string): Promise<void> {
    const { patience, signal, told, voice, folder } = this.parts;
    const stop = AbortSignal.any([signal, this.halt.signal]);
    try {
      stop.throwIfAborted();
      const pcm = await patience.insist(
        () => voice.speak(line, stop),
        stop,
        (waitSec, { message }) => told({ type: "again", file, waitSec, why: message }),
      );
      const entry = describe(this.spokenOf(line, file, voice.nameOf(line)), pcm);
      await replaceFile(join(folder, file), pcm);
      this.entries.set(file, entry);
      this.spoken.push(file);
      await this.save();
      told({ type: "spoken", entry });
    } catch (error) {
      const reason: unknown = stop.aborted ? stop.reason : error;
      const why = (reason instanceof Error ? reason.message : String(reason)).replace(`${file}: `, "");
      this.missing.push({ file, writtenAt: line.writtenAt, why });
      if (error instanceof SpeechFailure && error.kind === "refused") {
        this.halt.abort(new Error("not tried: the service refused the key or token"));
      }
    }
  }

  private spokenOf({ conversation, turn, text, language }: Line, file: string, voice: string): Spoken {
    return { file, conversation, turn, text, voice, language, sample_rate: this.parts.voice.rateHz };
  }

  private isChosen({ conversation }: Line): boolean {
    const { conversations } = this.parts;
    return conversations.length === 0 || conversations.includes(conversation);
  }

  /** Written after every utterance, so that what is paid for is never lost. */
  private save(): Promise<void> {
    this.writing = this.writing.then(() => writeManifest(this.parts.folder, this.inOrder()));
    return this.writing;
  }

  private inOrder(): ManifestEntry[] {
    return [...this.entries.values()].sort((a, b) => a.file.localeCompare(b.file));
  }

  /** Utterances that nobody says any more would be spoken where a manifest is missing. */
  private async removeOthers(): Promise<void> {
    const { folder } = this.parts;
    const ours = (await readdir(folder)).filter((file) => /^(turn_\d{3}\.pcm|manifest\.jsonl)(\.part)?$/.test(file));
    const stale = ours.filter((file) => file !== "manifest.jsonl" && !this.entries.has(file));
    await Promise.all(stale.map((file) => rm(join(folder, file), { force: true })));
  }
}

function fileOf(index: number): string {
  return `turn_${String(index + 1).padStart(3, "0")}.pcm`;
}
