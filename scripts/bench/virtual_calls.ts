/**
 * Calls of virtual callers to a virtual agent, in virtual time: an hour of load takes seconds. Yields the records that a run's log
 * would hold, for the judge of `make capacity`. The agent's model calls are the jobs of a station with so many servers.
 */

import { leaveSpanSec } from "../../lib/settings/workload.ts";
import type { CallLine, TurnLine } from "../results/log_lines.ts";
import { type Delay, type Random, seeded } from "../simulator/random.ts";
import { Station, type WhenBusy } from "../simulator/station.ts";
import { VirtualClock } from "../simulator/virtual_clock.ts";

/** How an agent answers. Times are in ms. */
export interface VirtualAgent {
  /** Model calls at a time. */
  readonly servers: number;
  readonly whenBusy: WhenBusy;
  /** End of speech to user final. */
  readonly sttMs: number;
  /** The service time of a model call; the wait for a server comes on top. */
  readonly llmMs: Delay;
  /** Reply text to first audio. */
  readonly ttsMs: number;
  /** By which factor model calls are slower when the load has lasted for `forMs`. */
  slowness(forMs: number): number;
}

/** The load of a virtual run. */
export interface VirtualLoad {
  readonly users: number;
  /** Callers that start per second. */
  readonly spawnRate: number;
  readonly timeSec: number;
  readonly turnsPerCall: number;
  readonly seed: number;
}

/** What takes the records of a run; instants are in ms from its start. */
export interface VirtualLog {
  turn(line: TurnLine): void;
  call(line: CallLine): void;
}

/** What callers do, in ms: they speak for 2 to 4 s, and interrupt when 1 s of the reply has been played. */
const SPEECH_MS = { least: 2000, most: 4000 };
const BARGE_AFTER_MS = 1000;
const BARGE_MS = { least: 200, most: 350 };
const GREETING_MS = 1500;
const PAUSE_MS = 1500;

/** When callers who have not hung up yet are cut off, in ms after they should have left. */
const LONGEST_TURN_MS = 60_000;

/** The mean time that a caller spends between two model calls without its waiting, in ms. */
export function thinkMs({ sttMs, ttsMs }: VirtualAgent): number {
  return (SPEECH_MS.least + SPEECH_MS.most) / 2 + sttMs + ttsMs + BARGE_AFTER_MS;
}

/** Runs a load to its end. */
export function runVirtualLoad(agent: VirtualAgent, load: VirtualLoad, log: VirtualLog): void {
  const clock = new VirtualClock();
  const station = new Station(agent.servers, agent.whenBusy, clock);
  const leaveMs = leaveSpanSec({ USERS: load.users }) * 1000;
  for (let user = 0; user < load.users; user += 1) {
    const random = seeded(load.seed, user);
    const leavesAtMs = load.timeSec * 1000 + (leaveMs * user) / load.users;
    const caller = new VirtualCaller({ agent, clock, station, load, log, random, leavesAtMs, user });
    clock.runAt((user / load.spawnRate) * 1000, () => caller.dial());
  }
  clock.runUntil(load.timeSec * 1000 + leaveMs + LONGEST_TURN_MS);
}

interface CallerParts {
  readonly agent: VirtualAgent;
  readonly clock: VirtualClock;
  readonly station: Station;
  readonly load: VirtualLoad;
  readonly log: VirtualLog;
  readonly random: Random;
  readonly leavesAtMs: number;
  readonly user: number;
}

/** A caller: it calls again and again, and waits for each reply however long that takes. */
class VirtualCaller {
  private readonly parts: CallerParts;
  private calls = 0;
  private dialAtMs = 0;
  private turn = 0;

  constructor(parts: CallerParts) {
    this.parts = parts;
  }

  dial(): void {
    const { clock, random } = this.parts;
    this.calls += 1;
    this.turn = 0;
    this.dialAtMs = clock.now();
    this.after(GREETING_MS + PAUSE_MS * random(), () => this.speak());
  }

  private speak(): void {
    const { agent, clock, leavesAtMs, load, random } = this.parts;
    if (clock.now() >= leavesAtMs || this.turn === load.turnsPerCall) {
      this.hangUp();
      return;
    }
    this.turn += 1;
    const startAtMs = clock.now();
    this.after(between(SPEECH_MS, random), () => {
      const eosAtMs = clock.now();
      this.after(agent.sttMs, () => this.callModel(startAtMs, eosAtMs));
    });
  }

