import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";

import { afterAll, describe, expect, it } from "vitest";

import { type JobRun, readWorkflow, runJob, type Step } from "../github/workflow_steps.ts";
import { lintWorkflows } from "../lint/workflows.ts";
import { repeatWhileInvalid, runCommand, startSimulator } from "./load.ts";
import { SHORT_AUDIO } from "./setup.ts";

const FOLDER = ".github/workflows";

/** Copies a workflow with one replacement into a new folder; returns the folder. */
async function copyWith(file: string, from: string, to: string): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "workflows-"));
  const text = await readFile(join(FOLDER, file), "utf8");
  expect(text).toContain(from);
  await writeFile(join(folder, file), text.replace(from, to));
  return folder;
}

/** The output of a linter for a folder; "nothing" when it finds no problem. */
async function findingsOf(tool: string, folder: string): Promise<string> {
  const finding = (await lintWorkflows(folder)).find((each) => each.tool === tool);
  return finding === undefined || finding.ok ? "nothing" : finding.output;
}

const found = await lintWorkflows(FOLDER).catch((error: Error) => {
  console.warn(`the workflows were not linted: ${error.message}`);
  return null;
});

describe.skipIf(found === null)("the workflows", () => {
  it("have no findings of actionlint and zizmor", () => {
    for (const { tool, ok, output } of found ?? []) expect(ok, `${tool}: ${output}`).toBe(true);
  });

  it("would have findings with an unknown key, or an input that is used but not declared", async () => {
    expect(await findingsOf("actionlint", await copyWith("ci.yml", "timeout-minutes: 45", "timeout: 45"))).toMatch(
      /unexpected key "timeout" for "job" section/,
    );
    expect(await findingsOf("actionlint", await copyWith("load-test.yml", "inputs.gate }}", "inputs.gait }}"))).toMatch(
      /property "gait" is not defined/,
    );
  });

  it("would have findings with an input inside a script, an action pinned by its tag, or all permissions", async () => {
    const injected = await copyWith("load-test.yml", 'case "$SCENARIO" in', `case "\${{ inputs.scenario }}" in`);
    expect(await findingsOf("zizmor", injected)).toContain("template-injection");
    const unpinned = await copyWith("ci.yml", "3d3c42e5aac5ba805825da76410c181273ba90b1 # v7.0.1", "v7");
    expect(await findingsOf("zizmor", unpinned)).toContain("unpinned-uses");
    const writeAll = await copyWith("ci.yml", "permissions: {}", "permissions: write-all");
    expect(await findingsOf("zizmor", writeAll)).toContain("excessive-permissions");
  });

  it("give each job what it needs and no more, have a time limit for each, and pin every action by its commit", async () => {
    const given: Record<string, unknown> = {};
    for (const file of ["ci.yml", "load-test.yml"]) {
      const { jobs, permissions } = await readWorkflow(join(FOLDER, file));
      expect(permissions).toEqual({});
      for (const [name, job] of Object.entries(jobs)) {
        given[name] = job.permissions;
        expect(job["timeout-minutes"]).toBeLessThanOrEqual(120);
        for (const { uses } of job.steps) if (uses !== undefined) expect(uses).toMatch(/@[0-9a-f]{40}$/);
      }
      expect(await readFile(join(FOLDER, file), "utf8")).not.toMatch(/uses: .*@[0-9a-f]{40}$/m);
    }
    expect(given).toEqual({
      test: { contents: "read" },
      supply: { contents: "read" },
      load: { actions: "read", contents: "read" },
      comment: { actions: "read", "pull-requests": "write" },
    });
  });

  it("run no action, no checkout and no package in a job that may write", async () => {
    const { jobs } = await readWorkflow(join(FOLDER, "load-test.yml"));
    const writers = Object.values(jobs).filter(({ permissions }) => Object.values(permissions).includes("write"));
    expect(writers).toHaveLength(1);
    for (const { uses, run } of writers.flatMap(({ steps }) => steps)) {
      expect(uses).toBeUndefined();
      expect(run).not.toMatch(/\b(git|make|node|npm|npx|curl|eval|source)\b/);
    }
  });
});

const copies: string[] = [];

afterAll(async () => {
  for (const copy of copies) await rm(copy, { recursive: true });
});

