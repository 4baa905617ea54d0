/** What both pipelines of the agent are made with, and what a call asks of them. */

import type { Envelopes } from "./envelopes.ts";
import type { Faults } from "./faults.ts";
import type { Behaviour } from "./options.ts";
import type { Profile } from "./profiles.ts";
import type { Random } from "./random.ts";
import type { Attention } from "./recognizer.ts";
import type { Speaker, Step } from "./reply_sender.ts";
import type { Outbox } from "./send_queue.ts";
import type { TruthTurns } from "./truth_turns.ts";
import type { Wire } from "./wire.ts";

/** Everything an agent works with on one call. */
export interface AgentParts {
  readonly behaviour: Behaviour;
  readonly profile: Profile;
  readonly random: Random;
  readonly faults: Faults;
  readonly outbox: Outbox;
  readonly envelopes: Envelopes;
  readonly speaker: Speaker;
  readonly turns: TruthTurns;
  readonly wire: Wire;
}

/** One pipeline on one call. */
export interface Agent extends Attention {
  /** The call is up. */
  connected(): void;
  /** The caller said what its audio is: it is heard `stretch` times as fast as it was spoken. */
  metadata(stretch: number): void;
  /** The caller typed something. */
  text(text: string): void;
}

/** The audio of a greeting, which may have no end. */
export function greetingAudio(ms: number): Step {
  return Number.isFinite(ms) ? { do: "audio", ms } : { do: "babble" };
}
