import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";

import { afterAll, describe, expect, it } from "vitest";
import { parse } from "yaml";

import { lintWorkflows } from "../lint/workflows.ts";
import { spawnSimulator } from "../run/simulator_process.ts";
import { type Ended, run } from "./load.ts";
import { SHORT_AUDIO } from "./setup.ts";

const FOLDER = ".github/workflows";

/** A copy of a workflow with one thing changed. */
async function changed(file: string, from: string, to: string): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "workflows-"));
  const text = await readFile(join(FOLDER, file), "utf8");
  expect(text).toContain(from);
  await writeFile(join(folder, file), text.replace(from, to));
  return folder;
}

async function foundBy(tool: string, folder: string): Promise<string> {
  const finding = (await lintWorkflows(folder)).find((one) => one.tool === tool);
  return finding === undefined || finding.ok ? "nothing" : finding.output;
}

const found = await lintWorkflows(FOLDER).catch((error: Error) => {
  console.warn(`the workflows were not linted: ${error.message}`);
  return null;
});

describe.skipIf(found === null)("the workflows", () => {
  it("are clean by actionlint and by zizmor", () => {
    for (const { tool, ok, output } of found ?? []) expect(ok, `${tool}: ${output}`).toBe(true);
  });

  it("would not be with a key that does not exist, or an input that is read and never declared", async () => {
    expect(await foundBy("actionlint", await changed("ci.yml", "timeout-minutes: 45", "timeout: 45"))).toMatch(
      /unexpected key "timeout" for "job" section/,
    );
    expect(await foundBy("actionlint", await changed("load-test.yml", "inputs.gate }}", "inputs.gait }}"))).toMatch(
      /property "gait" is not defined/,
    );
  });

  it("would not be with an input inside a script, an action by its tag, or every permission", async () => {
    const injected = await changed("load-test.yml", 'case "$SCENARIO" in', `case "\${{ inputs.scenario }}" in`);
    expect(await foundBy("zizmor", injected)).toContain("template-injection");
    const unpinned = await changed("ci.yml", "3d3c42e5aac5ba805825da76410c181273ba90b1 # v7.0.1", "v7");
    expect(await foundBy("zizmor", unpinned)).toContain("unpinned-uses");
    const mighty = await changed("ci.yml", "permissions: {}", "permissions: write-all");
    expect(await foundBy("zizmor", mighty)).toContain("excessive-permissions");
  });

  it("give no permission but to read, have a time limit each, and pin every action by its commit", async () => {
    for (const file of ["ci.yml", "load-test.yml"]) {
      const text = await readFile(join(FOLDER, file), "utf8");
      const { jobs, permissions } = parse(text) as Workflow;
      expect(permissions).toEqual({});
      for (const job of Object.values(jobs)) {
        expect(job.permissions).toEqual({ contents: "read" });
        expect(job["timeout-minutes"]).toBeLessThanOrEqual(120);
        for (const { uses } of job.steps) if (uses !== undefined) expect(uses).toMatch(/@[0-9a-f]{40}$/);
      }
      expect(text).not.toMatch(/uses: .*@[0-9a-f]{40}$/m);
    }
  });
});

interface Step {
  readonly id?: string;
  readonly name?: string;
  readonly if?: string;
  readonly uses?: string;
  readonly run?: string;
  readonly env?: Readonly<Record<string, string>>;
}

interface Workflow {
  readonly permissions: unknown;
  readonly jobs: Readonly<Record<string, Job>>;
}

interface Job {
  readonly permissions: unknown;
  readonly "timeout-minutes": number;
  readonly steps: readonly Step[];
}

/** What the job of load-test.yml left behind. */
interface JobRun {
  readonly ok: boolean;
  readonly outputs: string;
  readonly summary: string;
  readonly steps: readonly Ended[];
}

const copies: string[] = [];

afterAll(async () => {
  for (const copy of copies) await rm(copy, { recursive: true });
});

/** A checkout of its own with what was installed already, so that `results/` is the job's alone. */
async function checkout(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "checkout-"));
  copies.push(folder);
  const sources = ["Makefile", "package.json", "package-lock.json", "lib", "scenarios", "scripts", "thresholds.json"];
  for (const path of sources) await cp(path, join(folder, path), { recursive: true });
  await cp("audio", join(folder, "audio"), { recursive: true });
  await run("ln", ["-s", resolve("node_modules"), join(folder, "node_modules")]);
  await run("touch", [join(resolve("node_modules"), ".installed")]);
  await mkdir(join(folder, ".bin"));
  await run("ln", ["-s", resolve(".bin/k6"), join(folder, ".bin/k6")]);
  return folder;
}

