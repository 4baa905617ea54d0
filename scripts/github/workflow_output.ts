/** Writes what a step of a GitHub workflow hands over: outputs, the job summary, annotations. */

import { appendFile } from "node:fs/promises";

/** How an annotation is shown. */
export type Level = "error" | "warning" | "notice";

/** Sets an output of the step; the value is one line. */
export async function setOutput(name: string, value: string): Promise<void> {
  await append(process.env.GITHUB_OUTPUT, `${name}=${value}\n`);
}

/** Adds Markdown to the summary of the job. */
export async function addToSummary(markdown: string): Promise<void> {
  await append(process.env.GITHUB_STEP_SUMMARY, `${markdown}\n`);
}

/** Prints an annotation. The text cannot begin another command of the runner: line ends are escaped. */
export function annotate(level: Level, text: string): void {
  console.log(`::${level}::${text.replaceAll("%", "%25").replaceAll("\r", "%0D").replaceAll("\n", "%0A")}`);
}

async function append(path: string | undefined, text: string): Promise<void> {
  if (path !== undefined) await appendFile(path, text);
}
