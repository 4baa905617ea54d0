/** Makes the lines of a log for the judge of probes; only tests use it. */

import type { CallLine, TurnLine } from "../results/log_lines.ts";

const HEALTH = { vu: 1, line: 0, lagMs: [], rampUpLagMs: [], clockSteps: 0 };

/** A turn that began at an instant (ms) and was ok, with these changes. */
export function syntheticTurn(atMs: number, changes: Partial<TurnLine> = {}): TurnLine {
  const eosAtMs = atMs + 2000;
  const ttfbMs = changes.ttfbMs === undefined ? 1000 : changes.ttfbMs;
  return {
    ...HEALTH,
    type: "turn",
    call: "call",
    turn: 2,
    utterance: "turn_001.pcm",
    speechStartAtMs: atMs,
    eosAtMs,
    firstAudioAtMs: ttfbMs === null ? null : eosAtMs + ttfbMs,
    ttfbMs,
    ttfbBytesMs: ttfbMs,
    leadSilenceMs: 0,
    ttfbFailedMs: null,
    sttMs: 400,
    textMs: null,
    bargeAtMs: null,
    stopAtMs: null,
    bargeMs: 300,
    barge: "stopped",
    overrunMs: 0,
    turnMs: 4000,
    stallMs: 0,
    lateAudioMs: 0,
    endInferred: false,
    outcome: "ok",
    faults: [],
    ...changes,
  };
}

/** A call that was dialled at an instant (ms) and was ok, with these changes. */
export function syntheticCall(atMs: number, changes: Partial<CallLine> = {}): CallLine {
  return {
    ...HEALTH,
    type: "call",
    call: "call",
    dialAtMs: atMs,
    connectedAtMs: atMs,
    greetingMs: 200,
    greetingTimedOut: false,
    closedAtMs: atMs + 60_000,
    code: 1000,
    closedBy: "caller",
    reached: true,
    retry: 0,
    framesDue: 0,
    framesSent: 0,
    worstLagMs: 1,
    outcome: "ok",
    faults: [],
    unread: null,
    ...changes,
  };
}
