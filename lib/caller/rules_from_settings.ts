/** Turns the settings into the rules of one caller's conversations (lib/conversation/rules.ts). */

import type { Rules } from "../conversation/rules.ts";
import type { Settings } from "../settings/settings.ts";
import { leaveSpanSec, rampUpSec } from "../settings/workload.ts";
import type { Transport } from "../wire/codec.ts";
import { staggerFraction } from "./stagger.ts";
import { utteranceOrderOf } from "./utterance_order.ts";

/** What the rules of one caller are made from. */
export interface RulesInput {
  readonly settings: Settings;
  readonly transport: Transport;
  /** Which caller this is, from 0. */
  readonly index: number;
  /** When TIME is over, on the caller's clock. */
  readonly timeEndsAtMs: number;
  /** The number of frames of each utterance, those without words, and the name of the conversation of each. */
  readonly utterances: {
    readonly frames: readonly number[];
    readonly wordless: readonly number[];
    conversations(): readonly string[];
  };
}

/** Makes the rules; the caller's index says with which utterance it begins, after what pause, and when it leaves. */
export function rulesFromSettings({ settings, transport, utterances, index, timeEndsAtMs }: RulesInput): Rules {
  const rampUpEndsAtMs = timeEndsAtMs + (rampUpSec(settings) - settings.TIME) * 1000;
  const place = staggerFraction(index);
  return {
    frameMs: settings.CHUNK_MS,
    healthFromMs: settings.RAMP_UP_COUNTS ? 0 : rampUpEndsAtMs,
    timeUpAtMs: timeEndsAtMs + place * leaveSpanSec(settings) * 1000,
    turns: settings.TURNS_PER_USER,
    utteranceFrames: utterances.frames,
    wordless: utterances.wordless,
    utteranceOrder: utteranceOrderOf(index, utterances.conversations()),
    greetingTimeoutMs: settings.GREETING_TIMEOUT_SEC * 1000,
    startDelayMs: place * settings.PAUSE_BETWEEN_TURNS_SEC * 1000,
    firstByteTimeoutMs: settings.FIRST_BYTE_TIMEOUT_SEC * 1000,
    turnTimeoutMs: settings.TURN_TIMEOUT_SEC * 1000,
    quietMs: settings.BARGE_QUIET_MS,
    pauseMs: settings.PAUSE_BETWEEN_TURNS_SEC * 1000,
    bargeEvery: settings.BARGE_EVERY,
    bargeReentryMs: settings.BARGE_REENTRY_MS,
    agentStops: settings.AGENT_STOPS,
    stopOwedAfterEnd: transport.stopOwedAfterEnd(settings.PIPELINE),
    ignoreBenignCloses: settings.WS_IGNORE_CLOSE_EXCEPTIONS,
  };
}
