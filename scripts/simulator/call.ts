/**
 * One call at the agent: listens, decides when the caller has finished or interrupts, has the speaker answer, and
 * writes down what happened. Turns exist only because speech was heard in the samples.
 */

import { randomUUID } from "node:crypto";
import { RATE_HZ, readMessage } from "./acs.ts";
import { at, now } from "./clock.ts";
import { Ear, isSpeech, type Sound } from "./ear.ts";
import type { Envelopes } from "./envelopes.ts";
import type { Behaviour } from "./options.ts";
import type { Outbox } from "./outbox.ts";
import type { Random } from "./random.ts";
import { Speaker } from "./speaker.ts";
import type { TruthCall, TruthTurn } from "./truth.ts";

/** Speech after which an agent that answers early answers, in ms. */
const EARLY_MS = 400;

/** Recognisers send a partial about every 330 ms of speech. */
const PARTIAL_EVERY_MS = 330;

/** Less loud audio than this is no reason to stop talking, in ms. */
const SHORTEST_BARGE_MS = 250;

/** How much of the silence that ends an utterance may still be on its way when its time is up, in ms. */
const FRAMES_UNDER_WAY_MS = 40;

/** How long a session takes to be set up before the greeting's synthesis begins, in ms. */
const GREETING_SETUP_MS = 50;

/** The last turns stay open: a reply can be interrupted while the next utterance is being heard. */
const OPEN_TURNS = 2;

/** What is known of the sound that is going on. */
interface Hearing {
  readonly turnId: string;
  readonly sttMs: number;
  callOff: () => void;
  isDue: boolean;
  interrupted: boolean;
  answered: TruthTurn | null;
  partials: number;
}

/** What a call is made of. */
export interface AgentCallParts {
  readonly callId: string;
  readonly behaviour: Behaviour;
  readonly random: Random;
  readonly outbox: Outbox;
  readonly envelopes: Envelopes;
  readonly write: (line: TruthTurn | TruthCall) => void;
}

/** The agent's side of one call. */
export class AgentCall {
  private readonly parts: AgentCallParts;
  private readonly speaker: Speaker;
  private readonly ear = new Ear(RATE_HZ);
  private readonly openedAtMs = now();
  private readonly anomalies: Record<string, number> = {};
  private readonly open: TruthTurn[] = [];
  private hearing: Hearing | null = null;
  private turns = 0;
  private clicks = 0;
  private heardMs = 0;

  constructor(parts: AgentCallParts) {
    const { behaviour, outbox, envelopes, random } = parts;
    this.parts = parts;
    this.speaker = new Speaker(behaviour, outbox, envelopes);
    outbox.envelope(envelopes.inventory());
    if (behaviour.talksAlways) void this.speaker.babble();
    else if (behaviour.greetingMs > 0) void this.speaker.greet(GREETING_SETUP_MS + behaviour.ttsMs.draw(random));
  }

  /** Takes a message of the caller's. */
  message(data: Buffer, isBinary: boolean): void {
    const atMs = now();
    const heard = readMessage(data, isBinary, (anomaly) => {
      this.anomalies[anomaly] = (this.anomalies[anomaly] ?? 0) + 1;
    });
    if (heard.type !== "audio") return;
    this.heardMs += (heard.samples.length / RATE_HZ) * 1000;
    for (const loud of this.ear.hear(heard.samples, atMs)) this.listen(loud);
  }

  /** Ends the call: what is open is written as far as it came. */
  close(code: number): void {
    this.hearing?.callOff();
    this.speaker.close();
    for (const turn of this.open) this.parts.write(turn);
    const { callId: call, write } = this.parts;
    const { openedAtMs, heardMs, clicks, anomalies } = this;
    write({ type: "call", call, openedAtMs, closedAtMs: now(), code, heardMs, clicks, anomalies });
  }

  private listen(loud: boolean): void {
    const sound = this.ear.hearing;
    if (sound === null) return;
    const hearing = this.hearing ?? this.beginHearing();
    if (loud) {
      hearing.callOff();
      hearing.isDue = false;
      this.speechGoesOn(sound, hearing);
    } else if (sound.quietMs === 20) {
      hearing.callOff = at(sound.endAtMs + hearing.sttMs, () => {
        hearing.isDue = true;
        this.maybeFinish();
      });
    } else if (hearing.isDue) {
      this.maybeFinish();
    }
  }

