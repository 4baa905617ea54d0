/**
 * One caller (a k6 VU) for the whole test: dials, makes one call per iteration, waits after a failed call, and gives up when
 * dialling again is pointless. It knows the runtime only through the port `Phone`.
 */

import { Conversation } from "../conversation/conversation.ts";
import type { Rules } from "../conversation/rules.ts";
import { faultName } from "../conversation/turn.ts";
import type { Journal, JournalOutput } from "../metrics/journal.lazy.ts";
import { loadJournal } from "../metrics/journal.lazy.ts";
import type { CallOutcome, CallRecord, ConversationRecord } from "../metrics/records.ts";
import type { Settings } from "../settings/settings.ts";
import type { Base64, Transport } from "../wire/codec.ts";
import type { FailedDial } from "../wire/connection_faults.ts";
import { loadFaults } from "../wire/faults.lazy.ts";
import { loadBackoff } from "./backoff.lazy.ts";
import type { Backoff, BackoffRules } from "./backoff.ts";
import { type Call, type Connection, driveCall } from "./call.ts";
import { rulesFromSettings } from "./rules_from_settings.ts";
import { staggerFraction, staggerWaitMs } from "./stagger.ts";
import { wireSettingsOf } from "./wire_settings.ts";

/** The answer to a dial: how the upgrade to a WebSocket ended. */
export interface Answer extends Omit<FailedDial, "url"> {
  /** The `Location` header, or "". */
  readonly location: string;
  /** The `Retry-After` header, or "". */
  readonly retryAfter: string;
}

/** What a caller needs of the runtime. */
export interface Phone extends JournalOutput {
  /** The caller's clock in ms, with fractions. */
  now(): number;
  /** What to add to the caller's clock to get the wall clock (ms since 1970). */
  readonly epochOffsetMs: number;
  /** Dials and blocks until the call is over; `connected` runs as soon as the connection is open. */
  dial(url: string, headers: Readonly<Record<string, string>>, connected: (connection: Connection) => void): Answer;
  sleep(sec: number): void;
  readonly base64: Base64;
  /** HMAC-SHA1 of a text, as base64. */
  hmacSha1(key: string, text: string): string;
  /** A number in [0, 1). */
  random(): number;
  uuid(): string;
}

/** The utterances that all callers share, packed for their wire. */
export interface SharedUtterances {
  readonly frames: readonly number[];
  /** Indices of the utterances in which only digits are pressed. */
  readonly wordless: readonly number[];
  readonly quiet: string;
  /** The rate of the callers' audio, in Hz. */
  readonly rateHz: number;
  /** The name of the conversation of each utterance. */
  conversations(): readonly string[];
  /** The file name of an utterance. */
  fileOf(utterance: number): string | undefined;
  /** Fetches piece `at` of an utterance, packed. */
  piece(utterance: number, at: number): string;
}

/** What one caller is made of. */
export interface CallerParts {
  readonly settings: Settings;
  /** The URL to dial. */
  readonly url: string;
  /** The text of the file of SESSION; empty where there is none. */
  readonly session: string;
  readonly transport: Transport;
  readonly utterances: SharedUtterances;
  readonly phone: Phone;
  /** Number of this caller, from 0: callers are staggered by it. */
  readonly index: number;
  /** When TIME is over, on the caller's clock; the caller leaves at its own instant of the span after it. */
  readonly timeEndsAtMs: number;
}

/** No call starts with less time than this left of TIME, in ms. */
const TOO_LATE_MS = 5000;

const NO_CALL = {
  connectedAtMs: null,
  greetingMs: null,
  greetingTimedOut: false,
  code: null,
  closedBy: "agent",
  reached: false,
  framesDue: 0,
  framesSent: 0,
  worstLagMs: 0,
  lagMs: [],
  rampUpLagMs: [],
  clockSteps: 0,
  unread: null,
} as const;

/** One caller. */
export class Caller {
  private readonly parts: CallerParts;
  private readonly rules: Rules;
  /** Null but from the first failed call to the next good one. */
  private backoff: Backoff | null = null;

  constructor(parts: CallerParts) {
    this.parts = parts;
    this.rules = rulesFromSettings(parts);
  }

  /** Makes one call, or sleeps until the caller leaves when it is too late for one. Counts and throws our own bugs. */
  call(): void {
    const { phone, settings, timeEndsAtMs } = this.parts;
    if (timeEndsAtMs - phone.now() < TOO_LATE_MS) {
      this.sleepUntilItLeaves();
      return;
    }
    const callId = settings.SESSION_PREFIX + phone.uuid();
    const dialAtMs = phone.now();
    const journal = this.journal(callId);
    try {
      const { record, answer } = this.dial(callId, journal, dialAtMs);
      const retry = this.failuresBefore();
      if (record !== null) this.afterwards({ ...record, retry }, answer, (written) => journal.call(written, dialAtMs));
    } catch (error) {
      journal.call({ ...this.noCall("script_error", []), retry: this.failuresBefore() }, dialAtMs);
      throw error;
    }
  }

