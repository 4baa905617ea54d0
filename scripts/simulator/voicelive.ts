/**
 * The VoiceLive pipeline: one service for recognition, language model and synthesis. Its own VAD detects where speech begins
 * and ends. Its audio comes in chunks of varying length, faster than they play, and every response has an id.
 */

import { randomUUID } from "node:crypto";

import { type Agent, type AgentContext, greetingAudio, openLostTurn, openTurn, sentenceSteps } from "./agent.ts";
import { now, runAt } from "./clock.ts";
import { EarlyAnswer } from "./early_answer.ts";
import { sentence } from "./envelopes.ts";
import type { Utterance } from "./recognizer.ts";
import type { Reply, Step } from "./reply_sender.ts";
import type { Job } from "./station.ts";
import type { Programmed, TruthTurn } from "./truth.ts";
import type { Segment } from "./vad.ts";

/** How long the setup of a session takes before the synthesis of the greeting begins. */
const GREETING_SETUP_MS = 350;

/** How long after the first stop of a speech start the phone gets the second one (seen on g2). */
const SECOND_STOP_MS = 40;

/** Audio that the service still sends of a cancelled response. */
const TRAILING_MS = 100;

/** The VoiceLive pipeline on one call. */
export class VoiceLive implements Agent {
  private readonly context: AgentContext;
  /** The last utterance whose speech start was detected. */
  private started: Utterance | null = null;
  private readonly early = new EarlyAnswer();
  private responses = 0;
  /** A phone's 16 kHz is taken for 24 kHz, a factor of 1.5: one second of speech lasts two thirds of a second. */
  private speedFactor: number;

  constructor(context: AgentContext) {
    this.context = context;
    this.speedFactor = context.wire.assumedHz / context.wire.defaultHz;
  }

  onConnected(): void {
    const { behaviour, envelopes, profile, replySender, sendQueue, wire } = this.context;
    sendQueue.enqueueEnvelope(envelopes.inventory());
    sendQueue.enqueueEnvelope(envelopes.inventory());
    if (profile.relaysIdleCancelErrors) sendQueue.enqueueEnvelope(envelopes.agentChange());
    if (wire.name === "browser") sendQueue.enqueueEnvelope(envelopes.voiceLiveReady(profile.sendsReadyEvent));
    sendQueue.enqueueEnvelope(envelopes.sessionUpdated(wire.name === "acs" ? "acs" : "realtime"));
    if (behaviour.talksAlways)
      replySender.send({ ...this.newResponse(null, 0), steps: [{ type: "sendEndlessAudio" }] });
    else if (wire.greetsOn !== "request") this.greet();
  }

  onGreetingAsked(): void {
    this.greet();
  }

  onMetadata(speedFactor: number): void {
    this.speedFactor = speedFactor;
  }

  onText(): void {
    const { behaviour, random, replySender } = this.context;
    const delays = { llmMs: 0, ttsMs: 0, leadMs: behaviour.leadSilenceMs.draw(random) };
    replySender.send(this.newReply(null, now(), delays, null));
  }

  /** With a wrong sample rate, the silence that ends an utterance takes `speedFactor` times as long. */
  drawSttMs(): number {
    const { behaviour, random } = this.context;
    return behaviour.sttMs.draw(random) + behaviour.silenceMs * (this.speedFactor - 1);
  }

  /** The first loud window after `--barge-ms` of speech is the speech start. */
  onLoudWindow(segment: Segment, utterance: Utterance): void {
    const { behaviour, envelopes, sendQueue } = this.context;
    if (this.started !== utterance && segment.durationMs >= behaviour.bargeMs * this.speedFactor) {
      this.started = utterance;
      sendQueue.enqueueEnvelope(envelopes.userOpened(utterance.turnId));
      this.stopOnSpeechStart(segment, utterance);
    }
    if (!behaviour.answersEarly) return;
    this.early.onLoudWindow(segment, utterance, () => this.answer(segment, utterance, 0));
  }

  onPartial(_: Segment, utterance: Utterance): void {
    const { envelopes, profile, sendQueue } = this.context;
    const { turnId, partialCount } = utterance;
    sendQueue.enqueueEnvelope(envelopes.voiceLivePartial(turnId, partialCount, profile.voiceLiveText));
  }

  onUtteranceEnd(segment: Segment, utterance: Utterance): void {
    if (this.early.turnOf(utterance) === null) this.answer(segment, utterance);
  }

  onUtteranceLost(segment: Segment, utterance: Utterance): void {
    if (this.early.turnOf(utterance) === null) openLostTurn(this.context, segment, utterance);
  }

  private answer(segment: Segment, utterance: Utterance, sttMs?: number): TruthTurn {
    const { behaviour, envelopes, replySender, sendQueue } = this.context;
    const { fault, finalAtMs, model, turn } = openTurn(this.context, segment, utterance, sttMs);
    if (fault === null || fault.sendsFinal) {
      sendQueue.enqueueEnvelope(envelopes.userFinal(utterance.turnId), (atMs) => {
        turn.finalAtMs = atMs;
      });
    }
    if (behaviour.mute || behaviour.talksAlways) return turn;
    const reply = this.newReply(turn, finalAtMs, turn.programmed, model);
    const steps = fault?.alterSteps({ ...this.context, pipeline: "voicelive", ...reply }) ?? reply.steps;
    replySender.send({ ...reply, steps });
    return turn;
  }

