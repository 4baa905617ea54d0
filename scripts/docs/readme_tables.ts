/** Writes the generated tables (settings, metrics, exit codes, layers, values for Go) into the documents, between their markers. */

import { readFile, writeFile } from "node:fs/promises";
import { GLOSSARY } from "../../lib/metrics/glossary.ts";
import { KINDS, METRIC_NAMES, tagOf } from "../../lib/metrics/metrics.ts";
import type { Setting } from "../../lib/settings/setting_kinds.ts";
import { defaultText, SETTINGS, type SettingName } from "../../lib/settings/settings.ts";
import { AUDIO_SETTINGS } from "../audio/settings.ts";
import { CAPACITY_SETTINGS } from "../capacity/capacity_settings.ts";
import { IN_K6, IN_NODE, type Layer } from "../lint/layers.ts";
import { EXITS } from "../run/exit_codes.ts";
import { heapSettings } from "../run/heap_goal.ts";
import { K6_OPTIONS } from "../run/k6_options.ts";
import { replaceBetween } from "../run/marked_text.ts";
import { fail } from "../run/terminal.ts";

/** The tables with their documents and markers. */
const TABLES: readonly (readonly [file: string, marker: string, table: () => string])[] = [
  ["AGENTS.md", "layers in k6", () => layersTable(IN_K6)],
  ["AGENTS.md", "layers in node", () => layersTable(IN_NODE)],
  ["README.md", "exits", exitsTable],
  ["README.md", "settings", settingsTable],
  ["docs/audio.md", "audio settings", () => commandSettingsTable(AUDIO_SETTINGS)],
  ["docs/capacity.md", "capacity settings", () => commandSettingsTable(CAPACITY_SETTINGS)],
  ["docs/k6_options.md", "k6 options", k6OptionsTable],
  ["docs/metrics.md", "metrics", metricsTable],
  ["docs/performance.md", "heap goal", heapTable],
];

/** The text of a document with its tables up to date. */
export async function updatedDocument(file: string): Promise<string> {
  let text = await readFile(file, "utf8");
  for (const [document, marker, table] of TABLES)
    if (document === file) text = replaceBetween(text, `<!-- ${marker} -->`, `<!-- /${marker} -->`, table());
  return text;
}

/** Every document with a generated table. */
export const DOCUMENTS: readonly string[] = [...new Set(TABLES.map(([file]) => file))];

function layersTable(layers: Readonly<Record<string, Layer>>): string {
  const short = (folder: string) => `\`${folder.replace(/^scripts\//, "")}\``;
  const rows = Object.entries(layers).map(([folder, { holds, imports, rule }]) => {
    return `| \`${folder}\` | ${holds} | ${rule} | ${imports.map(short).join(", ")} |`;
  });
  return ["| folder | holds | rule | imports |", "| --- | --- | --- | --- |", ...rows].join("\n");
}

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

function k6OptionsTable(): string {
  const rows = K6_OPTIONS.map(({ effect, flag, instead, key, plain, refuses, short, variable }) => {
    const flags = flag === null ? [] : [`--${flag}`, ...(short === null ? [] : [`-${short}`])];
    const names = [...flags, variable, key].filter((name) => name !== null).map((name) => `\`${name}\``);
    const why = instead === "" ? effect : `${effect}; ${instead}`;
    return `| ${names.join(", ")} | ${refuses === null ? "honoured" : "refused"} | ${plain} | ${why} |`;
  });
  return ["| option | make targets | plain `k6 run` | what it does |", "| --- | --- | --- | --- |", ...rows].join("\n");
}

/** The settings of a command that is no run. */
function commandSettingsTable(settings: Readonly<Record<string, Setting<unknown>>>): string {
  const rows = Object.entries(settings).map(([name, { defaultValue, help, format }]) => {
    const text = format?.(defaultValue) ?? String(defaultValue);
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

/** GOMEMLIMIT and GOGC by memory and callers. */
function heapTable(): string {
  const callers = [15, 50, 100, 200, 500, 1000];
  const sizes = [...[2, 4, 8, 16].map((gib) => [gib, null] as const), ...[1, 2, 4, 8].map((gib) => [64, gib] as const)];
  const rows = sizes.map(([machineGib, limitGib]) => {
    const memory = { machineBytes: machineGib * 2 ** 30, limitBytes: limitGib === null ? null : limitGib * 2 ** 30 };
    const values = callers.map((count) => heapSettings(memory, count));
    const name = limitGib === null ? `machine of ${machineGib} GiB` : `container of ${limitGib} GiB`;
    return `| ${name} | \`${values[0]?.GOMEMLIMIT}\` | ${values.map(({ GOGC }) => GOGC).join(" | ")} |`;
  });
  const [first, ...others] = callers;
  const heads = ["memory", "`GOMEMLIMIT`", `\`GOGC\` for ${first} callers`, ...others];
  return [`| ${heads.join(" | ")} |`, `| --- | --- |${" ---: |".repeat(callers.length)}`, ...rows].join("\n");
}

if (import.meta.filename === process.argv[1]) {
  for (const file of DOCUMENTS)
    await updatedDocument(file)
      .then((text) => writeFile(file, text))
      .catch(fail);
}
