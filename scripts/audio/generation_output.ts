/** Formats the output of `make generate_audio`: a line per utterance, and a summary of the folder. */

import type { Generated } from "./generation.ts";
import type { ManifestEntry } from "./manifest.ts";

/** The line of an utterance that was just synthesised: the `count`-th of at most `total`. */
export function spokenLine(entry: ManifestEntry, count: number, total: number): string {
  return `${String(count).padStart(String(total).length)}/${total}  ${entry.file}  ${secondsOf(entry)} s  ${entry.voice}`;
}

/**
 * The summary: a table of utterances, unless nothing was synthesised or is missing; what was skipped; what is
 * missing.
 */
export function summaryLines(folder: string, generated: Generated, source: "azure" | "offline"): string[] {
  const { entries, spoken, missing, skipped } = generated;
  const lines: string[] = [];
  if (spoken.length + missing.length > 0) lines.push(...tableLines(generated));
  for (const [conversation, why] of skipped) {
    lines.push(`skipped ${conversation}: ${why}${source === "offline" ? "; Azure's voices do (docs/audio.md)" : ""}`);
  }
  const kept = entries.length - spoken.length;
  lines.push(`${folder}: ${entries.length} utterances, ${spoken.length} spoken now, ${kept} unchanged`);
  if (missing.length === 0) return lines;
  lines.push(`${missing.length} missing; run it again to speak only these:`);
  lines.push(...missing.map(({ file, writtenAt, why }) => `  ${file} (${writtenAt}): ${why}`));
  return lines;
}

function tableLines({ entries, spoken }: Generated): string[] {
  const rows = entries.map((entry) => {
    const source = entry.voice.startsWith("flite/") ? "offline" : "azure";
    return [entry.file, entry.voice, secondsOf(entry), spoken.includes(entry.file) ? source : `${source}, kept`];
  });
  const all = [["file", "voice", "seconds", "source"], ...rows];
  const widths = [0, 1, 2, 3].map((column) => Math.max(...all.map((row) => row[column]?.length ?? 0)));
  return all.map((row) =>
    row
      .map((cell, column) => (column === 2 ? cell.padStart(widths[column] ?? 0) : cell.padEnd(widths[column] ?? 0)))
      .join("  ")
      .trimEnd(),
  );
}

function secondsOf({ duration_ms }: ManifestEntry): string {
  return (duration_ms / 1000).toFixed(1);
}
