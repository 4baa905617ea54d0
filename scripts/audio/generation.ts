/**
 * Fills a folder with the synthesised utterances of all conversations. Utterances that the folder holds already are
 * kept and renamed where needed; the others are synthesised, several at once. The manifest lists the valid files at any
 * time, so an interrupted generation can be continued.
 */

import { readdir, rm } from "node:fs/promises";
import { join } from "node:path";

import { replaceFile } from "../setup/files.js";
import { withLock } from "../setup/lock.js";
import type { UtteranceSpec } from "./conversations.ts";
import { SpeechFailure } from "./failure.ts";
import {
  contentSha256,
  isManifest,
  type ManifestEntry,
  manifestEntry,
  readManifest,
  readVerifiedPcm,
  type UtteranceInfo,
  writeManifest,
} from "./manifest.ts";
import type { Retrier } from "./retry.ts";
import type { Voice } from "./voice.ts";

/** The inputs of a generation. */
export interface GenerationOptions {
  readonly utterances: readonly UtteranceSpec[];
  readonly folder: string;
  readonly voice: Voice;
  /** The manifest's name of another voice whose utterances are kept too; null: there is none. */
  readonly alsoKeptVoice: (utterance: UtteranceSpec) => string | null;
  /** The names of the conversations to synthesise; empty: all. The others are kept as they are. */
  readonly conversations: readonly string[];
  readonly concurrency: number;
  readonly retrier: Retrier;
  readonly signal: AbortSignal;
  /** Called after each synthesised utterance, and before each retry. */
  readonly onEvent: (event: GenerationEvent) => void;
}

/** An event of a generation. */
export type GenerationEvent =
  | { readonly type: "spoken"; readonly entry: ManifestEntry }
  | { readonly type: "retry"; readonly file: string; readonly waitSec: number; readonly why: string };

/** An utterance that could not be synthesised, and why. */
export interface Missing {
  readonly file: string;
  readonly writtenAt: string;
  readonly why: string;
}

/** The content of a folder after a generation. */
export interface Generated {
  readonly entries: readonly ManifestEntry[];
  /** The files that were synthesised by this generation. */
  readonly spoken: readonly string[];
  readonly missing: readonly Missing[];
  /** Conversations that the voice cannot speak, with the reason. */
  readonly skipped: ReadonlyMap<string, string>;
}

/** A file to synthesise. */
interface Task {
  readonly utterance: UtteranceSpec;
  readonly file: string;
}

/** What is left to do in a folder. */
interface Work {
  readonly tasks: Task[];
  readonly renames: readonly { readonly file: string; readonly pcm: Buffer }[];
}

/** The files that a generation makes, also under their temporary names. */
const OWN_FILES = /^(turn_\d{3}\.pcm|manifest\.jsonl)(\..*part)?$/;

/** The audio of a turn in which only digits are pressed. */
const NO_WORDS = Buffer.alloc(0);

/** Fills one folder. */
export class Generation {
  private readonly options: GenerationOptions;
  private readonly entries = new Map<string, ManifestEntry>();
  private readonly spoken: string[] = [];
  private readonly missing: Missing[] = [];
  private readonly skipped = new Map<string, string>();
  /** Aborts the remaining utterances after the service refused the key. */
  private readonly halt = new AbortController();
  private writing: Promise<void> = Promise.resolve();

  constructor(options: GenerationOptions) {
    this.options = options;
  }

  /**
   * Does not reject for a failed synthesis, which is listed in `missing`. Rejects when the folder cannot be written, or
   * holds the manifest of foreign files.
   */
  async run(): Promise<Generated> {
    const { folder, signal } = this.options;
    // Nothing is written into a folder that is complete, so it may be read-only. Of two generations at once, the second waits.
    if (!(await this.isComplete())) await withLock(folder, () => this.fill(), signal);
    const { spoken, missing, skipped } = this;
    return { entries: this.sortedEntries(), spoken, missing, skipped };
  }

  private async isComplete(): Promise<boolean> {
    const { tasks, renames } = await this.keepExisting();
    if (tasks.length + renames.length > 0 || !(await isManifest(this.options.folder, this.sortedEntries())))
      return false;
    return (await this.staleFiles()).length === 0;
  }

  private async fill(): Promise<void> {
    const { concurrency, folder } = this.options;
    const { renames, tasks: queue } = await this.keepExisting();
    for (const { file, pcm } of renames) await replaceFile(join(folder, file), pcm);
    await this.save();
    const worker = async () => {
      for (let next = queue.shift(); next !== undefined; next = queue.shift()) await this.synthesise(next);
    };
    await Promise.all(Array.from({ length: concurrency }, worker));
    if (this.missing.length > 0) return;
    // Without a manifest, callers would speak the files of removed utterances.
    for (const file of await this.staleFiles()) await rm(join(folder, file), { force: true });
  }

