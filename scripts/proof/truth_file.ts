/** Reads `truth.jsonl`, which the simulator writes, as a stream. */

import { parseObject, readLines } from "../results/lines.ts";
import type { TruthTurn } from "./errors.ts";

/** A call of the truth file: the numbers of the caller's unexpected messages, by kind. */
export interface TruthCall {
  readonly anomalies: Readonly<Record<string, number>>;
}

/** What a proof needs of a truth file. */
export interface Truth {
  readonly turns: readonly TruthTurn[];
  readonly calls: readonly TruthCall[];
  /** Lines that are cut off, or no turn and no call as the simulator writes them. */
  readonly damaged: number;
}

/** Reads a truth file; one that does not exist is empty. */
export async function readTruth(path: string): Promise<Truth> {
  const turns: TruthTurn[] = [];
  const calls: TruthCall[] = [];
  let damaged = 0;
  for await (const lines of readLines(path)) {
    for (const text of lines) {
      const line = parseObject(text);
      if (isTurn(line)) turns.push(neededOf(line));
      else if (isCall(line)) calls.push({ anomalies: line.anomalies });
      else if (line === null || line.type === "turn" || line.type === "call") damaged += 1;
    }
  }
  return { turns, calls, damaged };
}

type Line = Readonly<Record<string, unknown>>;

function isTurn(line: Line | null): line is Line & TruthTurn {
  const required = [line?.turn, line?.speechStartAtMs, line?.eosAtMs];
  const isWhole = typeof line?.call === "string" && required.every((value) => typeof value === "number");
  return line?.type === "turn" && isWhole && isObject(line.programmed);
}

function isCall(line: Line | null): line is Line & TruthCall {
  return line?.type === "call" && isObject(line.anomalies);
}

function isObject(value: unknown): boolean {
  return typeof value === "object" && value !== null;
}

/** The fields that the comparison needs: a long file does not fit into memory whole. */
function neededOf(line: Line & TruthTurn): TruthTurn {
  const { call, turn, speechStartAtMs, eosAtMs, firstAudioAtMs = null, replyEndAtMs = null, programmed } = line;
  const { bargeAtMs = null, stopAtMs = null, cancelledAtMs = null, lastAudioAtMs = null } = line;
  const { firstByteAtMs, lateMs, leadSilenceMs, queued } = line;
  const speech = { speechStartAtMs, eosAtMs };
  const reply = { firstAudioAtMs, replyEndAtMs, lastAudioAtMs };
  const stop = { bargeAtMs, stopAtMs, cancelledAtMs };
  const absentInOlderFiles = {
    ...(firstByteAtMs !== undefined && { firstByteAtMs }),
    ...(leadSilenceMs !== undefined && { leadSilenceMs }),
    ...(lateMs !== undefined && { lateMs }),
    ...(queued !== undefined && { queued }),
  };
  return { call, turn, ...speech, ...reply, ...stop, programmed, ...absentInOlderFiles };
}