  private greet(): void {
    const { behaviour, envelopes, random, replySender, wire } = this.context;
    if (behaviour.greetingMs === 0) return;
    const ttsMs = behaviour.ttsMs.draw(random);
    const response = this.newResponse(null, behaviour.leadSilenceMs.draw(random));
    const steps: Step[] = [
      { type: "wait", ms: GREETING_SETUP_MS + ttsMs },
      greetingAudio(behaviour.greetingMs),
      { type: "sendDirect", make: () => wire.audioEndMessages(response) },
      { type: "enqueueEnvelope", message: envelopes.assistantFinal(response.responseId, sentence(0)) },
    ];
    replySender.send({ ...response, steps });
  }

  /** A reply with a new response id and without steps. */
  private newResponse(turn: TruthTurn | null, leadMs: number): Reply {
    this.responses += 1;
    const responseId = `resp_${this.responses}_${randomUUID().slice(0, 8)}`;
    return { turn, leadMs, steps: [], responseId, random: this.context.random };
  }

  /**
   * Each sentence is text, then audio chunk by chunk. The audio's end marker and the structured end come last. All of it waits for
   * the model.
   */
  private newReply(
    turn: TruthTurn | null,
    finalAtMs: number,
    { leadMs, llmMs, ttsMs }: Omit<Programmed, "sttMs">,
    model: Job | null,
  ): Reply {
    const { envelopes, profile, wire } = this.context;
    const response = this.newResponse(turn, leadMs);
    const { responseId } = response;
    const textAtMs = finalAtMs + llmMs;
    const sentences = sentenceSteps(this.context, responseId, (index, durationMs) => {
      const text = envelopes.voiceLiveReplyText(responseId, index, profile.voiceLiveText);
      return [
        { type: "enqueueEnvelope", message: text, truthOf: "text" },
        ...(index === 0 ? [{ type: "waitUntil", atMs: textAtMs + ttsMs, model } as const] : []),
        { type: "sendAudio", durationMs },
      ];
    });
    const steps: Step[] = [
      { type: "waitUntil", atMs: textAtMs, model },
      ...sentences,
      // The marker is made when its step runs, because it carries the index of the last chunk.
      { type: "sendDirect", make: () => wire.audioEndMessages(response) },
      { type: "enqueueEnvelope", message: envelopes.assistantFinal(responseId, sentence(0)), truthOf: "end" },
    ];
    return { ...response, steps };
  }

  /** At a speech start the service stops the audible reply. What it sends depends on the wire and the profile. */
  private stopOnSpeechStart(segment: Segment, utterance: Utterance): void {
    const { behaviour, random, replySender } = this.context;
    const { lateMs, neverChance } = behaviour.stop;
    const turn = replySender.audibleReply(0)?.turn ?? null;
    // An utterance does not interrupt the early answer to itself.
    if (turn !== null && turn === this.early.turnOf(utterance)) return;
    const interrupted = turn !== null && turn.bargeAtMs === null ? turn : null;
    if (interrupted !== null) {
      interrupted.bargeAtMs = segment.startAtMs;
      if (random() < neverChance) return;
    }
    if (lateMs === 0) this.stop(interrupted);
    else runAt(now() + lateMs, () => this.stop(interrupted));
  }

  private stop(interrupted: TruthTurn | null): void {
    const { behaviour, envelopes, profile, random, replySender, sendQueue, wire } = this.context;
    const { replyInProgress } = replySender;
    // A browser gets a stop only while audio is still forwarded, and that stop may be lost.
    const isDue = wire.stopsWhenIdle || profile.stopsBrowserWhenIdle || replyInProgress !== null;
    const isLost = wire.name === "browser" && random() < behaviour.loseStopChance;
    const stopAtMs = isDue && !isLost && !behaviour.stop.silent ? replySender.sendStops() : null;
    if (interrupted !== null) interrupted.stopAtMs = stopAtMs;
    if (replyInProgress !== null) this.cancel(replyInProgress);
    else if (profile.relaysIdleCancelErrors) sendQueue.sendMessage(envelopes.nothingToCancel());
    const isTwice = wire.name === "acs" && profile.voiceLivePhoneStops > 1;
    if (isTwice && stopAtMs !== null) runAt(now() + SECOND_STOP_MS, () => replySender.sendStops());
  }

  private cancel(reply: Reply): void {
    const { envelopes, profile, replySender, sendQueue } = this.context;
    replySender.stop();
    sendQueue.enqueueEnvelope(envelopes.assistantCancelled(reply.responseId, "user_barge_in"), (atMs) => {
      if (reply.turn !== null) reply.turn.cancelledAtMs = atMs;
    });
    if (!profile.relaysTrailingAudio) return;
    replySender.send({ ...reply, leadMs: 0, steps: [{ type: "sendAudio", durationMs: TRAILING_MS }] });
  }
}
