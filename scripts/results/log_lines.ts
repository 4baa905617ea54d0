/** Reads single lines of `log.jsonl`: which record a line holds, whether it is whole, and whether a line is a torn record. */

import type { CallRecord, TurnRecord } from "../../lib/metrics/records.ts";
import type { EndLine, RunLine } from "../../lib/report/first_and_last_log_line.ts";
import { isGoVariables } from "../../lib/report/go_variables.ts";
import { parseObject } from "./lines.ts";

/** What every line of a call and its turns says of where it comes from. */
interface Origin {
  readonly vu: number;
  /** The number of the line among those of its caller, from 1; 0 in logs of earlier versions, which have none. */
  readonly line: number;
  readonly call: string;
}

/** A `type: "turn"` line of `log.jsonl`; instants are epoch ms. */
export type TurnLine = Omit<TurnRecord, "utterance"> & Origin & { readonly type: "turn"; readonly utterance: string };

/** A `type: "call"` line of `log.jsonl`; instants are epoch ms. */
export type CallLine = CallRecord & Origin & { readonly type: "call"; readonly dialAtMs: number };

/** The `type: "run"` line, as far as a reader may rely on it. */
export type RunLineRead = Partial<RunLine> & Pick<RunLine, "type">;

/** The `type: "end"` line, as far as a reader may rely on it. */
export type EndLineRead = Partial<EndLine> & Pick<EndLine, "type">;

/** What a line holds: `damaged` is a record that is not whole, `other` is text of k6 or of a shell. */
export type LogLine = TurnLine | CallLine | RunLineRead | EndLineRead | { readonly type: "damaged" | "other" };

/** A kind of field: whether a value is of it, and what stands for a field that a line of an earlier version lacks. */
interface FieldKind {
  readonly isValid: (value: unknown) => boolean;
  /** Undefined where a line without the field is damaged. */
  readonly missing?: unknown;
}

const isNumber = (value: unknown): value is number => typeof value === "number" && Number.isFinite(value);
const isText = (value: unknown): value is string => typeof value === "string";

const REQUIRED_TEXT: FieldKind = { isValid: isText };
const REQUIRED_NUMBER: FieldKind = { isValid: isNumber };
const COUNTED_FROM_1: FieldKind = { isValid: (value) => isNumber(value) && Number.isInteger(value) && value >= 1 };
const NUMBER: FieldKind = { isValid: isNumber, missing: 0 };
const TEXT: FieldKind = { isValid: isText, missing: "" };
const NUMBER_OR_NULL: FieldKind = { isValid: (value) => value === null || isNumber(value), missing: null };
const TEXT_OR_NULL: FieldKind = { isValid: (value) => value === null || isText(value), missing: null };
const FLAG: FieldKind = { isValid: (value) => typeof value === "boolean", missing: false };
const FLAG_OR_NULL: FieldKind = { isValid: (value) => value === null || typeof value === "boolean", missing: null };
const NUMBERS: FieldKind = { isValid: (value) => Array.isArray(value) && value.every(isNumber), missing: [] };
const TEXTS: FieldKind = { isValid: (value) => Array.isArray(value) && value.every(isText), missing: [] };
const OPTIONAL_TEXT: FieldKind = { isValid: (value) => value === undefined || isText(value) };
const UNREAD_OR_NULL: FieldKind = { isValid: (value) => value === null || isUnread(value), missing: null };
const GO_OR_NULL: FieldKind = { isValid: (value) => value === null || isGoVariables(value), missing: null };

function isUnread(value: unknown): boolean {
  const { count, name, shape } = Object(value) as Partial<Record<string, unknown>>;
  return isNumber(count) && isText(name) && isText(shape);
}

type Fields<Line> = { readonly [Name in Exclude<keyof Line, "type">]-?: FieldKind };

const ORIGIN = { vu: NUMBER, line: NUMBER, call: REQUIRED_TEXT };
const HEALTH = { lagMs: NUMBERS, rampUpLagMs: NUMBERS, clockSteps: NUMBER };

const TURN_FIELDS: Fields<TurnLine> = {
  ...ORIGIN,
  ...HEALTH,
  turn: COUNTED_FROM_1,
  utterance: TEXT,
  speechStartAtMs: NUMBER_OR_NULL,
  eosAtMs: NUMBER_OR_NULL,
  firstAudioAtMs: NUMBER_OR_NULL,
  ttfbMs: NUMBER_OR_NULL,
  ttfbBytesMs: NUMBER_OR_NULL,
  leadSilenceMs: NUMBER_OR_NULL,
  ttfbFailedMs: NUMBER_OR_NULL,
  sttMs: NUMBER_OR_NULL,
  textMs: NUMBER_OR_NULL,
  bargeAtMs: NUMBER_OR_NULL,
  stopAtMs: NUMBER_OR_NULL,
  bargeMs: NUMBER_OR_NULL,
  barge: TEXT_OR_NULL,
  overrunMs: NUMBER_OR_NULL,
  turnMs: NUMBER_OR_NULL,
  stallMs: NUMBER_OR_NULL,
  lateAudioMs: NUMBER,
  endInferred: FLAG,
  outcome: REQUIRED_TEXT,
  faults: TEXTS,
};

const CALL_FIELDS: Fields<CallLine> = {
  ...ORIGIN,
  ...HEALTH,
  dialAtMs: REQUIRED_NUMBER,
  connectedAtMs: NUMBER_OR_NULL,
  greetingMs: NUMBER_OR_NULL,
  greetingTimedOut: FLAG,
  closedAtMs: REQUIRED_NUMBER,
  code: NUMBER_OR_NULL,
  closedBy: REQUIRED_TEXT,
  reached: FLAG_OR_NULL,
  retry: NUMBER,
  framesDue: NUMBER,
  framesSent: NUMBER,
  worstLagMs: NUMBER,
  outcome: REQUIRED_TEXT,
  faults: TEXTS,
  unread: UNREAD_OR_NULL,
  location: OPTIONAL_TEXT,
};

const RUN_FIELDS = { process: TEXT, remarks: TEXTS, go: GO_OR_NULL };
const END_FIELDS = { process: TEXT, interrupted: FLAG, droppedIterations: NUMBER, remarks: TEXTS };

const FIELDS = {
  turn: Object.entries(TURN_FIELDS),
  call: Object.entries(CALL_FIELDS),
  run: Object.entries(RUN_FIELDS),
  end: [...Object.entries(END_FIELDS), ["lines", NUMBER_OR_NULL] as const],
} as const;

/** Text that only a record has: a brace at its begin or its end, or the name of a field. */
const PART_OF_A_RECORD = /^\{|\}$|"\w+":/;

/** Reads a line. A line with NUL bytes is damaged, whatever else is in it. */
export function readLogLine(text: string): LogLine {
  const line = parseObject(text);
  if (line === null) return { type: text.includes("\0") || PART_OF_A_RECORD.test(text) ? "damaged" : "other" };
  const fields = FIELDS[line.type as keyof typeof FIELDS] as (typeof FIELDS)["turn"] | undefined;
  if (fields === undefined) return { type: "other" };
  for (const [name, { isValid, missing }] of fields) {
    const value = line[name];
    if (value === undefined && missing !== undefined) line[name] = missing;
    else if (!isValid(value)) return { type: "damaged" };
  }
  return line as unknown as LogLine;
}
