/**
 * Writes and reads the file of `make baseline`: of each run what a comparison needs. Times are rounded to 1 ms; instants, session
 * ids and transcripts are not in it.
 */

import { Ajv, type ErrorObject } from "ajv";

import type { CallValues, Count } from "./call_values.ts";
import type { ComparedRun, RunFacts } from "./compared_run.ts";
import { DIGEST_CONTENT, DIGEST_FORMAT, DIGEST_SCHEMA } from "./digest_schema.ts";

/** The values of a call in the file; a count is `[hits, trials]`. */
interface CallDigest {
  readonly times: CallValues["times"];
  readonly shares: Readonly<Record<string, readonly [hits: number, trials: number]>>;
}

/** A run in the file. */
interface RunDigest {
  readonly facts: RunFacts;
  readonly calls: readonly CallDigest[];
}

/** The text of the file. Each call has a line of its own, so that a change of the file can be read. */
export function digestText(runs: readonly ComparedRun[]): string {
  const texts = runs.map(({ calls, facts }) => {
    const lines = calls.map((call) => JSON.stringify(callDigest(call)));
    return `{"facts":${JSON.stringify(facts)},\n"calls":[\n${lines.join(",\n")}\n]}`;
  });
  const content = JSON.stringify(DIGEST_CONTENT);
  return `{"content":${content},"format":${DIGEST_FORMAT},"runs":[\n${texts.join(",\n")}\n]}\n`;
}

/** True for a text that says that it is such a file, of any format, whole or not. */
export function isDigest(text: string): boolean {
  return text.trimStart().startsWith(`{"content":${JSON.stringify(DIGEST_CONTENT)}`);
}

/** Reads the text of the file `path`. Throws one error that says what is wrong with it. */
export function readDigest(path: string, text: string): readonly ComparedRun[] {
  const { content, format, runs } = parsed(path, text) as { content?: unknown; format?: unknown; runs: RunDigest[] };
  if (content !== DIGEST_CONTENT) throw new Error(`${path}: expected a file of make baseline, got another one`);
  if (format !== DIGEST_FORMAT) {
    throw new Error(
      `${path}: expected format ${DIGEST_FORMAT} of a baseline, got ${JSON.stringify(format)}: make it again`,
    );
  }
  const validate = new Ajv({ verbose: true, allowUnionTypes: true }).compile(DIGEST_SCHEMA);
  if (!validate({ content, format, runs })) throw new Error(`${path}: ${problem(validate.errors?.[0])}`);
  return runs.map(({ calls, facts }) => ({ path: `${path}: ${facts.run}`, facts, calls: calls.map(callValues) }));
}

function parsed(path: string, text: string): object {
  try {
    return Object(JSON.parse(text));
  } catch (error) {
    const what = isDigest(text)
      ? "a whole file of make baseline, got a damaged one"
      : "a file of make baseline, got no JSON";
    throw new Error(`${path}: expected ${what} (${error instanceof Error ? error.message : error})`);
  }
}

function problem(error: ErrorObject | undefined): string {
  const { data, instancePath = "", message = "" } = error ?? {};
  const got = JSON.stringify(data) ?? "nothing";
  return `${instancePath.slice(1) || "baseline"}: expected what ${message}, got ${got.length > 80 ? `${got.slice(0, 80)}...` : got}`;
}

function callDigest({ shares, times }: CallValues): CallDigest {
  const rounded = Object.entries(times).map(([series, values]) => [series, values.map((value) => Math.round(value))]);
  const counts = Object.entries(shares).map(([series, { hits, trials }]) => [series, [hits, trials]]);
  return { times: Object.fromEntries(rounded), shares: Object.fromEntries(counts) };
}

function callValues({ shares, times }: CallDigest): CallValues {
  const counts = Object.entries(shares).map(([series, [hits, trials]]): [string, Count] => [series, { hits, trials }]);
  return { times, shares: Object.fromEntries(counts) };
}
