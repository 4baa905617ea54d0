/** The name of each metric in reports, and its meaning. The table in docs/metrics.md is made from it. */

import type { MetricName } from "./metrics.ts";

/** The texts of one metric. */
export interface GlossaryEntry {
  /** The name in reports, kept from the load test that this project started from; a tagged series adds `/value`. */
  readonly printed: string;
  readonly help: string;
}

/** The texts of every metric. */
export const GLOSSARY: Readonly<Record<MetricName, GlossaryEntry>> = {
  ttfb: { printed: "ttfb", help: "end of speech to the first audible audio of its reply" },
  barge: { printed: "barge", help: "first interrupting speech frame to the agent's stop" },
  turn: { printed: "turn", help: "first speech frame to the reply being complete, or stopped" },
  greeting: { printed: "greeting", help: "connected to the first audible audio of the greeting" },
  first_event: {
    printed: "stage",
    help: "end of speech to the user final (stt), to the first reply text (llm, VoiceLive only)",
  },
  lead_silence: {
    printed: "lead_silence",
    help: "silence that was sent as audio between end of speech and the first audible sample of the reply",
  },
  ttfb_bytes: {
    printed: "ttfb/bytes",
    help: "end of speech to the first audio message, audible or not; for comparison with tools that count bytes",
  },
  stall: { printed: "stall", help: "how long a caller's player ran dry within a reply" },
  barge_overrun: { printed: "overrun", help: "audio of the old reply that arrived after the stop" },
  ttfb_failed: {
    printed: "ttfb_failed",
    help: "time to the first audio of a reply that apologised, was throttled or came with an error",
  },
  ttfb_clean: { printed: "ttfb/clean", help: "ttfb of turns without any throttling" },
  ttfb_throttled: {
    printed: "ttfb/throttled",
    help: "end of speech to the first audio, or the whole deadline, of turns in which throttling was seen",
  },
  ttfb_warmup: { printed: "warmup/ttfb", help: "ttfb of warm-up turns" },
  barge_warmup: { printed: "warmup/barge", help: "barge of warm-up turns" },
  turn_warmup: { printed: "warmup/turn", help: "turn of warm-up turns" },
  connection_success: { printed: "connection_success", help: "calls that reached their first utterance" },
  turn_success: { printed: "turn_success", help: "turns with outcome ok" },
  ttfb_fails: {
    printed: "ttfb fails",
    help: "turns without a valid ttfb after end of speech: no first audio, or a failed reply",
  },
  barge_fails: { printed: "barge fails", help: "stops that were owed and did not come" },
  turn_fails: { printed: "turn fails", help: "turns whose outcome is not ok" },
  greeting_fails: { printed: "greeting fails", help: "greetings that did not come" },
  calls: { printed: "calls", help: "dials" },
  reconnects: { printed: "reconnects", help: "calls of a caller whose last call failed" },
  turns: { printed: "turns", help: "turns that were spoken or cut, warm-up included" },
  ws_close: { printed: "ws/close", help: "closes that the caller did not ask for" },
  ws_error: { printed: "ws/error", help: "dials and connections that failed" },
  turn_error: { printed: "turn/error", help: "failed turns" },
  rate_limit: { printed: "rate", help: "throttling, once per turn and source" },
  throttled_turns: { printed: "throttled", help: "turns in which throttling was seen" },
  server_error: { printed: "err", help: "other coded errors of the agent, once per turn and code" },
  odd_message: { printed: "odd", help: "turns in which a message came that is not JSON, or of an unknown type" },
  unread_messages: { printed: "unread_messages", help: "messages of the agent that could not be read" },
  late_audio: { printed: "late_audio", help: "turns in which audible audio came that belonged to no reply" },
  barge_skipped: { printed: "barge_skipped", help: "planned barge-ins that were not made" },
  barge_timeout: { printed: "barge_timeout", help: "stops that were owed and did not come" },
  barge_unobserved: { printed: "barge_unobserved", help: "barge-ins without a stop that counts" },
  end_inferred: { printed: "end_inferred", help: "replies that only quiet ended" },
  send_lag: { printed: "send_lag", help: "worst frame lateness in each second of each call" },
  send_lag_seconds: { printed: "send_lag_seconds", help: "seconds of calls that send_lag judged" },
  send_lag_ramp_up: {
    printed: "send_lag/ramp_up",
    help: "the same in the ramp-up, where RAMP_UP_COUNTS=false leaves that out of the verdict",
  },
  on_time: { printed: "on_time", help: "turns during which the generator was on time" },
  generator_late: { printed: "generator_late", help: "turns that left the metrics because the generator was late" },
  generator_limit: {
    printed: "generator_limit",
    help: "calls that failed because the load machine ran out of file descriptors, local ports or memory",
  },
  clock_step: { printed: "clock_step", help: "jumps of the wall clock" },
  script_error: { printed: "script_error", help: "bugs of this tool" },
  gave_up: { printed: "gave_up", help: "callers that stopped trying" },
  log_lines: { printed: "log_lines", help: "lines written to the run's log" },
};
