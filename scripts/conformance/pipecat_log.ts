/**
 * Reads the log of the Pipecat agent (pipecat_agent.py), and makes of its events what a proof compares with: the turns as the agent
 * saw them. Instants are epoch ms.
 */

import type { TruthTurn } from "../proof/errors.ts";

/** The time from the end of speech, as the VAD hears it, to the end of the caller's turn, and the delays of the dummy services. */
interface Delays {
  readonly event: "delays";
  readonly turnStopMs: number;
  readonly llmMs: number;
  readonly ttsMs: number;
}

/** The end of the caller's turn, with its first and last loud frame, and when the VAD heard its end. */
interface UserStopped {
  readonly event: "user_stopped";
  readonly call: string;
  readonly firstLoudAtMs: number;
  readonly lastLoudAtMs: number;
  readonly vadStoppedAtMs: number;
}

/** A `clear` that was sent, with the first loud frame of the caller's turn that it answers. */
interface Clear {
  readonly event: "clear";
  readonly call: string;
  readonly atMs: number;
  readonly firstLoudAtMs: number;
}

/** The first media after a pause. */
interface FirstMedia {
  readonly event: "first_media";
  readonly call: string;
  readonly atMs: number;
}

/** The end of a reply that was played, or interrupted. */
interface ReplyEnded {
  readonly event: "reply_ended";
  readonly call: string;
  readonly atMs: number;
}

/** What Pipecat itself warned of. */
interface Warning {
  readonly event: "warning";
  readonly text: string;
}

/** An event of a call. */
type CallLine = UserStopped | Clear | FirstMedia | ReplyEnded;

/** A line of the agent's log. */
export type AgentLine = Delays | CallLine | Warning;

/** What the agent's log says. */
export interface AgentLog {
  /** The caller's turns, each with the agent's reply and what interrupted it. */
  readonly turns: readonly TruthTurn[];
  /** How many `clear` were sent, also where nothing was to be cleared. */
  readonly clears: number;
  readonly warnings: readonly string[];
}

type Turn = { -readonly [Name in keyof TruthTurn]: TruthTurn[Name] };

/** Reads the lines of a log in their order; null is a line that is not whole, of an agent that was ended as it wrote. */
export function readAgentLog(lines: readonly (AgentLine | null)[]): AgentLog {
  const turnsOfCalls = new Map<string, Turn[]>();
  const warnings: string[] = [];
  let delays: Omit<Delays, "event"> = { turnStopMs: 0, llmMs: 0, ttsMs: 0 };
  let clears = 0;
  for (const line of lines) {
    if (line?.event === "delays") delays = line;
    else if (line?.event === "warning") warnings.push(line.text);
    else if (line !== null) {
      const turns = turnsOfCalls.get(line.call) ?? [];
      turnsOfCalls.set(line.call, turns);
      if (line.event === "clear") clears += 1;
      addTo(turns, line, delays);
    }
  }
  return { turns: [...turnsOfCalls.values()].flat(), clears, warnings };
}

/** Adds an event to the turns of its call: to the last one, or as a new one. Before the first turn is the greeting. */
function addTo(turns: Turn[], line: CallLine, delays: Omit<Delays, "event">): void {
  if (line.event === "user_stopped") turns.push(turnOf(line, turns.length + 1, delays));
  const turn = turns.at(-1);
  if (turn === undefined) return;
  if (line.event === "first_media") turn.firstAudioAtMs ??= line.atMs;
  if (line.event === "reply_ended") turn.replyEndAtMs ??= line.atMs;
  if (line.event !== "clear" || turn.firstAudioAtMs === null) return;
  // Pipecat clears at each start of speech; it interrupts a reply that was playing when the speech began.
  if (turn.replyEndAtMs !== null && turn.replyEndAtMs < line.firstLoudAtMs) return;
  turn.bargeAtMs ??= line.firstLoudAtMs;
  turn.stopAtMs ??= line.atMs;
}

/** The VAD decides when speech has ended: what is programmed begins there. */
function turnOf(line: UserStopped, turn: number, { llmMs, ttsMs, turnStopMs }: Omit<Delays, "event">): Turn {
  const { call, firstLoudAtMs, lastLoudAtMs, vadStoppedAtMs } = line;
  return {
    ...{ call, turn, speechStartAtMs: firstLoudAtMs, eosAtMs: lastLoudAtMs },
    ...{ firstAudioAtMs: null, replyEndAtMs: null, lastAudioAtMs: null },
    ...{ bargeAtMs: null, stopAtMs: null, cancelledAtMs: null },
    programmed: { sttMs: vadStoppedAtMs - lastLoudAtMs + turnStopMs, llmMs, ttsMs },
  };
}
