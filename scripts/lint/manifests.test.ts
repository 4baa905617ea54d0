import { cp, mkdtemp, readFile, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { describe, expect, it } from "vitest";
import { parse } from "yaml";

import { heapSettings } from "../run/heap_goal.ts";
import { manifestProblems, readSchema } from "./manifests.ts";

const FOLDER = "docs/kubernetes";

/** A copy of the manifests with one replacement in the TestRun. */
async function changed(from: string, to: string): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "manifests-"));
  await cp(FOLDER, folder, { recursive: true });
  const text = await readFile(join(folder, "testrun.yaml"), "utf8");
  expect(text).toContain(from);
  await writeFile(join(folder, "testrun.yaml"), text.replace(from, to));
  return folder;
}

const CRD = `
spec:
  versions:
    - name: v1alpha1
      schema:
        openAPIV3Schema:
          type: object
          properties:
            apiVersion: { type: string }
            kind: { type: string }
            metadata: { type: object }
            spec:
              type: object
              required: [parallelism, script]
              properties:
                parallelism: { type: integer, format: int32 }
                separate: { type: boolean }
                arguments: { type: string }
                script: { type: object, x-kubernetes-preserve-unknown-fields: true }
                initializer: { type: object, x-kubernetes-preserve-unknown-fields: true }
                runner: { type: object, x-kubernetes-preserve-unknown-fields: true }
`;

describe("the Kubernetes manifests", () => {
  it("match testrun.schema.json", async () => {
    expect(await manifestProblems(await readSchema())).toEqual([]);
  });

  it("give each pod the values for its 25 callers and its memory limit", async () => {
    const { parallelism, runner } = parse(await readFile(join(FOLDER, "testrun.yaml"), "utf8")).spec;
    const limitBytes = Number.parseInt(runner.resources.limits.memory, 10) * 2 ** 30;
    const { GOGC, GOMEMLIMIT } = heapSettings({ machineBytes: 64 * 2 ** 30, limitBytes }, 100 / parallelism);
    expect(runner.env).toEqual(
      expect.arrayContaining([
        { name: "GOGC", value: GOGC },
        { name: "GOMEMLIMIT", value: GOMEMLIMIT },
      ]),
    );
  });

  it.each([
    ["a misspelt field", "parallelism: 4", "paralellism: 4", /must NOT have additional properties/],
    ["a number as text", "parallelism: 4", 'parallelism: "4"', /\/spec\/parallelism: must be integer/],
    [
      "a volume without a name",
      "name: voice-agent-archive\n",
      "claim: voice-agent-archive\n",
      /must have required property 'name'/,
    ],
    ["broken YAML", "spec:", "spec: [", /expected YAML/],
    [
      "a secret in the arguments",
      "--quiet",
      "-e WS_HEADERS={} --quiet",
      /arguments: expected no secret, got WS_HEADERS/,
    ],
    [
      "a plain-text secret",
      "valueFrom:\n          secretKeyRef:\n            name: voice-agent\n            key: ws-headers",
      "value: x",
      /WS_HEADERS: expected valueFrom a Secret/,
    ],
  ])("are rejected with %s", async (_, from, to, problem) => {
    expect((await manifestProblems(await readSchema(), await changed(from, to))).join("\n")).toMatch(problem);
  });

  it("can be validated against the operator's CustomResourceDefinition instead", async () => {
    const path = join(await mkdtemp(join(tmpdir(), "crd-")), "crd.yaml");
    await writeFile(path, CRD);
    expect(await manifestProblems(await readSchema(path))).toEqual([]);
    await writeFile(path, CRD.replace("separate: { type: boolean }", "apart: { type: boolean }"));
    expect((await manifestProblems(await readSchema(path))).join("\n")).toContain('{"additionalProperty":"separate"}');
    await writeFile(path, "kind: Nothing");
    await expect(readSchema(path)).rejects.toThrow(/expected a CustomResourceDefinition with v1alpha1, got none/);
  });
});
