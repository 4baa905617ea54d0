/**
 * VoiceLive: one service that hears, thinks and speaks. Its own VAD hears speech begin and end; audio comes in
 * pieces of varying size, faster than it plays; every response has an id.
 */

import { randomUUID } from "node:crypto";

import { type Agent, type AgentParts, greetingAudio } from "./agent.ts";
import { at, now } from "./clock.ts";
import { sentence } from "./envelopes.ts";
import type { Hearing } from "./recognizer.ts";
import type { Reply, Step } from "./reply_sender.ts";
import type { TruthTurn } from "./truth.ts";
import type { Sound } from "./vad.ts";

/** How long a session takes to be set up before the greeting is asked for, in ms. */
const GREETING_SETUP_MS = 350;

/** When the phone's second stop of a speech start follows the first (seen on g2), in ms. */
const SECOND_STOP_MS = 40;

/** What the service still sends of a response that was cancelled, in ms of audio. */
const TRAILING_MS = 100;

/** Runs VoiceLive on one call. */
export class VoiceLive implements Agent {
  private readonly parts: AgentParts;
  private heard: Hearing | null = null;
  private responses = 0;
  /** A phone's 16 kHz are taken for 24 kHz: what lasts a second is heard in two thirds of it. */
  private stretch: number;

  constructor(parts: AgentParts) {
    this.parts = parts;
    this.stretch = parts.wire.hearsHz / parts.wire.spokenHz;
  }

  connected(): void {
    const { behaviour, envelopes, outbox, profile, wire } = this.parts;
    outbox.envelope(envelopes.inventory());
    outbox.envelope(envelopes.inventory());
    if (profile.tellsIdleCancel) outbox.envelope(envelopes.agentChange());
    if (wire.name === "browser") outbox.envelope(envelopes.liveReady(profile.saysReady));
    outbox.envelope(envelopes.sessionUpdated(wire.name === "acs" ? "acs" : "realtime"));
    if (behaviour.talksAlways) this.parts.speaker.perform({ ...this.response(null), steps: [{ do: "babble" }] });
    else if (behaviour.greetingMs > 0) this.greet();
  }

  metadata(stretch: number): void {
    this.stretch = stretch;
  }

  text(): void {
    this.parts.speaker.perform(this.reply(null, now(), 0));
  }

  /** The silence that ends an utterance takes longer to hear where the rate is mistaken. */
  sttMs(): number {
    const { behaviour, random } = this.parts;
    return behaviour.sttMs.draw(random) + behaviour.silenceMs * (this.stretch - 1);
  }

  /** Every loud window after the onset: the first of them is the start of speech. */
  speechGoesOn(sound: Sound, hearing: Hearing): void {
    if (this.heard === hearing || sound.ms < this.parts.behaviour.bargeMs * this.stretch) return;
    this.heard = hearing;
    this.parts.outbox.envelope(this.parts.envelopes.userOpened(hearing.turnId));
    this.speechStarts(sound);
  }

  partial(_: Sound, hearing: Hearing): void {
    const { envelopes, outbox, profile } = this.parts;
    outbox.envelope(envelopes.livePartial(hearing.turnId, hearing.partials, profile.text));
  }

  utterance(sound: Sound, hearing: Hearing): void {
    const { behaviour, envelopes, faults, outbox, random, speaker, turns } = this.parts;
    const programmed = {
      sttMs: hearing.sttMs,
      llmMs: behaviour.llmMs.draw(random),
      ttsMs: behaviour.ttsMs.draw(random),
    };
    const fault = faults.turn();
    const spoken = { speechStartAtMs: sound.startAtMs, eosAtMs: sound.endAtMs, programmed };
    const turn = turns.begin({ ...spoken, fault: fault?.name ?? null });
    if (fault === null || fault.heard) {
      outbox.envelope(envelopes.userFinal(hearing.turnId), (atMs) => {
        turn.finalAtMs = atMs;
      });
    }
    if (behaviour.mute || behaviour.talksAlways) return;
    const reply = this.reply(turn, sound.endAtMs + programmed.sttMs + programmed.llmMs, programmed.ttsMs);
    speaker.perform({
      ...reply,
      steps: fault?.spoil({ ...this.parts, pipeline: "voicelive", ...reply }) ?? reply.steps,
    });
  }

