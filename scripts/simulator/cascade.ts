/**
 * The cascade: recognition, language model, synthesis, one after the other. It answers sentence by sentence in
 * bursts, and stops when a partial says that the caller has said words.
 */

import { randomUUID } from "node:crypto";

import { type Agent, type AgentParts, greetingAudio } from "./agent.ts";
import { at, now } from "./clock.ts";
import { sentence } from "./envelopes.ts";
import type { Hearing } from "./recognizer.ts";
import type { Reply, Step } from "./reply_sender.ts";
import type { TruthTurn } from "./truth.ts";
import type { Sound } from "./vad.ts";

/** How long a session takes to be set up before the greeting's synthesis begins, in ms. */
const GREETING_SETUP_MS = 50;

/** Speech after which an agent that answers early answers, in ms. */
const EARLY_MS = 400;

/** When the rest of an interrupted reply is played after all, in ms after its stop (seen on g2). */
const RESUME_MS = 1000;

/** What leaks of the next sentence where no stop is sent, in ms. */
const LEAK_MS = 80;

/** A reply that was interrupted, and what of it had not been performed. */
interface Interrupted {
  readonly by: Hearing;
  readonly reply: Reply;
  readonly rest: readonly Step[];
}

/** Runs the cascade on one call. */
export class Cascade implements Agent {
  private readonly parts: AgentParts;
  private greeted = false;
  private interrupted: Interrupted | null = null;
  private early: { readonly hearing: Hearing; readonly turn: TruthTurn } | null = null;

  constructor(parts: AgentParts) {
    this.parts = parts;
  }

  connected(): void {
    const { behaviour, envelopes, outbox, profile, wire } = this.parts;
    outbox.envelope(envelopes.inventory());
    if (wire.name === "browser" && profile.saysReady) outbox.envelope(envelopes.cascadeReady());
    if (behaviour.talksAlways) this.parts.speaker.perform(this.unasked([{ do: "babble" }]));
    else if (wire.name === "browser" || profile.greetsOn === "connect") this.greet();
  }

  metadata(): void {
    if (this.parts.profile.greetsOn === "metadata") this.greet();
  }

  text(): void {
    this.parts.speaker.perform(this.unasked(this.replySteps(now(), randomUUID())));
  }

  sttMs(): number {
    return this.parts.behaviour.sttMs.draw(this.parts.random);
  }

  speechGoesOn(sound: Sound, hearing: Hearing): void {
    if (this.parts.behaviour.answersEarly && this.early?.hearing !== hearing && sound.ms >= EARLY_MS) {
      this.early = { hearing, turn: this.answer(sound, hearing, 0) };
    }
    if (this.early?.hearing === hearing) this.early.turn.eosAtMs = sound.endAtMs;
  }

  partial(sound: Sound, hearing: Hearing): void {
    const { envelopes, outbox, profile } = this.parts;
    this.maybeStop(sound, hearing);
    if (profile.partials === "none") return;
    const numbered = profile.partials === "numbered";
    outbox.envelope(envelopes.partial(numbered ? hearing.turnId : null, hearing.partials));
  }

  utterance(sound: Sound, hearing: Hearing): void {
    if (this.early?.hearing === hearing || this.resumes(hearing)) return;
    this.answer(sound, hearing, hearing.sttMs);
  }

  private greet(): void {
    const { behaviour, envelopes, random, speaker } = this.parts;
    if (this.greeted || behaviour.greetingMs === 0) return;
    this.greeted = true;
    const steps: Step[] = [
      { do: "wait", ms: GREETING_SETUP_MS + behaviour.ttsMs.draw(random) },
      { do: "tell", message: envelopes.greeting() },
      greetingAudio(behaviour.greetingMs),
    ];
    speaker.perform(this.unasked(steps));
  }

  private answer(sound: Sound, hearing: Hearing, sttMs: number): TruthTurn {
    const { behaviour, envelopes, faults, outbox, random, speaker, turns } = this.parts;
    const programmed = { sttMs, llmMs: behaviour.llmMs.draw(random), ttsMs: behaviour.ttsMs.draw(random) };
    const fault = faults.turn();
    const spoken = { speechStartAtMs: sound.startAtMs, eosAtMs: sound.endAtMs, programmed };
    const turn = turns.begin({ ...spoken, fault: fault?.name ?? null });
    if (fault === null || fault.heard) {
      const turnId = this.parts.profile.partials === "numbered" ? hearing.turnId : null;
      outbox.envelope(envelopes.userFinal(turnId), (atMs) => {
        turn.finalAtMs = atMs;
      });
    }
    const audioAtMs = sound.endAtMs + programmed.sttMs + programmed.llmMs + programmed.ttsMs;
    const responseId = hearing.turnId;
    const whole = this.replySteps(audioAtMs, responseId);
    const steps = fault?.spoil({ ...this.parts, pipeline: "cascade", responseId, steps: whole }) ?? whole;
    if (!behaviour.mute && !behaviour.talksAlways) speaker.perform({ turn, steps, responseId, random });
    return turn;
  }

