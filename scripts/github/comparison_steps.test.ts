/** Runs the job of load-test.yml that loads and compares, with a make and a gh that answer as these tests say. */

import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";

import { afterAll, describe, expect, it } from "vitest";

import { LOAD, newFolder, outputOf, type Ran, REPOSITORY, removeFolders, run, type World } from "./fake_world.ts";

const RUNS = `repos/${REPOSITORY}/actions/runs`;
const ARTIFACTS = `GET repos/${REPOSITORY}/actions/artifacts?per_page=100&name=load-test-${LOAD}`;

afterAll(removeFolders);

/** Runs the job that loads and compares. */
function load(world: World, inputs: Readonly<Record<string, string | boolean>>): Promise<Ran> {
  return run("load", world, { inputs });
}

/** A folder like a load test's artifact, with one run of this verdict. */
async function artifactWith(verdict: string): Promise<string> {
  const folder = await newFolder();
  await mkdir(join(folder, "a $(touch owned) run"));
  await writeFile(join(folder, "a $(touch owned) run/log.jsonl"), "");
  await writeFile(join(folder, "a $(touch owned) run/summary.json"), JSON.stringify({ verdict }));
  return folder;
}

/** GitHub's answer for a run of this repository that calls load-test.yml. */
function workflowRun(more: Readonly<Record<string, unknown>> = {}): readonly unknown[] {
  const path = `${REPOSITORY}/.github/workflows/load-test.yml@refs/heads/main`;
  const head = { full_name: REPOSITORY };
  return [{ path: ".github/workflows/nightly.yml", head_repository: head, referenced_workflows: [{ path }], ...more }];
}

/** GitHub's answer for an artifact of a run of main. */
function artifactOf(id: number, createdAt: string, more: Readonly<Record<string, unknown>> = {}): unknown {
  const { expired = false, ...run } = more;
  const workflow_run = { id, repository_id: 1, head_repository_id: 1, head_branch: "main", ...run };
  return { name: `load-test-${LOAD}`, expired, created_at: createdAt, workflow_run };
}

/** A repository in which run 123 can be compared with. */
async function withRun(verdict = "PASS"): Promise<World> {
  return {
    pages: { [`GET ${RUNS}/123`]: workflowRun() },
    artifacts: { [`123/load-test-${LOAD}`]: await artifactWith(verdict) },
  };
}

