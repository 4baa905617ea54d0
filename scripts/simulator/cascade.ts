/**
 * The cascade pipeline: speech recognition, language model and speech synthesis, one after the other. It answers sentence by
 * sentence, each in a burst, and stops its reply when a partial says that the caller has spoken words.
 */

import { randomUUID } from "node:crypto";

import { type Agent, type AgentContext, greetingAudio, openLostTurn, openTurn, sentenceSteps } from "./agent.ts";
import { now, runAt } from "./clock.ts";
import { EarlyAnswer } from "./early_answer.ts";
import { sentence } from "./envelopes.ts";
import type { Utterance } from "./recognizer.ts";
import type { Reply, Step } from "./reply_sender.ts";
import type { Job } from "./station.ts";
import type { TruthTurn } from "./truth.ts";
import type { Segment } from "./vad.ts";
import type { Wire } from "./wire.ts";

/** How long the setup of a session takes before the synthesis of the greeting begins. */
const GREETING_SETUP_MS = 50;

/** How long after its stop the rest of an interrupted reply is sent after all (seen on g2). */
const RESUME_MS = 1000;

/** Audio that `--stop none` still sends after an interruption when sentences were left. */
const LEAK_MS = 80;

/** How long after the interruption it sends that audio. */
const LEAK_AFTER_MS = 50;

/** A reply that was interrupted. */
interface InterruptedReply {
  /** The utterance that interrupted it. */
  readonly by: Utterance;
  readonly reply: Reply;
  /** The steps that were not completed. */
  readonly rest: readonly Step[];
}

/** The cascade pipeline on one call. */
export class Cascade implements Agent {
  private readonly context: AgentContext;
  private isGreeted = false;
  private interrupted: InterruptedReply | null = null;
  private readonly early = new EarlyAnswer();

  constructor(context: AgentContext) {
    this.context = context;
  }

  onConnected(): void {
    const { behaviour, envelopes, profile, replySender, sendQueue, wire } = this.context;
    sendQueue.enqueueEnvelope(envelopes.inventory());
    if (wire.name === "browser" && profile.sendsReadyEvent) sendQueue.enqueueEnvelope(envelopes.cascadeReady());
    if (behaviour.talksAlways) replySender.send(this.replyWithoutTurn([{ type: "sendEndlessAudio" }], 0));
    else if (this.greetsOn === "connect") this.greet();
  }

  onMetadata(): void {
    if (this.greetsOn === "metadata") this.greet();
  }

  onGreetingAsked(): void {
    this.greet();
  }

  onText(): void {
    const { behaviour, random, replySender } = this.context;
    const steps = this.replySteps(now(), randomUUID(), null);
    replySender.send(this.replyWithoutTurn(steps, behaviour.leadSilenceMs.draw(random)));
  }

  drawSttMs(): number {
    return this.context.behaviour.sttMs.draw(this.context.random);
  }

  onLoudWindow(segment: Segment, utterance: Utterance): void {
    if (!this.context.behaviour.answersEarly) return;
    this.early.onLoudWindow(segment, utterance, () => this.answer(segment, utterance, 0));
  }

  onPartial(segment: Segment, utterance: Utterance): void {
    const { envelopes, profile, sendQueue } = this.context;
    this.stopOnPartial(segment, utterance);
    if (profile.cascadePartials === "none") return;
    const turnId = profile.cascadePartials === "numbered" ? utterance.turnId : null;
    sendQueue.enqueueEnvelope(envelopes.partial(turnId, utterance.partialCount));
  }

  onUtteranceEnd(segment: Segment, utterance: Utterance): void {
    if (this.early.turnOf(utterance) !== null || this.resumeInterrupted(utterance)) return;
    this.answer(segment, utterance);
  }

  onUtteranceLost(segment: Segment, utterance: Utterance): void {
    if (this.early.turnOf(utterance) === null) openLostTurn(this.context, segment, utterance);
  }

  private get greetsOn(): Wire["greetsOn"] {
    const { profile, wire } = this.context;
    return wire.greetsOn ?? profile.cascadeGreetsOn;
  }

  private greet(): void {
    const { behaviour, envelopes, random, replySender } = this.context;
    if (this.isGreeted || behaviour.greetingMs === 0) return;
    this.isGreeted = true;
    const steps: Step[] = [
      { type: "wait", ms: GREETING_SETUP_MS + behaviour.ttsMs.draw(random) },
      { type: "enqueueEnvelope", message: envelopes.greeting() },
      greetingAudio(behaviour.greetingMs),
    ];
    replySender.send(this.replyWithoutTurn(steps, behaviour.leadSilenceMs.draw(random)));
  }

  private answer(segment: Segment, utterance: Utterance, sttMs?: number): TruthTurn {
    const { behaviour, envelopes, profile, random, replySender, sendQueue } = this.context;
    const { fault, finalAtMs, model, turn } = openTurn(this.context, segment, utterance, sttMs);
    if (fault === null || fault.sendsFinal) {
      const turnId = profile.cascadePartials === "numbered" ? utterance.turnId : null;
      sendQueue.enqueueEnvelope(envelopes.userFinal(turnId), (atMs) => {
        turn.finalAtMs = atMs;
      });
    }
    const { leadMs, llmMs, ttsMs } = turn.programmed;
    const responseId = utterance.turnId;
    const healthySteps = this.replySteps(finalAtMs + llmMs + ttsMs, responseId, model);
    const faultContext = { ...this.context, pipeline: "cascade", responseId, steps: healthySteps } as const;
    const steps = fault?.alterSteps(faultContext) ?? healthySteps;
    if (!behaviour.mute && !behaviour.talksAlways) replySender.send({ turn, leadMs, steps, responseId, random });
    return turn;
  }

