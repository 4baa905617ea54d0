/**
 * Stands for `gh` in tests: takes the options of `gh api` and `gh run download` that the workflow uses, refuses all others as gh
 * does, answers from the file that FAKE_GH names, and appends each call to the file beside it, `FAKE_GH.calls`.
 *
 * The file has `pages`: for "METHOD path?query" the JSON of each page, or `{ status, message }` for a refusal; and `artifacts`: for
 * "run id/name" the folder whose content is downloaded.
 */

import { spawnSync } from "node:child_process";
import { appendFileSync, cpSync, readFileSync } from "node:fs";
import { parseArgs } from "node:util";

const file = process.env.FAKE_GH ?? "";
const { pages, artifacts } = JSON.parse(readFileSync(file, "utf8"));

/** Ends as gh does. */
function refuse(text, code = 1) {
  console.error(text);
  process.exit(code);
}

/** Writes down what was called. */
function record(call) {
  appendFileSync(`${file}.calls`, `${JSON.stringify(call)}\n`);
}

/** The `key=value` pairs of --raw-field and --field; of the latter, a value of `@file` is the content of the file. */
function fieldsOf(values) {
  const pair = (text) => [text.slice(0, text.indexOf("=")), text.slice(text.indexOf("=") + 1)];
  const typed = (value) => (value.startsWith("@") ? readFileSync(value.slice(1), "utf8") : value);
  return [
    ...(values["raw-field"] ?? []).map(pair),
    ...(values.field ?? []).map((text) => [pair(text)[0], typed(pair(text)[1])]),
  ];
}

function api(args) {
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    options: {
      method: { type: "string" },
      paginate: { type: "boolean" },
      slurp: { type: "boolean" },
      silent: { type: "boolean" },
      jq: { type: "string" },
      "raw-field": { type: "string", multiple: true },
      field: { type: "string", multiple: true },
    },
  });
  checkOptions(values, positionals);
  const fields = fieldsOf(values);
  const method = values.method ?? (fields.length > 0 ? "POST" : "GET");
  const request = `${method} ${pathOf(positionals[0], method === "GET" ? fields : [], values.paginate)}`;
  record({ request, ...(method === "GET" ? {} : { body: Object.fromEntries(fields) }) });
  const answer = pages[request] ?? { status: 404, message: "Not Found" };
  if (!Array.isArray(answer)) {
    console.log(JSON.stringify({ message: answer.message }));
    refuse(`gh: ${answer.message} (HTTP ${answer.status})`);
  }
  show(values.paginate ? answer : answer.slice(0, 1), values);
}

function checkOptions({ slurp, paginate, jq }, positionals) {
  if (positionals.length !== 1) refuse(`accepts 1 arg(s), received ${positionals.length}`);
  if (slurp && jq !== undefined) refuse("the `--slurp` option is not supported with `--jq` or `--template`");
  if (slurp && !paginate) refuse("`--paginate` required when passing `--slurp`");
}

/** The path and query that gh asks for: what it adds is in alphabetical order. */
function pathOf(path, fields, paginate) {
  const url = new URL(path, "https://api.invalid/");
  for (const [name, value] of [...fields].sort()) url.searchParams.append(name, value);
  if (paginate && !url.searchParams.has("per_page")) url.searchParams.append("per_page", "100");
  return url.pathname.slice(1) + url.search;
}

function show(shown, { silent, slurp, jq }) {
  if (silent) return;
  if (slurp) process.stdout.write(JSON.stringify(shown));
  else for (const page of shown) print(page, jq);
}

function print(page, filter) {
  if (filter === undefined) {
    process.stdout.write(JSON.stringify(page));
    return;
  }
  const { status, stdout, stderr } = spawnSync("jq", ["--raw-output", filter], { input: JSON.stringify(page) });
  process.stdout.write(stdout);
  if (status !== 0) refuse(String(stderr));
}

function download(args) {
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    options: { repo: { type: "string" }, name: { type: "string", multiple: true }, dir: { type: "string" } },
  });
  const [runId, ...more] = positionals;
  if (more.length > 0) refuse(`accepts at most 1 arg(s), received ${positionals.length}`);
  if (values.name?.length !== 1) refuse("the fake takes one name");
  record({ download: runId, repo: values.repo, name: values.name[0] });
  const folder = artifacts[`${runId}/${values.name[0]}`];
  if (folder === undefined) refuse("no artifact matches any of the names or patterns provided");
  cpSync(folder, values.dir ?? ".", { recursive: true, errorOnExist: true, force: false });
}

const [command, ...args] = process.argv.slice(2);
if (!process.env.GH_TOKEN)
  refuse("gh: To use GitHub CLI in a GitHub Actions workflow, set the GH_TOKEN environment variable.", 4);
if (command === "api") api(args);
else if (command === "run" && args[0] === "download") download(args.slice(1));
else refuse(`unknown command "${command}" for "gh"`);
