/** What both pipelines of the agent have in common: what they are made with and the events that a call reports to them. */

import type { Behaviour } from "./behaviour.ts";
import type { Envelopes } from "./envelopes.ts";
import type { Faults } from "./faults.ts";
import type { Profile } from "./profiles.ts";
import type { Random } from "./random.ts";
import type { RecognizerEvents } from "./recognizer.ts";
import type { ReplySender, Step } from "./reply_sender.ts";
import type { SendQueue } from "./send_queue.ts";
import type { Programmed } from "./truth.ts";
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

/** Draws the delays of a turn. The recognition time is known when the utterance begins. */
export function drawDelays({ leadSilenceMs, llmMs, ttsMs }: Behaviour, random: Random, sttMs: number): Programmed {
  return { sttMs, llmMs: llmMs.draw(random), ttsMs: ttsMs.draw(random), leadMs: leadSilenceMs.draw(random) };
}

/**
 * The sentences of a reply: their steps, with pauses between them, and a tool call after the first one. `stepsOf` makes the steps
 * of one sentence, whose audio has this length.
 */
export function sentenceSteps(
  { behaviour, envelopes, random }: AgentContext,
  responseId: string,
  stepsOf: (index: number, durationMs: number) => readonly Step[],
): Step[] {
  const { sentenceGapMs, sentences, toolMs } = behaviour;
  const durationMs = behaviour.replyMs.draw(random) / sentences;
  const tool: Step[] = [
    { type: "sendDirect", make: () => [envelopes.toolStart(responseId)] },
    { type: "wait", ms: toolMs },
    { type: "sendDirect", make: () => [envelopes.toolEnd(responseId, toolMs)] },
  ];
  return Array.from({ length: sentences }, (_, index): Step[] => [
    ...(index > 0 ? [{ type: "wait", ms: sentenceGapMs } as const] : []),
    ...stepsOf(index, durationMs),
    ...(index === 0 && toolMs > 0 ? tool : []),
  ]).flat();
}

/** The step that sends a greeting's audio, which may have no end. */
export function greetingAudio(durationMs: number): Step {
  return Number.isFinite(durationMs) ? { type: "sendAudio", durationMs } : { type: "sendEndlessAudio" };
}
