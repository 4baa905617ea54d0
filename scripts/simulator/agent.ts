/** What both pipelines of the agent have in common: what they are made with and the events that a call reports to them. */

import type { Behaviour } from "./behaviour.ts";
import type { Envelopes } from "./envelopes.ts";
import type { Faults } from "./faults.ts";
import type { Profile } from "./profiles.ts";
import type { Random } from "./random.ts";
import type { RecognizerEvents } from "./recognizer.ts";
import type { ReplySender, Step } from "./reply_sender.ts";
import type { SendQueue } from "./send_queue.ts";
import type { TruthTurns } from "./truth_turns.ts";
import type { Wire } from "./wire.ts";

/** Everything that an agent uses on one call. */
export interface AgentContext {
  readonly behaviour: Behaviour;
  readonly profile: Profile;
  readonly random: Random;
  readonly faults: Faults;
  readonly sendQueue: SendQueue;
  readonly envelopes: Envelopes;
  readonly replySender: ReplySender;
  readonly turns: TruthTurns;
  readonly wire: Wire;
}

/** One pipeline on one call. */
export interface Agent extends RecognizerEvents {
  /** The connection is open. */
  onConnected(): void;
  /** The caller sent its metadata. To the agent, its audio is `speedFactor` times as fast as it is. */
  onMetadata(speedFactor: number): void;
  /** The caller sent a typed text. */
  onText(text: string): void;
}

/** The step that sends a greeting's audio, which may have no end. */
export function greetingAudio(durationMs: number): Step {
  return Number.isFinite(durationMs) ? { type: "sendAudio", durationMs } : { type: "sendEndlessAudio" };
}