/** Makes a separate checkout with what is installed already, so that only the job writes into its `results/`. */
async function checkout(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "checkout-"));
  copies.push(folder);
  const sources = ["Makefile", "package.json", "package-lock.json", "lib", "scenarios", "scripts", "thresholds.json"];
  for (const path of sources) await cp(path, join(folder, path), { recursive: true });
  await cp("audio", join(folder, "audio"), { recursive: true });
  await runCommand("ln", ["-s", resolve("node_modules"), join(folder, "node_modules")]);
  await mkdir(join(folder, ".bin"));
  await runCommand("ln", ["-s", resolve(".bin/k6"), join(folder, ".bin/k6")]);
  return folder;
}

/** Runs the job that loads, and repeats it while its verdict is INVALID. */
async function loadOf(
  inputs: Readonly<Record<string, string | boolean>>,
  secrets: Readonly<Record<string, string>> = {},
): Promise<JobRun> {
  const workflow = await readWorkflow(join(FOLDER, "load-test.yml"));
  // Short utterances for the load only: the step that generates audio must not write into their folder.
  const short = { PCM_DIR: resolve(SHORT_AUDIO), PAUSE_BETWEEN_TURNS_SEC: "0.3" };
  const env = (step: Step) => ("HOST" in (step.env ?? {}) ? short : {});
  return repeatWhileInvalid(
    async () => runJob(workflow, "load", { inputs, contexts: { secrets }, folder: await checkout(), env }),
    ({ outputs }) => outputs.verdict ?? "",
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

describe.concurrent("the steps of load-test.yml", () => {
  it("succeed for a fast agent, with the verdict in the job summary", async () => {
    const agent = await startSimulator(FAST);
    const job = await loadOf({ ...INPUTS, host: agent.host });
    await agent.stop();
    expect(job.ok, job.steps.map(({ output }) => output).join("\n")).toBe(true);
    expect(job.summary).toMatch(/^## Load test: PASS/);
    expect(job.outputs).toEqual({ verdict: "PASS", comparison: "" });
  });

  it.each([
    [{ scenario: "twilio_media", path: "/ws" }, {}],
    [
      {
        scenario: "openai_realtime",
        path: "/voice-live/realtime",
        realtime_api: "voice_live",
        realtime_greeting: false,
      },
      { REALTIME_API_KEY: "the-key-of-the-job" },
    ],
  ])("call an agent on the wire %o, with the secrets %o", async (inputs, secrets) => {
    const agent = await startSimulator(FAST);
    const job = await loadOf({ ...INPUTS, ...inputs, host: agent.host }, secrets);
    await agent.stop();
    const output = job.steps.map((step) => step.output).join("\n");
    expect(job.ok, output).toBe(true);
    expect(output).toContain(`ws://${agent.host}${inputs.path}`);
    expect(output).not.toContain("the-key-of-the-job");
    expect(job.outputs).toEqual({ verdict: "PASS", comparison: "" });
  });

  it("fail for a slow agent, with the reason in the job summary", async () => {
    const agent = await startSimulator([...FAST, "--llm-ms", "2200"]);
    const job = await loadOf({ ...INPUTS, time: "16s", host: agent.host });
    await agent.stop();
    expect(job.ok).toBe(false);
    expect(job.summary).toMatch(
      /^## Load test: FAIL\n\n- ttfb p\(95\) is 2[4-9]\d\d ms; the target tier wants p\(95\)\\<2000/,
    );
    expect(job.outputs).toEqual({ verdict: "FAIL", comparison: "" });
  });

  it("fail without an agent", async () => {
    const job = await loadOf({ ...INPUTS, host: "127.0.0.1:1" });
    expect(job.ok).toBe(false);
    expect(job.summary).toMatch(/nothing listens at ws:\/\/127.0.0.1:1/);
  });

  it("fail for a scenario that contains a command, and do not run it", async () => {
    const job = await loadOf({ ...INPUTS, scenario: 'x"; touch "$HOME/owned', host: "127.0.0.1:1" });
    expect(job.ok).toBe(false);
    expect(job.steps.at(1)?.output).toContain(
      "scenario: expected acs_media, browser_conversation, twilio_media or openai_realtime, got",
    );
    expect(job.summary).toBe("");
  });
});