  /** Finds the valid files; returns those to rename, read before any is written since names may swap, and what is to be spoken. */
  private async keepExisting(): Promise<Work> {
    const { folder, utterances, voice, alsoKeptVoice } = this.options;
    this.entries.clear();
    const before = await readManifest(folder);
    if (before.some(({ text }) => text === undefined)) {
      throw new Error(`PCM_DIR: expected a folder of its own, got ${folder}, whose manifest is of foreign files`);
    }
    const renames: { file: string; pcm: Buffer }[] = [];
    const tasks: Task[] = [];
    for (const [index, utterance] of utterances.entries()) {
      const file = fileOf(index);
      const task = { utterance, file };
      const unsupportedReason = voice.unsupportedReason(utterance);
      const names = [voice.nameOf(utterance), alsoKeptVoice(utterance)].flatMap((name) =>
        name === null ? [] : [name],
      );
      const kept = await this.find(
        before,
        file,
        names.map((name) => this.infoOf(task, name)),
      );
      if (kept !== null) {
        const { conversation, turn, dtmf } = utterance;
        this.entries.set(file, { ...kept.entry, file, conversation, turn, dtmf });
        if (kept.entry.file !== file) renames.push({ file, pcm: kept.pcm });
        continue;
      }
      await this.keepOtherVoice(before, task);
      if (unsupportedReason !== null) this.skipped.set(utterance.conversation, unsupportedReason);
      else if (this.isSelected(utterance)) tasks.push(task);
    }
    return { tasks, renames };
  }

  /** Keeps a file with the same text in another voice until it is replaced, so that the utterance is not missing. */
  private async keepOtherVoice(before: readonly ManifestEntry[], { utterance, file }: Task): Promise<void> {
    const rateHz = this.options.voice.rateHz;
    const older = before.find(
      (entry) => entry.file === file && entry.text === utterance.text && entry.sample_rate === rateHz,
    );
    if (older !== undefined && (await readVerifiedPcm(this.options.folder, older)) !== null)
      this.entries.set(file, { ...older, dtmf: utterance.dtmf });
  }

  /** The first valid file with the content of one of `wanted`, whatever its name; a file named `file` first. */
  private async find(before: readonly ManifestEntry[], file: string, wanted: readonly UtteranceInfo[]) {
    for (const info of wanted) {
      const hash = contentSha256(info);
      const same = before.filter((entry) => entry.content_sha256 === hash);
      for (const entry of same.sort((a, b) => Number(b.file === file) - Number(a.file === file))) {
        const pcm = await readVerifiedPcm(this.options.folder, entry);
        if (pcm !== null) return { entry, pcm };
      }
    }
    return null;
  }

  private async synthesise(task: Task): Promise<void> {
    const { utterance, file } = task;
    const { retrier, signal, onEvent, voice, folder } = this.options;
    const stop = AbortSignal.any([signal, this.halt.signal]);
    try {
      stop.throwIfAborted();
      const pcm = await retrier.run(
        async () => (utterance.text === "" ? NO_WORDS : voice.speak(utterance, stop)),
        stop,
        (waitSec, { message }) => onEvent({ type: "retry", file, waitSec, why: message }),
      );
      const entry = manifestEntry(this.infoOf(task, voice.nameOf(utterance)), pcm);
      await replaceFile(join(folder, file), pcm);
      this.entries.set(file, entry);
      this.spoken.push(file);
      await this.save();
      onEvent({ type: "spoken", entry });
    } catch (error) {
      const reason: unknown = stop.aborted ? stop.reason : error;
      const why = (reason instanceof Error ? reason.message : String(reason)).replace(`${file}: `, "");
      this.missing.push({ file, writtenAt: utterance.writtenAt, why });
      if (error instanceof SpeechFailure && error.kind === "refused") {
        this.halt.abort(new Error("not tried: the service refused the key or token"));
      }
    }
  }

  private infoOf({ utterance, file }: Task, voice: string): UtteranceInfo {
    const { conversation, turn, text, dtmf, language } = utterance;
    return { file, conversation, turn, text, dtmf, voice, language, sample_rate: this.options.voice.rateHz };
  }

  private isSelected({ conversation }: UtteranceSpec): boolean {
    const { conversations } = this.options;
    return conversations.length === 0 || conversations.includes(conversation);
  }

  /** Writes the manifest, after every utterance, so that no synthesis that was paid for is lost. */
  private save(): Promise<void> {
    this.writing = this.writing.then(() => writeManifest(this.options.folder, this.sortedEntries()));
    return this.writing;
  }

  private sortedEntries(): ManifestEntry[] {
    return [...this.entries.values()].sort((a, b) => a.file.localeCompare(b.file));
  }

  /** The files of removed utterances, and what a generation that was killed left behind. */
  private async staleFiles(): Promise<string[]> {
    const ours = (await readdir(this.options.folder)).filter((file) => OWN_FILES.test(file));
    return ours.filter((file) => file !== "manifest.jsonl" && !this.entries.has(file));
  }
}

function fileOf(index: number): string {
  return `turn_${String(index + 1).padStart(3, "0")}.pcm`;
}