/** Runs the scripts of a job's steps in order, as a runner does: the rest is skipped after a failure, `always()` is not. */
async function runJob(inputs: Readonly<Record<string, string>>): Promise<JobRun> {
  const { jobs } = parse(await readFile(join(FOLDER, "load-test.yml"), "utf8")) as Workflow;
  const folder = await checkout();
  const files = { GITHUB_OUTPUT: join(folder, "output"), GITHUB_STEP_SUMMARY: join(folder, "summary") };
  for (const file of Object.values(files)) await writeFile(file, "");
  const steps: Ended[] = [];
  for (const step of jobs.load?.steps ?? []) {
    if (step.run === undefined) continue;
    if (steps.some(({ exitCode }) => exitCode !== 0) && step.if !== "always()") continue;
    const env = Object.fromEntries(Object.entries(step.env ?? {}).map(([name, text]) => [name, filled(text, inputs)]));
    const script = `cd "${folder}"\n${step.run}`;
    // Short utterances for the load; the step that speaks must not speak into their folder.
    const short = "HOST" in env ? { PCM_DIR: resolve(SHORT_AUDIO), PAUSE_BETWEEN_TURNS_SEC: "0.3" } : {};
    const own = { ...short, ...files };
    steps.push(await run("bash", ["--noprofile", "--norc", "-eo", "pipefail", "-c", script], { ...own, ...env }));
  }
  return {
    ok: steps.every(({ exitCode }) => exitCode === 0),
    outputs: await readFile(files.GITHUB_OUTPUT, "utf8"),
    summary: await readFile(files.GITHUB_STEP_SUMMARY, "utf8"),
    steps,
  };
}

/** An expression of the workflow: an input, or a secret, of which there are none here. */
function filled(text: string, inputs: Readonly<Record<string, string>>): string {
  return text.replaceAll(/\$\{\{ (inputs|secrets)\.(\w+) \}\}/g, (_, kind: string, name: string) =>
    kind === "inputs" ? (inputs[name] ?? "") : "",
  );
}

const INPUTS = {
  scenario: "acs_media",
  pipeline: "cascade",
  capacity: "custom",
  users: "3",
  spawn_rate: "10",
  time: "12s",
  gate: "target",
};

const FAST = ["--silence-ms", "300", "--stt-ms", "300", "--llm-ms", "200", "--tts-ms", "100", "--barge-ms", "300"];

describe("the steps of load-test.yml", () => {
  it("are green for a fast agent, and say so in the job summary", async () => {
    const agent = await spawnSimulator(FAST);
    const job = await runJob({ ...INPUTS, host: agent.host });
    await agent.stop();
    expect(job.ok, job.steps.map(({ output }) => output).join("\n")).toBe(true);
    expect(job.summary).toMatch(/^## Load test: PASS/);
    expect(job.outputs).toBe("verdict=PASS\n");
  });

  it("are red for a slow agent, with the reason in the job summary", async () => {
    const agent = await spawnSimulator([...FAST, "--llm-ms", "2200"]);
    const job = await runJob({ ...INPUTS, time: "16s", host: agent.host });
    await agent.stop();
    expect(job.ok).toBe(false);
    expect(job.summary).toMatch(
      /^## Load test: FAIL\n\n- ttfb p\(95\) is 2[4-9]\d\d ms; the target tier wants p\(95\)\\<2000/,
    );
    expect(job.outputs).toBe("verdict=FAIL\n");
  });

  it("are red for no agent at all", async () => {
    const job = await runJob({ ...INPUTS, host: "127.0.0.1:1" });
    expect(job.ok).toBe(false);
    expect(job.summary).toMatch(/nothing listens at ws:\/\/127.0.0.1:1/);
  });

  it("are red for a scenario that is a command, which is never run", async () => {
    const job = await runJob({ ...INPUTS, scenario: 'x"; touch "$HOME/owned', host: "127.0.0.1:1" });
    expect(job.ok).toBe(false);
    expect(job.steps.at(1)?.output).toContain("scenario: expected acs_media or browser_conversation, got");
    expect(job.summary).toBe("");
  });
});
