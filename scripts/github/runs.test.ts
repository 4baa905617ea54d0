import { describe, expect, it } from "vitest";

import { type Artifact, foreignTo, type Here, runsOfBranch } from "./runs.ts";

const HERE: Here = {
  repository: "owner/agent",
  runId: "900",
  workflowRef: "owner/agent/.github/workflows/pull.yml@refs/pull/5/merge",
};

function artifact(id: number, createdAt: string | null, more: Partial<Artifact["workflow_run"]> = {}): Artifact {
  const run = { id, repository_id: 1, head_repository_id: 1, head_branch: "main", ...more };
  return { expired: false, created_at: createdAt, workflow_run: run };
}

describe("the runs of a branch", () => {
  it("are those of the repository's own branch, newest first and each once", () => {
    const artifacts = [
      artifact(1, null),
      artifact(2, "2026-03-02T00:00:00Z"),
      artifact(3, "2026-03-03T00:00:00Z"),
      artifact(2, "2026-03-04T00:00:00Z"),
      artifact(4, "2026-03-05T00:00:00Z", { head_branch: "other" }),
      artifact(5, "2026-03-05T00:00:00Z", { head_repository_id: 2 }),
      { ...artifact(6, "2026-03-05T00:00:00Z"), expired: true },
      { ...artifact(7, "2026-03-05T00:00:00Z"), workflow_run: null },
      artifact(900, "2026-03-06T00:00:00Z"),
    ];
    expect(runsOfBranch(artifacts, "main", HERE)).toEqual(["2", "3", "1"]);
  });
});

describe("a run", () => {
  const head_repository = { full_name: "Owner/Agent" };

  it.each([
    ["of load-test.yml", { path: ".github/workflows/load-test.yml" }],
    ["of load-test.yml, named with its branch", { path: "owner/agent/.github/workflows/load-test.yml@main" }],
    ["of the same workflow", { path: ".github/workflows/pull.yml", referenced_workflows: null }],
    [
      "of a workflow that calls load-test.yml",
      {
        path: ".github/workflows/nightly.yml",
        referenced_workflows: [{ path: "other/k6-voice-agent/.github/workflows/load-test.yml@abc" }],
      },
    ],
  ])("%s is one to compare with", (_, run) => {
    expect(foreignTo(HERE, { head_repository, ...run })).toBeNull();
  });

  it.each([
    ["a fork", { full_name: "owner/agent2" }, "it ran code of owner/agent2"],
    ["a deleted fork", null, "it ran code of a deleted repository"],
  ])("of the code of %s is not", (_, head, reason) => {
    expect(foreignTo(HERE, { head_repository: head, path: ".github/workflows/load-test.yml" })).toBe(reason);
  });

  it.each([".github/workflows/not-load-test.yml", ".github/workflows/load-test.yml.yml", "load-test.yml"])(
    "of %s is not",
    (path) => {
      expect(foreignTo(HERE, { head_repository, path })).toBe(`it is a run of ${path}, which is no load test`);
    },
  );
});
