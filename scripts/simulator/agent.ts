/**
 * What both pipelines of the agent have in common: what they are made with, the events that a call reports to them, how a turn begins
 * and the parts of a reply.
 */

import type { Behaviour } from "./behaviour.ts";
import type { Envelopes } from "./envelopes.ts";
import type { Faults } from "./faults.ts";
import type { Profile } from "./profiles.ts";
import type { Random } from "./random.ts";
import type { RecognizerEvents, Utterance } from "./recognizer.ts";
import type { ReplySender, Step } from "./reply_sender.ts";
import type { SendQueue } from "./send_queue.ts";
import type { Servers } from "./servers.ts";
import type { Job } from "./station.ts";
import type { Programmed, Queued, TruthTurn } from "./truth.ts";
import type { TruthTurns } from "./truth_turns.ts";
import { TURN_FAULTS, type TurnFault } from "./turn_faults.ts";
import type { Segment } from "./vad.ts";
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
  /** The servers that all calls share. */
  readonly servers: Servers;
  /** The model calls of this call so far: when the caller hangs up, they are cancelled. */
  readonly modelCalls: Job[];
}

/** One pipeline on one call. */
export interface Agent extends RecognizerEvents {
  /** The connection is open. */
  onConnected(): void;
  /** The caller sent its metadata. To the agent, its audio is `speedFactor` times as fast as it is. */
  onMetadata(speedFactor: number): void;
  /** The caller asks for the greeting. */
  onGreetingAsked(): void;
  /** The caller sent a typed text. */
  onText(text: string): void;
}

/** A turn whose utterance is over. */
export interface OpenedTurn {
  readonly turn: TruthTurn;
  /** The fault that was injected, or that a stage without a free server gives. */
  readonly fault: TurnFault | null;
  /** When the user final is due. */
  readonly finalAtMs: number;
  /** The model call that the reply waits for; null where the model is not called. */
  readonly model: Job | null;
}

/**
 * Draws the delays and the fault of an utterance that is over, calls the model and opens the turn. A stage that has no server for
 * the turn throttles it, whatever fault was drawn.
 */
export function openTurn(
  context: AgentContext,
  segment: Segment,
  utterance: Utterance,
  sttMs = utterance.sttMs,
): OpenedTurn {
  const { behaviour, faults, modelCalls, servers, turns } = context;
  const { isThrottled, sttWaitMs } = utterance;
  const programmed = drawDelays(context, sttMs);
  const injected = faults.drawTurnFault();
  const spoken = isThrottled ? (TURN_FAULTS.stt_throttle ?? null) : injected;
  const finalAtMs = segment.endAtMs + (sttWaitMs ?? 0) + sttMs;
  const callsModel = !behaviour.mute && !behaviour.talksAlways && (spoken === null || spoken.sendsFinal);
  const model = callsModel ? servers.callModel(finalAtMs, programmed.llmMs) : null;
  const fault = callsModel && model === null ? (TURN_FAULTS.llm_429 ?? null) : spoken;
  const queued: Queued = { sttMs: sttWaitMs, llmMs: 0 };
  if (model !== null) {
    modelCalls.push(model);
    queued.llmMs = model.waitMs;
    model.whenStarted((waitMs) => {
      queued.llmMs = waitMs;
    });
  }
  const turn = turns.open({ ...speechOf(segment), programmed, queued, fault: fault?.name ?? null });
  return { turn, fault, finalAtMs, model };
}

/** Opens the turn of an utterance whose recognition was given up: it has no user final and no reply. */
export function openLostTurn(context: AgentContext, segment: Segment, utterance: Utterance): void {
  const programmed = drawDelays(context, utterance.sttMs);
  const queued = { sttMs: utterance.sttWaitMs, llmMs: 0 };
  context.turns.open({ ...speechOf(segment), programmed, queued, fault: null });
}

function speechOf({ digits, endAtMs, startAtMs }: Segment): Pick<TruthTurn, "speechStartAtMs" | "eosAtMs" | "dtmf"> {
  return { speechStartAtMs: startAtMs, eosAtMs: endAtMs, dtmf: digits };
}

/** Draws the delays of a turn. The recognition time is known when the utterance begins. */
function drawDelays({ behaviour, random, servers }: AgentContext, sttMs: number): Programmed {
  const { leadSilenceMs, llmMs, ttsMs } = behaviour;
  return {
    sttMs,
    llmMs: servers.slowedMs(llmMs.draw(random)),
    ttsMs: ttsMs.draw(random),
    leadMs: leadSilenceMs.draw(random),
  };
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