  /** Each sentence is audio, then its text. The structured end comes last. All of it waits for the model. */
  private replySteps(audioAtMs: number, turnId: string, model: Job | null): Step[] {
    const { envelopes } = this.context;
    const sentences = sentenceSteps(this.context, turnId, (index, durationMs) => [
      { type: "sendAudio", durationMs },
      { type: "enqueueEnvelope", message: envelopes.assistantStreaming(turnId, sentence(index)), truthOf: "text" },
    ]);
    const end = envelopes.assistantFinal(turnId, sentence(0));
    return [
      { type: "waitUntil", atMs: audioAtMs, model },
      ...sentences,
      { type: "enqueueEnvelope", message: end, truthOf: "end" },
    ];
  }

  /** Stops the reply that the caller hears, if there is one and the agent's behaviour says so. */
  private stopOnPartial(segment: Segment, utterance: Utterance): void {
    const { behaviour, profile, random, replySender, wire } = this.context;
    const { lateMs, neverChance } = behaviour.stop;
    if (this.interrupted?.by === utterance && profile.cascadeStopsOn !== "every partial") return;
    const reply = replySender.audibleReply(wire.name === "acs" ? profile.bargeGraceMs : 0);
    // An utterance does not interrupt the early answer to itself.
    if (reply !== null && reply.turn !== null && reply.turn === this.early.turnOf(utterance)) return;
    if (reply === null || reply.turn === null) {
      this.sendIdleStops();
      return;
    }
    // The stop of this reply is still to come, or never comes.
    if (reply.turn.bargeAtMs !== null) return;
    reply.turn.bargeAtMs = segment.startAtMs;
    if (random() < neverChance) return;
    if (lateMs === 0) this.stop(reply, utterance);
    else runAt(now() + lateMs, () => this.stop(reply, utterance));
  }

  /** On g2 and g3, partials give a stop even when there is no reply to stop. */
  private sendIdleStops(): void {
    const { behaviour, profile, replySender } = this.context;
    const { neverChance, silent } = behaviour.stop;
    if (profile.cascadeStopsOn === "every partial" && neverChance === 0 && !silent) replySender.sendStops();
  }

  private stop(reply: Reply, by: Utterance): void {
    const { behaviour, envelopes, profile, replySender, sendQueue } = this.context;
    const isInProgress = replySender.replyInProgress === reply;
    const rest = replySender.stop();
    this.interrupted = { by, reply, rest };
    if (behaviour.stop.silent) {
      this.leakAudio(reply, rest);
      return;
    }
    const stopAtMs = replySender.sendStops();
    if (reply.turn !== null) reply.turn.stopAtMs = stopAtMs;
    if (isInProgress && profile.sendsCascadeCancelled) {
      sendQueue.enqueueEnvelope(envelopes.assistantCancelled(reply.responseId, "barge_in"), (atMs) => {
        if (reply.turn !== null) reply.turn.cancelledAtMs = atMs;
      });
    }
    if (profile.endsInterruptedReplies) this.endInterrupted(reply, rest);
  }

  /** A little of the next sentence is still sent, if there is one. */
  private leakAudio(reply: Reply, rest: readonly Step[]): void {
    const { random, replySender } = this.context;
    if (!rest.some((step) => step.type === "sendAudio")) return;
    const steps: Step[] = [
      { type: "wait", ms: LEAK_AFTER_MS },
      { type: "sendAudio", durationMs: LEAK_MS },
    ];
    replySender.send({ ...reply, leadMs: 0, steps, random });
  }

  /** Sends the text of the remaining sentences, and the end if the model had finished: if at most one sentence was left. */
  private endInterrupted(reply: Reply, rest: readonly Step[]): void {
    const isModelDone = rest.filter((step) => step.type === "sendAudio").length <= 1;
    for (const step of rest) {
      if (step.type !== "enqueueEnvelope" || (step.truthOf === "end" && !isModelDone)) continue;
      this.context.sendQueue.enqueueEnvelope(step.message, (atMs) => {
        if (step.truthOf === "end" && reply.turn !== null) reply.turn.replyEndAtMs = atMs;
      });
    }
  }

  /**
   * On g2, when a single partial interrupts a reply whose model still streams, the rest of the old reply is sent and the new
   * utterance is lost. Returns whether this is so.
   */
  private resumeInterrupted(utterance: Utterance): boolean {
    const { interrupted } = this;
    const { profile, random, replySender, wire } = this.context;
    if (interrupted?.by !== utterance || utterance.partialCount !== 1) return false;
    if (!profile.endsInterruptedReplies || wire.name !== "acs") return false;
    const audioSteps = interrupted.rest.filter((step) => step.type === "sendAudio");
    if (audioSteps.length < 2) return false;
    const stoppedAtMs = interrupted.reply.turn?.stopAtMs ?? now();
    const steps: Step[] = [{ type: "waitUntil", atMs: stoppedAtMs + RESUME_MS }, ...audioSteps];
    replySender.send({ ...interrupted.reply, leadMs: 0, steps, random });
    return true;
  }

  private replyWithoutTurn(steps: readonly Step[], leadMs: number): Reply {
    return { turn: null, leadMs, steps, responseId: "greeting", random: this.context.random };
  }
}
