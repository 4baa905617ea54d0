/** Decides which earlier runs of a repository a load test may be compared with, from what GitHub's API says of them. */

/** The part of an artifact in GitHub's API that is needed. */
export interface Artifact {
  readonly expired: boolean;
  readonly created_at: string | null;
  readonly workflow_run: {
    readonly id: number;
    readonly repository_id: number;
    readonly head_repository_id: number;
    readonly head_branch: string | null;
  } | null;
}

/** The part of a workflow run in GitHub's API that is needed. */
export interface WorkflowRun {
  readonly path: string;
  readonly head_repository: { readonly full_name: string } | null;
  readonly referenced_workflows?: readonly { readonly path: string }[] | null;
}

/** Where this job runs. */
export interface Here {
  /** `owner/name`. */
  readonly repository: string;
  readonly runId: string;
  /** GITHUB_WORKFLOW_REF: `owner/name/.github/workflows/file.yml@ref` of the workflow that was started. */
  readonly workflowRef: string;
}

const LOAD_TEST = "load-test.yml";

/**
 * The ids of a branch's runs that have one of the artifacts, newest first. A fork's runs are left out, whose branch may have
 * the same name, and so is this run, which may have been started again.
 */
export function runsOfBranch(artifacts: readonly Artifact[], branch: string, { runId }: Here): readonly string[] {
  const newestFirst = artifacts
    .filter(({ expired }) => !expired)
    .sort((a, b) => (b.created_at ?? "").localeCompare(a.created_at ?? ""));
  const ids = newestFirst.flatMap(({ workflow_run: run }) =>
    run !== null && run.head_branch === branch && run.head_repository_id === run.repository_id ? [String(run.id)] : [],
  );
  return [...new Set(ids)].filter((id) => id !== runId);
}

/**
 * Says why a run is none to compare with; null where it is one. It must be of this repository's own code, and a run of the
 * same workflow as this one, of load-test.yml, or of a workflow that calls load-test.yml.
 */
export function foreignTo({ repository, workflowRef }: Here, run: WorkflowRun): string | null {
  const head = run.head_repository?.full_name ?? "a deleted repository";
  if (head.toLowerCase() !== repository.toLowerCase()) return `it ran code of ${head}`;
  const files = [run.path, ...(run.referenced_workflows ?? []).map(({ path }) => path)].map(fileOf);
  const isLoadTest = files.includes(LOAD_TEST) || files[0] === fileOf(workflowRef);
  return isLoadTest ? null : `it is a run of ${run.path}, which is no load test`;
}

/** The name of a workflow's file: of `owner/name/.github/workflows/ci.yml@main` it is `ci.yml`. */
function fileOf(path: string): string {
  return /(?:^|\/)\.github\/workflows\/([^@/]+)(?:@|$)/.exec(path)?.[1] ?? "";
}
