/** Reads what `make compare` wrote into a run's folder, and says what follows from it: the comment, the annotation, the job. */

import { readFile } from "node:fs/promises";
import { join } from "node:path";

import type { Level } from "./workflow_output.ts";

/** How a comparison may end. */
export const OUTCOMES = ["same", "slower", "cannot_tell", "refused"] as const;

/** How a comparison ended. */
export type Outcome = (typeof OUTCOMES)[number];

/** What is said of a comparison beside its text. */
export interface Places {
  /** What was loaded, such as `acs_media, cascade`. */
  readonly load: string;
  /** The folders of the runs that it was compared with; each is named by the run's id. */
  readonly base: readonly string[];
  readonly runId: string;
  /** Such as `https://github.com/owner/name`. */
  readonly repositoryUrl: string;
  readonly commit: string;
}

/** The outcome in compare.json. Throws when there is none, because `make compare` failed. */
export async function readOutcome(folder: string): Promise<Outcome> {
  const path = join(folder, "compare.json");
  const text = await readFile(path, "utf8").catch(() => null);
  if (text === null) throw new Error(`${path}: expected what make compare found, got no such file`);
  const { outcome } = JSON.parse(text) as { outcome?: unknown };
  const known = OUTCOMES.find((each) => each === outcome);
  if (known === undefined) {
    throw new Error(`${path}: expected an outcome, one of ${OUTCOMES.join(", ")}, got ${JSON.stringify(outcome)}`);
  }
  return known;
}

/** The comment on the pull request: compare.md with a heading, and with links to the runs. */
export function commentText(compareMd: string, { load, base, runId, repositoryUrl, commit }: Places): string {
  const link = (id: string) => `[run ${id}](${repositoryUrl}/actions/runs/${id})`;
  const bases = base.map((folder) => link(folder.replace(/^.*\//, ""))).join(", ");
  return [
    `## Load test compared: ${load.replaceAll("_", "\\_")}`,
    "",
    compareMd.trim(),
    "",
    `${link(runId)} of ${commit.slice(0, 10)}, compared with ${bases}. Its artifact has \`compare.html\`.`,
    "",
  ].join("\n");
}

/** The annotation of an outcome, and whether it fails the job; null where there is nothing to say. */
export function consequenceOf(
  outcome: Outcome,
  failOnRegression: boolean,
): { readonly level: Level; readonly text: string; readonly fails: boolean } | null {
  const see = "see the summary of the job";
  if (outcome === "same") return null;
  if (outcome === "slower") {
    const level = failOnRegression ? "error" : "warning";
    return { level, text: `slower than the runs that it was compared with: ${see}`, fails: failOnRegression };
  }
  const text =
    outcome === "refused"
      ? `the comparison was refused, because it would be misleading: ${see}`
      : `whether it is slower cannot be told: ${see}`;
  return { level: "warning", text, fails: false };
}
