/**
 * `make lint_manifests` (`manifests.ts [CRD]`): validates the Kubernetes manifests of docs/kubernetes against a schema:
 * the operator's, where its CustomResourceDefinition is given, else testrun.schema.json, which covers the fields in
 * use. Unknown fields and plain-text secrets are problems too.
 */

import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";

import { Ajv, type ValidateFunction } from "ajv";
import { parse, parseAllDocuments } from "yaml";
import type { Setting } from "../../lib/settings/setting_kinds.ts";
import { SETTINGS } from "../../lib/settings/settings.ts";
import { fail } from "../run/terminal.ts";

const MANIFESTS = "docs/kubernetes";
const OWN_SCHEMA = "scripts/lint/testrun.schema.json";

/** A JSON schema. */
type Schema = Readonly<Record<string, unknown>>;

interface Manifest {
  readonly apiVersion?: unknown;
  readonly kind?: unknown;
  readonly metadata?: { readonly name?: unknown };
  readonly spec?: {
    readonly arguments?: unknown;
    readonly runner?: { readonly env?: readonly { readonly name: string; readonly value?: unknown }[] };
  };
}

/** The schema of a TestRun: from the operator's CustomResourceDefinition, or testrun.schema.json without a path. */
export async function readSchema(crdPath?: string): Promise<Schema> {
  if (crdPath === undefined) return withoutUnknownFields(JSON.parse(await readFile(OWN_SCHEMA, "utf8")) as Schema);
  const crd = parse(await readFile(crdPath, "utf8")) as {
    spec?: { versions?: readonly { name: string; schema?: { openAPIV3Schema?: Schema } }[] };
  };
  const schema = crd.spec?.versions?.find(({ name }) => name === "v1alpha1")?.schema?.openAPIV3Schema;
  if (schema === undefined) throw new Error(`${crdPath}: expected a CustomResourceDefinition with v1alpha1, got none`);
  // A CustomResourceDefinition does not define `metadata`, which every object has.
  const { properties = {} } = schema as { properties?: Readonly<Record<string, Schema>> };
  return withoutUnknownFields({ ...schema, properties: { ...properties, metadata: { type: "object" } } });
}

/** Lists every problem of a folder of manifests. */
export async function manifestProblems(schema: Schema, folder = MANIFESTS): Promise<readonly string[]> {
  const validate = new Ajv({ strict: false, allErrors: true, validateFormats: false }).compile<Manifest>(schema);
  const files = (await readdir(folder)).filter((file) => /\.ya?ml$/.test(file));
  if (!files.length) return [`${folder}: expected manifests, got none`];
  const problems: string[] = [];
  for (const file of files) {
    const documents = parseAllDocuments(await readFile(join(folder, file), "utf8"));
    const found = documents.flatMap((document) => [
      ...document.errors.map((error) => `expected YAML, got ${error.message}`),
      ...problemsOf((document.toJS() ?? {}) as Manifest, validate),
    ]);
    problems.push(...found.map((problem) => `${file}: ${problem}`));
  }
  return problems;
}

function problemsOf(manifest: Manifest, validate: ValidateFunction<Manifest>): string[] {
  const { apiVersion, kind, metadata } = manifest;
  if (typeof metadata?.name !== "string" || typeof apiVersion !== "string")
    return [`expected apiVersion and metadata.name, got ${JSON.stringify(manifest).slice(0, 80)}`];
  if (kind !== "TestRun") return [];
  const errors = validate(manifest) ? [] : (validate.errors ?? []);
  const messages = errors.map(
    ({ instancePath, message, params }) => `${instancePath}: ${message} ${JSON.stringify(params)}`,
  );
  return [...messages, ...plainSecrets(manifest)];
}

/** Forbids unknown fields in a schema: a cluster rejects them, or drops them without an error. */
function withoutUnknownFields(schema: Schema): Schema {
  const entries = Object.entries(schema).map(([key, value]): [string, unknown] => {
    if (key === "properties") {
      const inner = Object.entries(value as Readonly<Record<string, Schema>>);
      return [key, Object.fromEntries(inner.map(([name, one]) => [name, withoutUnknownFields(one)]))];
    }
    return [key, key === "items" ? withoutUnknownFields(value as Schema) : value];
  });
  const isOpen = schema["x-kubernetes-preserve-unknown-fields"] === true || "additionalProperties" in schema;
  const isObject = schema.type === "object" && "properties" in schema;
  return { ...Object.fromEntries(entries), ...(isObject && !isOpen && { additionalProperties: false }) };
}

/** Secret settings whose values are in the manifest itself. */
function plainSecrets({ spec }: Manifest): string[] {
  const secrets = Object.entries<Setting<unknown>>(SETTINGS).flatMap(([name, { secret }]) => (secret ? [name] : []));
  const inArguments = secrets.filter((name) => String(spec?.arguments ?? "").includes(name));
  const inEnv = (spec?.runner?.env ?? []).filter(({ name, value }) => secrets.includes(name) && value !== undefined);
  return [
    ...inArguments.map((name) => `arguments: expected no secret, got ${name}`),
    ...inEnv.map(({ name }) => `${name}: expected valueFrom a Secret, got its value`),
  ];
}

if (import.meta.filename === process.argv[1]) {
  const crd = process.argv[2];
  await readSchema(crd)
    .then((schema) => manifestProblems(schema))
    .then((problems) => {
      for (const problem of problems) console.error(problem);
      console.log(`${MANIFESTS}: ${problems.length} problem(s) against ${crd ?? OWN_SCHEMA}`);
      if (problems.length > 0) process.exitCode = 1;
    })
    .catch(fail);
}