  private beginHearing(): Hearing {
    const { behaviour, random } = this.parts;
    const sttMs = behaviour.sttMs.draw(random);
    const nothing = { callOff: () => {}, isDue: false, interrupted: false, answered: null, partials: 0 };
    this.hearing = { turnId: randomUUID(), sttMs, ...nothing };
    return this.hearing;
  }

  private speechGoesOn(sound: Sound, hearing: Hearing): void {
    const { behaviour, envelopes, outbox } = this.parts;
    if (sound.ms >= PARTIAL_EVERY_MS * (hearing.partials + 1)) {
      hearing.partials += 1;
      outbox.envelope(envelopes.partial(hearing.turnId, hearing.partials));
    }
    const words = sound.loudMs >= Math.min(behaviour.bargeMs, SHORTEST_BARGE_MS);
    if (words && sound.ms >= behaviour.bargeMs && !hearing.interrupted) this.interrupt(sound, hearing);
    if (behaviour.answersEarly && hearing.answered === null && sound.ms >= EARLY_MS) {
      hearing.answered = this.answer(sound, hearing);
    }
    if (hearing.answered !== null) hearing.answered.eosAtMs = sound.endAtMs;
  }

  /** The caller's words stop what the agent is saying, if it is saying anything and has that habit. */
  private interrupt(sound: Sound, hearing: Hearing): void {
    const { stop } = this.parts.behaviour;
    const turn = this.speaker.interruptible;
    hearing.interrupted = true;
    if (turn === null || turn.bargeAtMs !== null) return;
    turn.bargeAtMs = sound.startAtMs;
    if (this.parts.random() < stop.neverChance) return;
    if (stop.lateMs === 0) this.speaker.stop(turn);
    else at(now() + stop.lateMs, () => this.speaker.stop(turn));
  }

  /** The utterance is over when enough silence was heard after it: without frames, silence is not heard. */
  private maybeFinish(): void {
    const { hearing, ear } = this;
    const sound = ear.hearing;
    const enoughMs = this.parts.behaviour.silenceMs - FRAMES_UNDER_WAY_MS;
    if (hearing === null || sound === null || sound.quietMs < enoughMs) return;
    this.hearing = null;
    ear.forget();
    if (hearing.answered !== null) return;
    if (isSpeech(sound)) this.answer(sound, hearing);
    else this.clicks += 1;
  }

  private answer(sound: Sound, hearing: Hearing): TruthTurn {
    const { behaviour, envelopes, outbox, random } = this.parts;
    const turn = this.newTurn(sound, hearing);
    outbox.envelope(envelopes.userFinal(hearing.turnId), (atMs) => {
      turn.finalAtMs = atMs;
    });
    const replyMs = behaviour.replyMs.draw(random);
    if (!behaviour.mute && !behaviour.talksAlways) this.speaker.reply({ turn, turnId: hearing.turnId, replyMs });
    return turn;
  }

  private newTurn(sound: Sound, hearing: Hearing): TruthTurn {
    const { behaviour, callId, random } = this.parts;
    const programmed = {
      sttMs: behaviour.answersEarly ? 0 : hearing.sttMs,
      llmMs: behaviour.llmMs.draw(random),
      ttsMs: behaviour.ttsMs.draw(random),
    };
    const nothing = { finalAtMs: null, firstTextAtMs: null, firstAudioAtMs: null, replyEndAtMs: null, replyAudioMs: 0 };
    const noBarge = { bargeAtMs: null, stopAtMs: null, lastAudioAtMs: null, fault: null };
    const { startAtMs: speechStartAtMs, endAtMs: eosAtMs } = sound;
    this.turns += 1;
    const heard = { type: "turn", call: callId, turn: this.turns, speechStartAtMs, eosAtMs } as const;
    const turn = { ...heard, ...nothing, ...noBarge, programmed };
    this.open.push(turn);
    if (this.open.length > OPEN_TURNS) this.parts.write(this.open.shift() as TruthTurn);
    return turn;
  }
}