  /** The record is null when the runtime ended the call without an event, as k6 does when a run is stopped. */
  private dial(
    callId: string,
    journal: Pick<Journal, "turn">,
    dialAtMs: number,
  ): { record: ConversationRecord | null; answer: Answer } {
    const { phone, session, settings, transport, url } = this.parts;
    const { hmacSha1 } = phone;
    const wireSettings = wireSettingsOf(settings, session);
    const dial = transport.dial({ url, callId, pipeline: settings.PIPELINE, wireSettings, hmacSha1 });
    let call: Call | null = null;
    let tooSlow = false;
    const answer = phone.dial(dial.url, { ...dial.headers, ...settings.WS_HEADERS }, (connection) => {
      tooSlow = phone.now() - dialAtMs > settings.CONNECT_TIMEOUT_SEC * 1000;
      if (tooSlow) connection.close(1000);
      else call = this.connect(connection, callId, journal);
    });
    const connected = call as Call | null;
    if (connected !== null) return { record: connected.record, answer };
    const faults = tooSlow
      ? ["ws_error:connect_timeout"]
      : loadFaults()
          .dialFaults({ ...answer, url })
          .map(faultName);
    const record = this.noCall(answer.status === 0 ? "refused" : "rejected", faults);
    return { record: { ...record, ...loadBackoff().redirectOf(answer) }, answer };
  }

  private connect(connection: Connection, callId: string, journal: Pick<Journal, "turn">): Call {
    const { index, phone, session, settings, transport, utterances } = this.parts;
    const codec = transport.codec({
      socket: connection,
      callId,
      base64: phone.base64,
      epochMs: () => phone.now() + phone.epochOffsetMs,
      rateHz: utterances.rateHz,
      frameMs: settings.CHUNK_MS,
      quiet: utterances.quiet,
      tokens: { response: settings.RESPONSE_TOKENS, end: settings.END_TOKENS },
      wireSettings: wireSettingsOf(settings, session),
    });
    return driveCall({
      connection,
      codec,
      journal,
      conversation: new Conversation(this.rules),
      now: phone.now,
      epochOffsetMs: phone.epochOffsetMs,
      frameMs: settings.CHUNK_MS,
      firstFrameInMs: () => staggerWaitMs(staggerFraction(index), settings.CHUNK_MS, phone.now()),
      acceptTimeoutMs: settings.CONNECT_TIMEOUT_SEC * 1000,
      piece: utterances.piece,
    });
  }

  /** Records the call, and waits or gives up after a failed one. */
  private afterwards(record: CallRecord, answer: Answer, write: (record: CallRecord) => void): void {
    const { phone } = this.parts;
    if (record.reached || record.outcome === "ok") this.backoff = null;
    if (record.outcome === "ok") {
      write(record);
      return;
    }
    const failure = record.faults.find((fault) => fault.startsWith("ws_error:"))?.slice("ws_error:".length);
    const { Backoff, retryAfterSec } = loadBackoff();
    const askedSec = retryAfterSec(answer.retryAfter, phone.now() + phone.epochOffsetMs);
    this.backoff ??= new Backoff(backoffRules(this.parts.settings));
    const retry = this.backoff.failed(failure ?? String(record.code), phone.random(), askedSec);
    write(retry.giveUp ? { ...record, outcome: "gave_up" } : record);
    if (retry.giveUp) this.sleepUntilItLeaves();
    else phone.sleep(Math.min(retry.waitSec, this.remainingSec()));
  }

  private journal(callId: string): Pick<Journal, "turn" | "call"> {
    const { phone, settings, transport, utterances } = this.parts;
    const context = {
      callId,
      epochOffsetMs: phone.epochOffsetMs,
      fileOf: utterances.fileOf,
      warmupTurns: settings.WARMUP_TURNS,
      textLeadsAudio: transport.textLeadsAudio(settings.PIPELINE),
    };
    const open = () => new (loadJournal().Journal)(phone, context);
    return {
      turn: (record) => open().turn(record),
      call: (record, dialAtMs) => open().call(record, dialAtMs),
    };
  }

  private noCall(outcome: CallOutcome, faults: readonly string[]): ConversationRecord {
    const closedAtMs = this.parts.phone.now();
    const limited = faults.some((fault) => fault.startsWith("generator_limit:"));
    if (limited) return { ...NO_CALL, outcome: "generator_limit", reached: null, faults, closedAtMs };
    return { ...NO_CALL, outcome, faults, closedAtMs };
  }

  /** Number of calls in a row that failed before this one. */
  private failuresBefore(): number {
    return this.backoff?.failures ?? 0;
  }

  /** How long it is until this caller leaves. */
  private remainingSec(): number {
    return Math.max(0, this.rules.timeUpAtMs - this.parts.phone.now()) / 1000;
  }

  private sleepUntilItLeaves(): void {
    this.parts.phone.sleep(this.remainingSec());
  }
}

function backoffRules(settings: Settings): BackoffRules {
  return {
    baseSec: settings.WS_RECONNECT_BACKOFF_BASE_SEC,
    factor: settings.WS_RECONNECT_BACKOFF_FACTOR,
    maxSec: settings.WS_RECONNECT_BACKOFF_MAX_SEC,
    maxTlsFails: settings.WS_MAX_SSL_FAILS,
  };
}
