/** Runs the job of load-test.yml that comments on a pull request, with a gh that answers as these tests say. */

import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";

import { afterAll, describe, expect, it } from "vitest";

import { runCommand } from "../run/children.ts";
import { LOAD, newFolder, outputOf, type Ran, REPOSITORY, removeFolders, run, WORKFLOW } from "./fake_world.ts";
import { isRun } from "./workflow_steps.ts";

const COMMENTS = `repos/${REPOSITORY}/issues/5/comments`;
const MARKER = "<!-- load test of acs_media, cascade -->";
const BOT = { login: "github-actions[bot]" };

const hasJq = await runCommand("jq", ["--version"]).then(
  () => true,
  () => false,
);
if (!hasJq)
  console.warn("the steps that comment are not tested: expected jq on PATH, for the --jq of the fake gh, got none");

afterAll(removeFolders);

/** Runs the job that comments: on pull request 5, where it is not told otherwise. */
async function comment(
  pages: Readonly<Record<string, unknown>>,
  { text = "slower", event = { pull_request: { number: 5 } } as Record<string, unknown>, env = {} } = {},
): Promise<Ran> {
  const artifact = await newFolder();
  await writeFile(join(artifact, "comment.md"), text);
  return run("comment", { pages, artifacts: { [`900/comment-${LOAD}`]: artifact } }, { event, env });
}

const written = ({ calls }: Ran) => calls.filter(({ body }) => body !== undefined);

describe.skipIf(!hasJq).concurrent("the steps of load-test.yml that comment", () => {
  const nothing = { [`GET ${COMMENTS}?per_page=100`]: [[]], [`POST ${COMMENTS}`]: [{}] };

  it("run when there is a comparison, also when it failed the job, and not otherwise", () => {
    const job = WORKFLOW.jobs.comment;
    const runsFor = (comparison: string) =>
      job !== undefined && isRun(job, { needs: { load: { outputs: { comparison } } } }, comparison !== "slower");
    expect(["same", "slower", "cannot_tell", "refused"].filter(runsFor)).toHaveLength(4);
    expect(["", "no_base"].filter(runsFor)).toEqual([]);
  });

  it("comment on the pull request of the event", async () => {
    const job = await comment(nothing);
    expect(job.ok, outputOf(job)).toBe(true);
    expect(job.calls).toEqual([
      { download: "900", repo: REPOSITORY, name: `comment-${LOAD}` },
      { request: `GET ${COMMENTS}?per_page=100` },
      { request: `POST ${COMMENTS}`, body: { body: `${MARKER}\nslower` } },
    ]);
  });

  it("update the comment of this load that they wrote before", async () => {
    const page1 = [{ id: 2, user: BOT, body: "<!-- load test of acs_media, voicelive -->\nother" }];
    const page2 = [
      { id: 3, user: BOT, body: `${MARKER}\nold` },
      { id: 4, user: BOT, body: `quoted: ${MARKER}` },
      { id: 5, user: { login: "stranger" }, body: `${MARKER}\nmine` },
    ];
    const edit = `repos/${REPOSITORY}/issues/comments/3`;
    const job = await comment({ [`GET ${COMMENTS}?per_page=100`]: [page1, page2], [`PATCH ${edit}`]: [{}] });
    expect(job.ok, outputOf(job)).toBe(true);
    expect(written(job)).toEqual([{ request: `PATCH ${edit}`, body: { body: `${MARKER}\nslower` } }]);
  });

  it("comment on the open pull request of the branch, whatever the branch is called", async () => {
    const ref = "x$(touch owned)&state=all";
    const search = `GET repos/${REPOSITORY}/pulls?${new URLSearchParams({ head: `owner:${ref}`, state: "open" })}`;
    const pulls = [
      { number: 7, head: { ref: "other", repo: { full_name: REPOSITORY } } },
      { number: 6, head: { ref, repo: { full_name: "owner/fork" } } },
      { number: 5, head: { ref, repo: { full_name: REPOSITORY } } },
      { number: 4, head: { ref, repo: { full_name: REPOSITORY } } },
    ];
    const job = await comment({ ...nothing, [search]: [pulls] }, { event: {}, env: { GITHUB_REF_NAME: ref } });
    expect(job.ok, outputOf(job)).toBe(true);
    expect(written(job).map(({ request }) => request)).toEqual([`POST ${COMMENTS}`]);
    await expect(readFile(join(job.folder, "owned"))).rejects.toThrow();
  });

  it.each([
    ["the branch has no open pull request", { GITHUB_REF_NAME: "main" }],
    ["the run is of a tag", { GITHUB_REF_NAME: "v1", GITHUB_REF_TYPE: "tag" }],
  ])("do nothing, and say so, when %s", async (_, env) => {
    const pages = { [`GET repos/${REPOSITORY}/pulls?head=owner%3Amain&state=open`]: [[]] };
    const job = await comment(pages, { event: {}, env });
    expect(job.ok, outputOf(job)).toBe(true);
    expect(job.calls.filter(({ download }) => download !== undefined)).toEqual([]);
    expect(outputOf(job)).toMatch(/^::notice::no comment: this run belongs to no open pull request$/m);
  });

  it("say so and succeed when the token may only read, as in a pull request from a fork", async () => {
    const refusal = { status: 403, message: "Resource not accessible by integration" };
    const job = await comment({ ...nothing, [`POST ${COMMENTS}`]: refusal });
    expect(job.ok, outputOf(job)).toBe(true);
    expect(outputOf(job)).toContain("gh: Resource not accessible by integration (HTTP 403)\n::notice::no comment");
  });

  it("fail when GitHub refuses for another reason", async () => {
    const refusal = { status: 422, message: "Validation Failed" };
    const job = await comment({ ...nothing, [`POST ${COMMENTS}`]: refusal });
    expect(job.ok).toBe(false);
    expect(outputOf(job)).toContain("gh: Validation Failed (HTTP 422)");
  });

  it("fail, and write no second comment, when the first cannot be looked for", async () => {
    const list = `GET ${COMMENTS}?per_page=100`;
    const job = await comment({ ...nothing, [list]: { status: 500, message: "Server Error" } });
    expect(job.ok).toBe(false);
    expect(written(job)).toEqual([]);
  });

  it("mention nobody and link no issue, also where a backslash or an entity hides the character", async () => {
    const text = "@one \\@two &#64;three &commat;four fixes #12, ## Heading\n";
    const job = await comment(nothing, { text });
    const z = "\u200b";
    expect(written(job)[0]?.body).toEqual({
      body: `${MARKER}\n@${z}one \\@${z}two &${z}#${z}64;three &${z}commat;four fixes #${z}12, ## Heading\n`,
    });
  });

  it("stay below GitHub's limit of 65536 characters, and cut whole lines", async () => {
    const line = `| ttfb | ${"ä@".repeat(20)} |\n`;
    const job = await comment(nothing, { text: line.repeat(3000) });
    const { body = "" } = (written(job)[0]?.body ?? {}) as { body?: string };
    expect(body.length).toBeLessThan(65_000);
    expect(body.length).toBeGreaterThan(30_000);
    const [shown = "", rest] = body.slice(MARKER.length + 1).split("\n\n");
    expect(new Set(shown.split("\n"))).toEqual(new Set([line.trimEnd().replaceAll("@", "@\u200b")]));
    expect(rest).toBe("The rest is in the summary of the run.\n");
  });
});