  /** Sentence after sentence: audio first, then its text; a tool after the first; the structured end last. */
  private replySteps(audioAtMs: number, turnId: string): Step[] {
    const { behaviour, envelopes, random } = this.parts;
    const { sentenceGapMs, toolMs } = behaviour;
    const count = Math.max(1, behaviour.sentences);
    const sentenceMs = behaviour.replyMs.draw(random) / count;
    const steps: Step[] = [{ do: "until", atMs: audioAtMs }];
    for (let index = 0; index < count; index += 1) {
      if (index > 0) steps.push({ do: "wait", ms: sentenceGapMs });
      steps.push({ do: "audio", ms: sentenceMs });
      steps.push({ do: "tell", message: envelopes.assistantStreaming(turnId, sentence(index)), mark: "text" });
      if (index > 0 || toolMs === 0) continue;
      steps.push({ do: "say", make: () => [envelopes.toolStart(turnId)] });
      steps.push({ do: "wait", ms: toolMs });
      steps.push({ do: "say", make: () => [envelopes.toolEnd(turnId, toolMs)] });
    }
    return [...steps, { do: "tell", message: envelopes.assistantFinal(turnId, sentence(0)), mark: "end" }];
  }

  /** The caller's words stop what the agent is saying, if it is saying anything and has that habit. */
  private maybeStop(sound: Sound, hearing: Hearing): void {
    const { behaviour, profile, random, speaker, wire } = this.parts;
    const { lateMs, neverChance } = behaviour.stop;
    if (this.interrupted?.by === hearing && profile.stopsOn !== "every partial") return;
    const reply = speaker.heard(wire.name === "acs" ? profile.graceMs : 0);
    // Words do not interrupt the answer that is given to themselves.
    if (reply !== null && this.early?.hearing === hearing && reply.turn === this.early.turn) return;
    if (reply === null || reply.turn === null || reply.turn.bargeAtMs !== null) {
      this.stopIdly();
      return;
    }
    reply.turn.bargeAtMs = sound.startAtMs;
    if (random() < neverChance) return;
    if (lateMs === 0) this.stop(reply, hearing);
    else at(now() + lateMs, () => this.stop(reply, hearing));
  }

  /** On g2 and g3, words stop what is not playing, too. */
  private stopIdly(): void {
    const { behaviour, outbox, profile, wire } = this.parts;
    const { neverChance, silent } = behaviour.stop;
    if (profile.stopsOn !== "every partial" || neverChance > 0 || silent) return;
    for (const stop of wire.stops()) outbox.direct(JSON.stringify(stop));
  }

  private stop(reply: Reply, by: Hearing): void {
    const { behaviour, envelopes, outbox, profile, random, speaker, wire } = this.parts;
    const making = speaker.making === reply;
    const rest = speaker.stop();
    this.interrupted = { by, reply, rest };
    if (behaviour.stop.silent) {
      const leaks = rest.some((step) => step.do === "audio");
      if (leaks)
        speaker.perform({
          ...reply,
          steps: [
            { do: "wait", ms: 50 },
            { do: "audio", ms: LEAK_MS },
          ],
          random,
        });
      return;
    }
    let stopAtMs: number | null = null;
    for (const stop of wire.stops()) stopAtMs ??= outbox.direct(JSON.stringify(stop));
    if (reply.turn !== null) reply.turn.stopAtMs = stopAtMs;
    if (making && profile.saysCancelled) {
      outbox.envelope(envelopes.assistantCancelled(reply.responseId, "barge_in"), (atMs) => {
        if (reply.turn !== null) reply.turn.cancelledAtMs = atMs;
      });
    }
    if (profile.endsInterrupted) this.endInterrupted(reply, rest);
  }

  /** The text that was made is still told; the end too, if the model had come to it. */
  private endInterrupted(reply: Reply, rest: readonly Step[]): void {
    const modelIsDone = rest.filter((step) => step.do === "audio").length <= 1;
    for (const step of rest) {
      if (step.do !== "tell" || (step.mark === "end" && !modelIsDone)) continue;
      this.parts.outbox.envelope(step.message, (atMs) => {
        if (step.mark === "end" && reply.turn !== null) reply.turn.replyEndAtMs = atMs;
      });
    }
  }

  /** On g2, a single partial while the model still streamed let the old reply go on, and lost the new utterance. */
  private resumes(hearing: Hearing): boolean {
    const { interrupted } = this;
    const { profile, random, speaker, wire } = this.parts;
    if (interrupted?.by !== hearing || !profile.endsInterrupted || wire.name !== "acs" || hearing.partials !== 1)
      return false;
    const audio = interrupted.rest.filter((step) => step.do === "audio");
    if (audio.length < 2) return false;
    const stoppedAtMs = interrupted.reply.turn?.stopAtMs ?? now();
    const steps: Step[] = [{ do: "until", atMs: stoppedAtMs + RESUME_MS }, ...audio];
    speaker.perform({ ...interrupted.reply, steps, random });
    return true;
  }

  private unasked(steps: readonly Step[]): Reply {
    return { turn: null, steps, responseId: "greeting", random: this.parts.random };
  }
}
