/** Draws the values of a run's calls from the delays of the simulator, without making calls: what a comparison gets to see of an agent. */

import type { CallValues } from "../compare/call_values.ts";
import { type Delay, normal, parseDelay, type Random } from "../simulator/random.ts";

/** An agent, in the flags of the simulator; all delays are in ms. */
export interface AgentModel {
  readonly sttMs: string;
  readonly llmMs: string;
  readonly ttsMs: string;
  /** Added to every ttfb. */
  readonly slowerMs: number;
  /** How far the delays of model, voice and stop differ between calls, so that turns of one call are alike: a standard deviation of logs. */
  readonly callSpread: number;
  /** The same between runs. */
  readonly runSpread: number;
  /** The share of turns that fail; it differs between calls as well. */
  readonly failedTurns: number;
}

/** How many calls, and turns of each. */
export interface Load {
  readonly calls: number;
  readonly turnsPerCall: number;
}

const GREETING_MS = "p50:150,p95:260";
const STOP_MS = "p50:250,p95:400";
/** From the first speech frame to EOS, and from the first audio to the end of the turn. */
const SPEECH_AND_REPLY_MS = "2500..6000";
/** How often a reply runs dry, and for how long. */
const STALLED_TURNS = 0.06;
const STALL_MS = "0..300";
const FAILED_CALLS = 0.002;
const THROTTLED_TURNS = 0.01;

/** Draws a run. The last turn of a call is not interrupted, and a turn that failed has its times all the same. */
export function simulatedRun(agent: AgentModel, { calls, turnsPerCall }: Load, random: Random): readonly CallValues[] {
  const ofRun = Math.exp(agent.runSpread * normal(random));
  const delays = {
    stt: delay(agent.sttMs),
    llm: delay(agent.llmMs),
    tts: delay(agent.ttsMs),
    stop: delay(STOP_MS),
    greeting: delay(GREETING_MS),
    rest: delay(SPEECH_AND_REPLY_MS),
    stall: delay(STALL_MS),
  };
  return Array.from({ length: calls }, (): CallValues => {
    const factor = ofRun * Math.exp(agent.callSpread * normal(random));
    const failing = agent.failedTurns * Math.exp(agent.callSpread * normal(random));
    if (random() < FAILED_CALLS) return { times: {}, shares: { connection_success: { hits: 0, trials: 1 } } };
    const turns = Array.from({ length: turnsPerCall }, () => {
      const sttMs = delays.stt.draw(random);
      const llmTtsMs = (delays.llm.draw(random) + delays.tts.draw(random)) * factor + agent.slowerMs;
      const ttfbMs = sttMs + llmTtsMs;
      const stallMs = random() < STALLED_TURNS ? delays.stall.draw(random) : 0;
      const turnMs = ttfbMs + delays.rest.draw(random);
      return { ttfbMs, sttMs, llmTtsMs, stallMs, turnMs, bargeMs: delays.stop.draw(random) * factor };
    });
    const hits = (isHit: () => boolean) => ({ hits: turns.filter(isHit).length, trials: turnsPerCall });
    return {
      times: {
        ttfb: turns.map(({ ttfbMs }) => ttfbMs),
        barge: turns.slice(1).map(({ bargeMs }) => bargeMs),
        turn: turns.map(({ turnMs }) => turnMs),
        greeting: [delays.greeting.draw(random)],
        stall: turns.map(({ stallMs }) => stallMs),
        stt: turns.map(({ sttMs }) => sttMs),
        llm_tts: turns.map(({ llmTtsMs }) => llmTtsMs),
      },
      shares: {
        turn_success: hits(() => random() >= failing),
        connection_success: { hits: 1, trials: 1 },
        throttled: hits(() => random() < THROTTLED_TURNS),
      },
    };
  });
}

function delay(text: string): Delay {
  const parsed = parseDelay(text);
  if (parsed === null) throw new Error(`expected a delay of the simulator, got ${JSON.stringify(text)}`);
  return parsed;
}