  private greet(): void {
    const { behaviour, envelopes, random, speaker, wire } = this.parts;
    const response = this.response(null);
    const steps: Step[] = [
      { do: "wait", ms: GREETING_SETUP_MS + behaviour.ttsMs.draw(random) },
      greetingAudio(behaviour.greetingMs),
      { do: "say", make: () => wire.audioEnd(response) },
      { do: "tell", message: envelopes.assistantFinal(response.responseId, sentence(0)) },
    ];
    speaker.perform({ ...response, steps });
  }

  private response(turn: TruthTurn | null): Reply {
    this.responses += 1;
    const responseId = `resp_${this.responses}_${randomUUID().slice(0, 8)}`;
    return { turn, steps: [], responseId, random: this.parts.random };
  }

  /** Text first, then audio piece by piece, its end marker, and the structured end. */
  private reply(turn: TruthTurn | null, textAtMs: number, ttsMs: number): Reply {
    const { behaviour, envelopes, profile, random, wire } = this.parts;
    const response = this.response(turn);
    const text = envelopes.liveText(response.responseId, sentence(0), profile.text);
    const steps: Step[] = [
      { do: "until", atMs: textAtMs },
      { do: "tell", message: text, mark: "text" },
      { do: "until", atMs: textAtMs + ttsMs },
      { do: "audio", ms: behaviour.replyMs.draw(random) },
    ];
    // The marker is made when its time has come: it carries the index of the last piece.
    const end: Step = { do: "say", make: () => wire.audioEnd(response) };
    const last: Step = { do: "tell", message: envelopes.assistantFinal(response.responseId, sentence(0)), mark: "end" };
    return { ...response, steps: [...steps, end, last] };
  }

  /** The service hears speech begin: it stops what is playing, and says so in its wire's way. */
  private speechStarts(sound: Sound): void {
    const { behaviour, random, speaker } = this.parts;
    const { lateMs, neverChance } = behaviour.stop;
    const turn = speaker.heard(0)?.turn ?? null;
    const interrupted = turn !== null && turn.bargeAtMs === null ? turn : null;
    if (interrupted !== null) {
      interrupted.bargeAtMs = sound.startAtMs;
      if (random() < neverChance) return;
    }
    if (lateMs === 0) this.stop(interrupted);
    else at(now() + lateMs, () => this.stop(interrupted));
  }

  private stop(interrupted: TruthTurn | null): void {
    const { behaviour, envelopes, outbox, profile, random, speaker, wire } = this.parts;
    const { making } = speaker;
    // A phone is told at every speech start; a browser only while audio is still being forwarded, and it may be lost.
    const told = wire.name === "acs" || profile.liveStopsIdle || making !== null;
    const lost = wire.name === "browser" && random() < behaviour.loseStops;
    const stopAtMs = told && !lost && !behaviour.stop.silent ? this.sendStops() : null;
    if (interrupted !== null) interrupted.stopAtMs = stopAtMs;
    if (making !== null) this.cancel(making);
    else if (profile.tellsIdleCancel) outbox.direct(JSON.stringify(envelopes.nothingToCancel()));
    if (wire.name === "acs" && profile.voiceliveStops > 1) at(now() + SECOND_STOP_MS, () => this.sendStops());
  }

  private sendStops(): number | null {
    const sentAtMs = this.parts.wire.stops().map((message) => this.parts.outbox.direct(JSON.stringify(message)));
    return sentAtMs[0] ?? null;
  }

  private cancel(reply: Reply): void {
    const { envelopes, outbox, profile, speaker } = this.parts;
    speaker.stop();
    outbox.envelope(envelopes.assistantCancelled(reply.responseId, "user_barge_in"), (atMs) => {
      if (reply.turn !== null) reply.turn.cancelledAtMs = atMs;
    });
    if (profile.relaysTrailing) speaker.perform({ ...reply, steps: [{ do: "audio", ms: TRAILING_MS }] });
  }
}