describe.concurrent("the steps of load-test.yml that compare", () => {
  it("ask GitHub nothing and compare nothing without compare_with", async () => {
    const job = await load({}, {});
    expect(job.ok, outputOf(job)).toBe(true);
    expect(job.calls).toEqual([]);
    expect(job.made).not.toContain("compare");
    expect(job.outputs).toEqual({ verdict: "PASS", comparison: "" });
    expect(job.uploads).toEqual({ [`load-test-${LOAD}`]: "results/" });
  });

  it("compare with a run, and hand over the text of the comment", async () => {
    const job = await load({ ...(await withRun()), outcome: "same" }, { compare_with: "123" });
    expect(job.ok, outputOf(job)).toBe(true);
    expect(job.calls).toEqual([
      { request: `GET ${RUNS}/123` },
      { download: "123", repo: REPOSITORY, name: `load-test-${LOAD}` },
    ]);
    expect(job.made).toContain("compare BASE=base/123 RUN=results/now margin=\n");
    expect(job.outputs).toEqual({ verdict: "PASS", comparison: "same" });
    expect(job.uploads).toEqual({ [`load-test-${LOAD}`]: "results/", [`comment-${LOAD}`]: "comparison/comment.md" });
    const comment = await readFile(join(job.folder, "comparison/comment.md"), "utf8");
    expect(comment).toBe(
      [
        "## Load test compared: acs\\_media, cascade",
        "",
        "ttfb P95 +2 ms: same",
        "",
        "[run 900](https://github.example/owner/agent/actions/runs/900) of 0123456789, compared with " +
          "[run 123](https://github.example/owner/agent/actions/runs/123). Its artifact has `compare.html`.",
        "",
      ].join("\n"),
    );
    expect(job.summary).toBe(`## PASS\n${comment}\n`);
    expect(outputOf(job)).not.toContain("::");
  });

  it("take no name from an artifact into a command, and the margin as it was given", async () => {
    const inputs = { compare_with: "123", compare_margin: "$(touch owned)" };
    const job = await load({ ...(await withRun()), outcome: "same" }, inputs);
    expect(job.made).toContain("compare BASE=base/123 RUN=results/now margin=$(touch owned)\n");
    expect(await readFile(join(job.folder, "base/123/summary.json"), "utf8")).toContain("PASS");
    await expect(readFile(join(job.folder, "owned"))).rejects.toThrow();
  });

  it("compare a run that failed its gate, too", async () => {
    const job = await load({ ...(await withRun()), outcome: "same", gateFails: true }, { compare_with: "123" });
    expect(job.ok).toBe(false);
    expect(job.outputs.comparison).toBe("same");
    expect(Object.keys(job.uploads)).toEqual([`load-test-${LOAD}`, `comment-${LOAD}`]);
  });

  it("fail for a slower run, and still keep everything", async () => {
    const job = await load({ ...(await withRun()), outcome: "slower" }, { compare_with: "123" });
    expect(job.ok).toBe(false);
    expect(outputOf(job)).toMatch(/^::error::slower than the runs that it was compared with/m);
    expect(job.outputs).toEqual({ verdict: "PASS", comparison: "slower" });
    expect(Object.keys(job.uploads)).toEqual([`load-test-${LOAD}`, `comment-${LOAD}`]);
  });

  it("only warn of a slower run with fail_on_regression false", async () => {
    const inputs = { compare_with: "123", fail_on_regression: false };
    const job = await load({ ...(await withRun()), outcome: "slower" }, inputs);
    expect(job.ok, outputOf(job)).toBe(true);
    expect(outputOf(job)).toMatch(/^::warning::slower/m);
    expect(job.outputs.comparison).toBe("slower");
  });

  it.each(["cannot_tell", "refused"])("only warn when the comparison ends with %s", async (outcome) => {
    const job = await load({ ...(await withRun()), outcome }, { compare_with: "123" });
    expect(job.ok, outputOf(job)).toBe(true);
    expect(outputOf(job)).toMatch(/^::warning::.*(cannot be told|was refused)/m);
    expect(job.outputs.comparison).toBe(outcome);
  });

  it("fail when make compare finds nothing, because a setting is wrong", async () => {
    const job = await load(await withRun(), { compare_with: "123", compare_margin: "much" });
    expect(job.ok).toBe(false);
    expect(outputOf(job)).toContain("results/now/compare.json: expected what make compare found, got no such file");
    expect(job.outputs.comparison).toBe("");
  });

  it("fail for an outcome that is unknown", async () => {
    const job = await load({ ...(await withRun()), outcome: "faster" }, { compare_with: "123" });
    expect(job.ok).toBe(false);
    expect(outputOf(job)).toContain('expected an outcome, one of same, slower, cannot_tell, refused, got "faster"');
  });

  it("compare with the last runs of a branch that passed or failed", async () => {
    const artifacts: Record<string, string> = {};
    const pages: Record<string, unknown> = {
      [ARTIFACTS]: [
        { artifacts: [artifactOf(11, "2026-03-01T00:00:00Z"), artifactOf(12, "2026-03-02T00:00:00Z")] },
        {
          artifacts: [
            artifactOf(14, "2026-03-04T00:00:00Z"),
            artifactOf(13, "2026-03-03T00:00:00Z"),
            artifactOf(15, "2026-03-05T00:00:00Z", { head_branch: "other" }),
            artifactOf(16, "2026-03-05T00:00:00Z", { head_repository_id: 2 }),
            artifactOf(17, "2026-03-05T00:00:00Z", { expired: true }),
            artifactOf(900, "2026-03-06T00:00:00Z"),
          ],
        },
      ],
    };
    for (const [id, verdict] of Object.entries({ 11: "PASS", 12: "FAIL", 13: "INVALID", 14: "PASS" })) {
      pages[`GET ${RUNS}/${id}`] = workflowRun();
      artifacts[`${id}/load-test-${LOAD}`] = await artifactWith(verdict);
    }
    const job = await load({ pages, artifacts, outcome: "same" }, { compare_with: "main:2" });
    expect(job.ok, outputOf(job)).toBe(true);
    expect(job.made).toContain("compare BASE=base/14 base/12 RUN=results/now");
    expect(job.summary).toContain('- run 13 is passed over: expected PASS or FAIL, got "INVALID"');
    expect(job.summary).toContain(
      "compared with [run 14](https://github.example/owner/agent/actions/runs/14), [run 12](",
    );
  });

  it("compare with several runs, separated by commas and spaces", async () => {
    const world = await withRun();
    const pages = { ...world.pages, [`GET ${RUNS}/124`]: workflowRun() };
    const artifacts = { ...world.artifacts, [`124/load-test-${LOAD}`]: await artifactWith("PASS") };
    const job = await load({ pages, artifacts, outcome: "same" }, { compare_with: "123, 124 123" });
    expect(job.made).toContain("compare BASE=base/123 base/124 RUN=results/now");
  });

  it("say that there is nothing to compare with, and let the load test count", async () => {
    const job = await load({ pages: { [ARTIFACTS]: [{ artifacts: [] }] } }, { compare_with: "main" });
    expect(job.ok, outputOf(job)).toBe(true);
    expect(job.made).toContain("run_load_test_acs_media");
    expect(job.made).not.toContain("compare");
    expect(job.outputs).toEqual({ verdict: "PASS", comparison: "no_base" });
    expect(job.summary).toMatch(/- main: expected 1 run with load-test-acs_media-cascade, got 0\n- there is no run to/);
    expect(outputOf(job)).toMatch(/^::warning::there is no run to compare with; the load test itself counts$/m);
    expect(Object.keys(job.uploads)).toEqual([`load-test-${LOAD}`]);
  });

  it.each([
    ["is of a fork", { head_repository: { full_name: "stranger/agent" } }, "it ran code of stranger/agent"],
    [
      "is of another workflow",
      { referenced_workflows: [] },
      "it is a run of .github/workflows/nightly.yml, which is no",
    ],
  ])("do not download a run that %s", async (_, more, reason) => {
    const world = await withRun();
    const job = await load({ ...world, pages: { [`GET ${RUNS}/123`]: workflowRun(more) } }, { compare_with: "123" });
    expect(job.ok, outputOf(job)).toBe(true);
    expect(job.calls).toEqual([{ request: `GET ${RUNS}/123` }]);
    expect(job.summary).toContain(`- run 123: expected a load test of owner/agent; ${reason}`);
    expect(job.outputs.comparison).toBe("no_base");
  });

  it.each([
    ["does not exist", { pages: {} }, "gh: Not Found (HTTP 404)"],
    ["has no such artifact", { artifacts: {} }, "no artifact matches any of the names or patterns provided"],
  ])("go on when a run %s", async (_, less, reason) => {
    const job = await load({ ...(await withRun()), ...less }, { compare_with: "123" });
    expect(job.ok, outputOf(job)).toBe(true);
    expect(job.summary).toContain(`- run 123: ${reason}`);
    expect(job.outputs.comparison).toBe("no_base");
  });

  it.each(["main; touch owned", "$(touch owned)", "main\n::error::owned", "--repo=stranger/agent"])(
    "fail before the load for the compare_with %j, and run nothing of it",
    async (compare_with) => {
      const job = await load(await withRun(), { compare_with });
      expect(job.ok).toBe(false);
      expect(job.calls).toEqual([]);
      expect(job.made).not.toContain("run_load_test");
      expect(outputOf(job)).toContain(`got ${JSON.stringify(compare_with)}`);
      expect(outputOf(job)).not.toMatch(/^::/m);
      await expect(readFile(join(job.folder, "owned"))).rejects.toThrow();
    },
  );
});
