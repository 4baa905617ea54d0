/** The schema of the file that `make baseline` writes (JSON Schema, draft 7): what a comparison relies on. */

import { SHARES, TIMES } from "./series.ts";

/** The version of the format: it rises when a field is removed or changes its meaning. */
export const DIGEST_FORMAT = 1;

/** What the file says that it is. */
export const DIGEST_CONTENT = "baseline of k6-voice-agent";

const TEXT = { type: "string" };
const TEXTS = { type: "array", items: TEXT };
const COUNT = { type: "integer", minimum: 0 };

/** An object with exactly these fields. */
function record(properties: Readonly<Record<string, object>>): object {
  return { type: "object", required: Object.keys(properties), additionalProperties: false, properties };
}

/** An object with some of these fields, all of one kind. */
function some(names: readonly string[], kind: object): object {
  const properties = Object.fromEntries(names.map((name) => [name, kind]));
  return { type: "object", additionalProperties: false, properties };
}

const FACTS = record({
  run: TEXT,
  scenario: TEXT,
  startedAt: TEXT,
  version: TEXT,
  k6: TEXT,
  url: TEXT,
  settings: { type: "object" },
  thresholds: { type: "object" },
  go: { type: "array", items: { type: "object" } },
  verdict: { enum: ["PASS", "FAIL", "INVALID", "INTERRUPTED"] },
  reasons: TEXTS,
  calls: COUNT,
  turns: COUNT,
  lateTurns: COUNT,
  sendLagP99Ms: { type: ["number", "null"] },
  comparedTurns: COUNT,
  timedOut: record({ firstByte: COUNT, turn: COUNT, greeting: COUNT }),
});

const CALL = record({
  times: some(Object.keys(TIMES), { type: "array", minItems: 1, items: { type: "number", minimum: 0 } }),
  shares: some(Object.keys(SHARES), { type: "array", minItems: 2, maxItems: 2, items: COUNT }),
});

/** The schema. */
export const DIGEST_SCHEMA = record({
  content: { const: DIGEST_CONTENT },
  format: { const: DIGEST_FORMAT },
  runs: { type: "array", minItems: 1, items: record({ facts: FACTS, calls: { type: "array", items: CALL } }) },
});
