/**
 * Converts the records of turns and calls to metric samples. It is the only place that does: k6 adds these samples
 * during the run, and a report that is made from `log.jsonl` adds the same ones.
 */

import { type MetricName, type Sample, tagOf, tagValuesOf, turnTag } from "./metrics.ts";
import type { CallRecord, HealthRecord, TurnRecord } from "./records.ts";

/** What the conversion needs besides the record. */
export interface SampleContext {
  /** Turns up to this number are warm-up: they have metrics of their own (`..._warmup`). */
  readonly warmupTurns: number;
  /**
   * True where reply text comes before its audio, so that its time is the time at which the model began (VoiceLive).
   */
  readonly textLeadsAudio: boolean;
}

/**
 * Returns the samples of one turn. A turn during which the generator was late has no samples of its times. The fields
 * `leadSilenceMs` and `ttfbBytesMs` are missing in logs of earlier versions.
 */
export function turnSamples(record: TurnRecord, context: SampleContext): Sample[] {
  const late = record.outcome === "generator_late";
  const samples = [count("turns"), ...healthSamples(record)];
  if (record.rampUpLagMs.length === 0) samples.push(sample("on_time", late ? 0 : 1));
  if (record.turn === 1 && record.speechStartAtMs !== null) samples.push(sample("connection_success", 1));
  if (late) samples.push(count("generator_late"));
  else if (record.turn <= context.warmupTurns) samples.push(...warmupSamples(record));
  else samples.push(...timeSamples(record, context), ...outcomeSamples(record));
  return [...samples, ...record.faults.flatMap(faultSamples)];
}

/** Returns the samples of one call, without those of its turns. */
export function callSamples(record: CallRecord): Sample[] {
  const samples = [count("calls"), ...healthSamples(record), ...record.faults.flatMap(faultSamples)];
  if (record.reached === false) samples.push(sample("connection_success", 0));
  if (record.greetingMs !== null) samples.push(sample("greeting", record.greetingMs));
  if (record.greetingTimedOut) samples.push(count("greeting_fails"));
  if (record.closedBy === "agent" && record.code !== null) samples.push(tagged("ws_close", String(record.code)));
  if (record.unread) samples.push(sample("unread_messages", record.unread.count));
  if (record.retry > 0 && record.outcome !== "generator_limit") samples.push(count("reconnects"));
  if (record.outcome === "gave_up" || record.outcome === "script_error") samples.push(count(record.outcome));
  return samples;
}

function timeSamples(record: TurnRecord, context: SampleContext): Sample[] {
  const turn = turnTag(record.turn);
  return [
    ...optional("ttfb", record.ttfbMs, { turn }),
    ...optional("barge", record.bargeMs, { turn }),
    ...optional("turn", record.turnMs, { turn }),
    ...optional("first_event", record.sttMs, { stage: "stt" }),
    ...optional("first_event", context.textLeadsAudio ? record.textMs : null, { stage: "llm" }),
    ...optional("lead_silence", record.leadSilenceMs ?? null),
    ...optional("ttfb_bytes", record.ttfbBytesMs ?? null),
    ...optional("stall", record.stallMs),
    ...optional("barge_overrun", record.overrunMs),
    ...optional("ttfb_failed", record.ttfbFailedMs),
    ...throttlingSamples(record),
  ];
}

/** Returns the time to first audio, as that of a throttled or of a clean turn, and which sources throttled the turn. */
function throttlingSamples(record: TurnRecord): Sample[] {
  const sources = record.faults.filter((fault) => fault.startsWith("rate_limit:")).map((fault) => fault.slice(11));
  const waited = sources.length > 0 ? "ttfb_throttled" : "ttfb_clean";
  return [
    ...optional(waited, record.ttfbMs ?? record.ttfbFailedMs),
    ...sources.map((source) => tagged("throttled_turns", source)),
  ];
}

function outcomeSamples(record: TurnRecord): Sample[] {
  const turn = turnTag(record.turn);
  const ok = record.outcome === "ok";
  const samples = [sample("turn_success", ok ? 1 : 0)];
  if (!ok) samples.push(tagged("turn_error", record.outcome), count("turn_fails", { turn }));
  if (record.eosAtMs !== null && (record.ttfbMs === null || record.firstAudioAtMs === null)) {
    samples.push(count("ttfb_fails", { turn }));
  }
  if (record.barge === "timeout") samples.push(count("barge_timeout"), count("barge_fails", { turn }));
  if (record.barge === "skipped") samples.push(tagged("barge_skipped", "short_reply"));
  if (record.barge === "unobserved") samples.push(tagged("barge_unobserved", "not_owed"));
  if (record.barge === "too_soon") samples.push(tagged("barge_unobserved", "too_soon"));
  if (record.lateAudioMs > 0) samples.push(count("late_audio"));
  if (record.endInferred) samples.push(count("end_inferred"));
  return samples;
}

function warmupSamples(record: TurnRecord): Sample[] {
  return [
    ...optional("ttfb_warmup", record.ttfbMs),
    ...optional("barge_warmup", record.bargeMs),
    ...optional("turn_warmup", record.turnMs),
  ];
}

function healthSamples(record: HealthRecord): Sample[] {
  const samples = record.lagMs.flatMap((lagMs) => [sample("send_lag", lagMs), count("send_lag_seconds")]);
  samples.push(...record.rampUpLagMs.map((lagMs) => sample("send_lag_ramp_up", lagMs)));
  if (record.clockSteps > 0) samples.push(sample("clock_step", record.clockSteps));
  return samples;
}

/**
 * Returns the samples of a fault by its `kind:code`. Notices do not concern the turn, but are counted: those about a
 * cancel as `server_error`, the others as `odd_message`.
 */
function faultSamples(name: string): Sample[] {
  const [kind, code = "unknown"] = name.split(":");
  if (kind === "rate_limit") return [tagged("rate_limit", code)];
  if (kind === "generator_limit") return [tagged("generator_limit", code)];
  if (kind === "ws_error") return [tagged("ws_error", code)];
  if (kind === "apology") return [tagged("server_error", code)];
  if (kind === "server_error" || code.startsWith("response_cancel")) return [tagged("server_error", code)];
  if (kind === "notice") return [tagged("odd_message", code)];
  return [];
}

function sample(metric: MetricName, value: number, tags?: Sample["tags"]): Sample {
  return tags === undefined ? { metric, value } : { metric, value, tags };
}

function count(metric: MetricName, tags?: Sample["tags"]): Sample {
  return sample(metric, 1, tags);
}

/**
 * Counts 1 under the metric's own tag. A value that the metric does not list is tagged with the class of its HTTP status
 * (`http_4xx`), else `other`.
 */
function tagged(metric: MetricName, value: string): Sample {
  const tag = tagOf(metric);
  const values = tagValuesOf(metric);
  if (tag === undefined) return count(metric);
  const candidates = [value, value.replace(/^(http_\d)\d\d$/, "$1xx"), "other"];
  return count(metric, { [tag]: candidates.find((each) => values?.includes(each) ?? true) ?? "other" });
}

function optional(metric: MetricName, value: number | null, tags?: Sample["tags"]): Sample[] {
  return value === null ? [] : [sample(metric, value, tags)];
}
