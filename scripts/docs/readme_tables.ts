/** Writes the tables of settings and metrics into the documents that show them, between their markers. */

import { readFile, writeFile } from "node:fs/promises";
import { GLOSSARY } from "../../lib/metrics/glossary.ts";
import { KINDS, METRIC_NAMES, tagOf } from "../../lib/metrics/metrics.ts";
import type { Setting } from "../../lib/settings/setting_kinds.ts";
import { defaultText, SETTINGS, type SettingName } from "../../lib/settings/settings.ts";
import { AUDIO_SETTINGS } from "../audio/settings.ts";
import { EXITS } from "../run/exit_codes.ts";
import { fail } from "../run/terminal.ts";

/** The documents, with the tables in them. */
const TABLES: readonly (readonly [file: string, marker: string, table: () => string])[] = [
  ["README.md", "exits", exitsTable],
  ["README.md", "settings", settingsTable],
  ["docs/audio.md", "audio settings", audioSettingsTable],
  ["docs/metrics.md", "metrics", metricsTable],
];

/** A document as it should be; the same text when it is. */
export async function upToDate(file: string): Promise<string> {
  let text = await readFile(file, "utf8");
  for (const [of, marker, table] of TABLES) if (of === file) text = replaceBetween(text, marker, table());
  return text;
}

/** Every document that holds a table. */
export const DOCUMENTS: readonly string[] = TABLES.map(([file]) => file);

function settingsTable(): string {
  const rows = (Object.keys(SETTINGS) as SettingName[]).map((name) => {
    const text = defaultText(name);
    return `| \`${name}\` | ${text === "" ? "" : `\`${text}\``} | ${SETTINGS[name].help} |`;
  });
  return ["| setting | default | meaning |", "| --- | --- | --- |", ...rows].join("\n");
}

function exitsTable(): string {
  const rows = Object.values(EXITS).map(({ code, when }) => `| ${code} | ${when} |`);
  return ["| exit code | when |", "| --- | --- |", ...rows].join("\n");
}

function audioSettingsTable(): string {
  const rows = Object.entries<Setting<unknown>>(AUDIO_SETTINGS).map(([name, { fallback, help, write }]) => {
    const text = write?.(fallback) ?? String(fallback);
    return `| \`${name}\` | ${text === "" ? "" : `\`${text}\``} | ${help} |`;
  });
  return ["| setting | default | meaning |", "| --- | --- | --- |", ...rows].join("\n");
}

function metricsTable(): string {
  const rows = METRIC_NAMES.map((name) => {
    const { help, printed } = GLOSSARY[name];
    const [kind, tag] = [KINDS[name], tagOf(name)];
    const series = tag === undefined ? printed : `${printed}/${tag === "turn" ? "NN" : `{${tag}}`}`;
    const unit = kind === "trend" ? "Trend, ms" : kind === "rate" ? "Rate" : "Counter";
    return `| \`${name}\` | ${unit} | ${tag ?? ""} | \`${series}\` | ${help} |`;
  });
  return ["| k6 metric | kind | tag | printed as | meaning |", "| --- | --- | --- | --- | --- |", ...rows].join("\n");
}

/** Throws when the document lacks the markers. */
function replaceBetween(text: string, marker: string, content: string): string {
  const [begin, end] = [`<!-- ${marker} -->`, `<!-- /${marker} -->`];
  const from = text.indexOf(begin);
  const to = text.indexOf(end);
  if (from < 0 || to < from) throw new Error(`expected ${begin} and ${end}, got neither or one`);
  return `${text.slice(0, from + begin.length)}\n${content}\n${text.slice(to)}`;
}

if (import.meta.filename === process.argv[1]) {
  for (const file of DOCUMENTS)
    await upToDate(file)
      .then((text) => writeFile(file, text))
      .catch(fail);
}
