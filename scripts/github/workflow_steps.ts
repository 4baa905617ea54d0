/** Runs the jobs of a workflow here, for tests: the scripts of their steps, as a runner does; actions are left out. */

import { mkdtemp, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { runInNewContext } from "node:vm";
import { parse } from "yaml";

import { type ProcessResult, runCommand } from "../run/children.ts";

/** A step of a job. */
export interface Step {
  readonly id?: string;
  readonly name?: string;
  readonly if?: string;
  readonly uses?: string;
  readonly with?: Readonly<Record<string, string>>;
  readonly run?: string;
  readonly env?: Readonly<Record<string, string>>;
}

/** A job of a workflow. */
export interface Job {
  readonly if?: string;
  readonly permissions: Readonly<Record<string, string>>;
  readonly "timeout-minutes": number;
  readonly outputs?: Readonly<Record<string, string>>;
  readonly steps: readonly Step[];
}

/** A workflow. */
export interface Workflow {
  readonly permissions: unknown;
  readonly defaults?: { readonly run: { readonly shell: string } };
  readonly jobs: Readonly<Record<string, Job>>;
}

/** What a job is given. */
export interface Given {
  readonly inputs: Readonly<Record<string, string | boolean>>;
  /** Contexts of expressions beside `inputs` and `steps`, such as `github` and `needs`. */
  readonly contexts?: Readonly<Record<string, unknown>>;
  /** The folder in which the scripts run. */
  readonly folder: string;
  /** Variables of the environment that a step has beside its own; those of the step win. */
  readonly env?: (step: Step) => Readonly<Record<string, string>>;
}

/** What came of a job. */
export interface JobRun {
  readonly ok: boolean;
  readonly outputs: Readonly<Record<string, string>>;
  readonly summary: string;
  /** The steps whose scripts were run. */
  readonly steps: readonly (ProcessResult & { readonly name: string })[];
  /** What was uploaded: the path of each artifact by its name. */
  readonly uploads: Readonly<Record<string, string>>;
}

/** Reads a workflow. */
export async function readWorkflow(path: string): Promise<Workflow> {
  return parse(await readFile(path, "utf8")) as Workflow;
}

/** Whether a job is run, by its `if`; `isOk`: the jobs that it needs succeeded. */
export function isRun(job: Job, contexts: Readonly<Record<string, unknown>>, isOk: boolean): boolean {
  return holds(job.if, contexts, isOk);
}

/** Runs the scripts of a job's steps in order. */
export async function runJob(workflow: Workflow, name: string, given: Given): Promise<JobRun> {
  const job = workflow.jobs[name];
  if (job === undefined) throw new Error(`job: expected one of ${Object.keys(workflow.jobs).join(", ")}, got ${name}`);
  const files = await mkdtemp(join(given.folder, ".job-"));
  const summary = join(files, "summary");
  await writeFile(summary, "");
  const outputs: Record<string, Record<string, string>> = {};
  const steps: (ProcessResult & { name: string })[] = [];
  const uploads: Record<string, string> = {};
  const contexts = () => ({ ...given.contexts, inputs: emptyUnlessSet(given.inputs), steps: withOutputs(outputs) });
  const isOk = () => steps.every(({ exitCode }) => exitCode === 0);
  for (const [index, step] of job.steps.entries()) {
    if (!holds(step.if, contexts(), isOk())) continue;
    const { name: artifact = "", path = "" } = fillIn(step.with ?? {}, contexts());
    if (step.uses?.startsWith("actions/upload-artifact@")) uploads[artifact] = path;
    if (step.run === undefined) continue;
    const output = join(files, String(index));
    await writeFile(output, "");
    const variables = { ...given.env?.(step), GITHUB_OUTPUT: output, GITHUB_STEP_SUMMARY: summary };
    const env = { ...variables, ...fillIn(step.env ?? {}, contexts()) };
    const result = await runCommand(
      "bash",
      [...shellOptions(workflow), "-c", `cd "${given.folder}"\n${step.run}`],
      env,
    );
    steps.push({ ...result, name: step.name ?? "" });
    if (step.id !== undefined) outputs[step.id] = readOutputs(await readFile(output, "utf8"));
  }
  const text = await readFile(summary, "utf8");
  return { ok: isOk(), outputs: fillIn(job.outputs ?? {}, contexts()), summary: text, steps, uploads };
}

/** The options of GitHub's shell: only one that is asked for by its name, bash, fails where a part of a pipe does. */
function shellOptions({ defaults }: Workflow): readonly string[] {
  return defaults?.run.shell === "bash" ? ["--noprofile", "--norc", "-eo", "pipefail"] : ["-e"];
}

/** Whether an `if` holds. One that asks for no status holds only while all is well. */
function holds(condition: string | undefined, contexts: Readonly<Record<string, unknown>>, isOk: boolean): boolean {
  const text = (condition ?? "success()").replace(/^\$\{\{(.*)\}\}$/s, "$1").trim();
  const asksForStatus = /\b(always|cancelled|failure|success)\(\)/.test(text);
  const status = { always: () => true, cancelled: () => false, failure: () => !isOk, success: () => isOk };
  return Boolean(evaluate(asksForStatus ? text : `success() && (${text})`, { ...contexts, ...status }));
}

/** Replaces the expressions in each value. */
function fillIn(
  values: Readonly<Record<string, string>>,
  contexts: Readonly<Record<string, unknown>>,
): Record<string, string> {
  const filled = (text: string) =>
    text.replaceAll(/\$\{\{(.*?)\}\}/g, (_, expression: string) => String(evaluate(expression, contexts) ?? ""));
  return Object.fromEntries(Object.entries(values).map(([name, text]) => [name, filled(String(text))]));
}

/**
 * Evaluates an expression: what the workflows use of GitHub's language is also JavaScript, but that a property of nothing is
 * nothing. Secrets are empty.
 */
function evaluate(expression: string, contexts: Readonly<Record<string, unknown>>): unknown {
  return runInNewContext(expression.replaceAll(/(?<=\w)\.(?=\w)/g, "?."), { secrets: emptyUnlessSet({}), ...contexts });
}

function withOutputs(outputs: Readonly<Record<string, Readonly<Record<string, string>>>>): unknown {
  const none = { outputs: emptyUnlessSet({}) };
  return new Proxy(outputs, {
    get: (all, id) => (typeof id === "string" && id in all ? { outputs: emptyUnlessSet(all[id] ?? {}) } : none),
  });
}

/** What is not set is empty, as in GitHub's expressions. */
function emptyUnlessSet(values: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  return new Proxy(values, { get: (all, name) => (typeof name === "string" ? (all[name] ?? "") : undefined) });
}

/** The outputs of a step. Throws where one has several lines, which the workflows do not use. */
function readOutputs(text: string): Record<string, string> {
  const lines = text.split("\n").filter((line) => line !== "");
  return Object.fromEntries(
    lines.map((line) => {
      const [, name, value] = /^([\w-]+)=(.*)$/.exec(line) ?? [];
      if (name === undefined) throw new Error(`GITHUB_OUTPUT: expected name=value, got ${JSON.stringify(line)}`);
      return [name, value ?? ""];
    }),
  );
}
