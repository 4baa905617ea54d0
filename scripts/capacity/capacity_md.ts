/** Writes `capacity.md`: the answer of a search for a pull request or a job summary, in GitHub Markdown. */

import { cellText } from "../readers/html_table.ts";
import { escapeMarkdown, tableMarkdown } from "../readers/markdown.ts";
import type { CapacityResult } from "./probe.ts";
import { probeColumns } from "./probe_columns.ts";
import { brokenChecks, checkText, loadText } from "./probe_text.ts";

/** Writes the text: the sentence, its explanations, the table of runs, and what did not hold. */
export function capacityMd(result: CapacityResult): string {
  const { explanations, gate, of, probes, scenario, sentence, url } = result;
  const columns = probeColumns(result).filter(({ isDetail }) => !isDetail);
  const rows = probes.map((probe) => columns.map(({ cell }) => cell(probe)).map(cellText));
  const heads = columns.map(({ head }) => head);
  const numbers = columns.filter(({ isNumber }) => isNumber).map(({ head }) => head);
  const broken = probes.flatMap((probe) =>
    brokenChecks(probe).map((check) => `- ${escapeMarkdown(`${loadText(probe.load, of)}: ${checkText(check)}`)}`),
  );
  return [
    `## ${escapeMarkdown(sentence)}`,
    "",
    ...explanations.map((text) => `- ${escapeMarkdown(text)}`),
    ...(explanations.length === 0 ? [] : [""]),
    escapeMarkdown(`${scenario}, ${url}, gate ${gate}`),
    "",
    ...(probes.length === 0 ? ["No run was made.", ""] : [tableMarkdown(heads, rows, numbers), ""]),
    ...broken,
    ...(broken.length === 0 ? [] : [""]),
  ].join("\n");
}
