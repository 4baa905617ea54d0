/** How one caller behaves on each of its calls, by the settings. */

import type { Rules } from "../conversation/rules.ts";
import type { Settings } from "../settings/settings.ts";
import { rampUpSec } from "../settings/workload.ts";
import type { Transport } from "../wire/codec.ts";
import { placeOf } from "./stagger.ts";
import { walkOf } from "./utterance_order.ts";

/** What the behaviour of one caller is made from. */
export interface BehaviourParts {
  readonly settings: Settings;
  readonly transport: Transport;
  /** Which caller this is, from 0. */
  readonly index: number;
  /** When the test's time is up, on the caller's clock. */
  readonly timeUpAtMs: number;
  /** What there is to say: the frames of each utterance, and which conversation each is of. */
  readonly script: { readonly frames: readonly number[]; conversations(): readonly string[] };
}

/** Settles it; the caller's index says with which words it begins. */
export function rulesOf({ settings, transport, script, index, timeUpAtMs }: BehaviourParts): Rules {
  const rampUpEndsAtMs = timeUpAtMs + (rampUpSec(settings) - settings.TIME) * 1000;
  return {
    frameMs: settings.CHUNK_MS,
    healthFromMs: settings.RAMP_UP_COUNTS ? 0 : rampUpEndsAtMs,
    timeUpAtMs,
    turns: settings.TURNS_PER_USER,
    utteranceFrames: script.frames,
    walk: walkOf(index, script.conversations()),
    greetingTimeoutMs: settings.GREETING_TIMEOUT_SEC * 1000,
    hesitationMs: placeOf(index) * settings.PAUSE_BETWEEN_TURNS_SEC * 1000,
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