  private callModel(startAtMs: number, eosAtMs: number): void {
    const { agent, clock, random, station } = this.parts;
    const serviceMs = agent.llmMs.draw(random) * agent.slowness(clock.now());
    const job = station.acquire(clock.now(), serviceMs);
    if (job === null) {
      this.log({ startAtMs, eosAtMs, textMs: null, ttfbMs: null, bargeMs: null });
      // The caller hears an apology for as long as it would have waited and listened.
      this.after(agent.ttsMs + BARGE_AFTER_MS, () => this.speak());
      return;
    }
    job.whenStarted((waitMs) => {
      // The job may have started before the clock says so.
      const textMs = agent.sttMs + waitMs + serviceMs;
      const audioAtMs = eosAtMs + textMs + agent.ttsMs;
      const bargeMs = between(BARGE_MS, random);
      this.parts.clock.runAt(audioAtMs + BARGE_AFTER_MS, () => {
        this.log({ startAtMs, eosAtMs, textMs, ttfbMs: audioAtMs - eosAtMs, bargeMs });
        this.speak();
      });
    });
  }

  private hangUp(): void {
    const { clock, leavesAtMs, log } = this.parts;
    log.call({
      ...CALL,
      ...this.origin(),
      dialAtMs: this.dialAtMs,
      connectedAtMs: this.dialAtMs,
      closedAtMs: clock.now(),
    });
    if (clock.now() < leavesAtMs) this.dial();
  }

  private log(times: Pick<TurnLine, "textMs" | "ttfbMs" | "bargeMs"> & { startAtMs: number; eosAtMs: number }): void {
    const { agent, log } = this.parts;
    const { bargeMs, eosAtMs, startAtMs, textMs, ttfbMs } = times;
    log.turn({
      ...TURN,
      ...this.origin(),
      turn: this.turn,
      speechStartAtMs: startAtMs,
      eosAtMs,
      sttMs: agent.sttMs,
      textMs,
      ttfbMs,
      firstAudioAtMs: ttfbMs === null ? null : eosAtMs + ttfbMs,
      bargeMs,
      barge: bargeMs === null ? null : "stopped",
      ...(ttfbMs === null && { outcome: "throttled", faults: ["rate_limit:openai"] }),
    });
  }

  private origin(): Pick<TurnLine, "vu" | "line" | "call"> {
    return { vu: this.parts.user + 1, line: 0, call: `${this.parts.user}-${this.calls}` };
  }

  private after(ms: number, run: () => void): void {
    this.parts.clock.runAt(this.parts.clock.now() + ms, run);
  }
}

const HEALTH = { lagMs: [2], rampUpLagMs: [], clockSteps: 0 };

const TURN: Omit<TurnLine, "vu" | "line" | "call" | "turn"> = {
  ...HEALTH,
  type: "turn",
  utterance: "",
  speechStartAtMs: null,
  eosAtMs: null,
  firstAudioAtMs: null,
  ttfbMs: null,
  ttfbBytesMs: null,
  leadSilenceMs: null,
  ttfbFailedMs: null,
  sttMs: null,
  textMs: null,
  bargeAtMs: null,
  stopAtMs: null,
  bargeMs: null,
  barge: null,
  overrunMs: null,
  turnMs: null,
  stallMs: null,
  lateAudioMs: 0,
  endInferred: false,
  outcome: "ok",
  faults: [],
};

const CALL: Omit<CallLine, "vu" | "line" | "call" | "dialAtMs" | "connectedAtMs" | "closedAtMs"> = {
  ...HEALTH,
  type: "call",
  greetingMs: GREETING_MS,
  greetingTimedOut: false,
  code: 1000,
  closedBy: "caller",
  reached: true,
  retry: 0,
  framesDue: 0,
  framesSent: 0,
  worstLagMs: 2,
  outcome: "ok",
  faults: [],
  unread: null,
};

function between({ least, most }: { readonly least: number; readonly most: number }, random: Random): number {
  return least + (most - least) * random();
}
