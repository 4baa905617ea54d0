/**
 * Turns what callers say into PCM: `audio/conversations/*.json` -> `audio/pcm/turn_001.pcm` ... and
 * `manifest.jsonl`. Only what changed is spoken again.
 */

import { mkdir, readdir, rm } from "node:fs/promises";
import { join } from "node:path";

import { readConversations } from "./audio/conversations.ts";
import { FLITE_RATE_HZ, Flite } from "./audio/flite.ts";
import { describe, type ManifestEntry, readManifest, replaceFile, stillGood, writeManifest } from "./audio/manifest.ts";
import { fail } from "./terminal.ts";

/** Generates a folder; returns how many utterances were spoken, and how many there are. */
export async function generateAudio(from: string, into: string): Promise<{ spoken: number; total: number }> {
  const lines = await readConversations(from);
  await mkdir(into, { recursive: true });
  const before = await readManifest(into);
  const flite = new Flite();
  const entries: ManifestEntry[] = [];
  let spoken = 0;
  for (const [index, line] of lines.entries()) {
    const { conversation, turn, text, offlineVoice } = line;
    const file = `turn_${String(index + 1).padStart(3, "0")}.pcm`;
    const wanted = { file, conversation, turn, text, voice: `flite/${offlineVoice}`, sample_rate: FLITE_RATE_HZ };
    const kept = await stillGood(into, before, wanted);
    if (kept !== null) {
      entries.push(kept);
      continue;
    }
    const pcm = await flite.speak(text, offlineVoice);
    await replaceFile(join(into, file), pcm);
    entries.push(describe(wanted, pcm));
    spoken += 1;
  }
  await writeManifest(into, entries);
  await removeOthers(into, entries);
  return { spoken, total: entries.length };
}

/** Utterances that nobody says any more would be spoken where a manifest is missing. */
async function removeOthers(folder: string, entries: readonly ManifestEntry[]): Promise<void> {
  const known = new Set(entries.map(({ file }) => file));
  const stale = (await readdir(folder)).filter((file) => /^turn_\d{3}\.pcm$/.test(file) && !known.has(file));
  await Promise.all(stale.map((file) => rm(join(folder, file))));
}

if (import.meta.filename === process.argv[1]) {
  const [from = "audio/conversations", into = process.env.PCM_DIR || "audio/pcm"] = process.argv.slice(2);
  generateAudio(from, into)
    .then(({ spoken, total }) =>
      console.log(`${into}: ${total} utterances, ${spoken} spoken now, ${total - spoken} unchanged`),
    )
    .catch(fail);
}
