/** Counts the lines of a log: which are there twice, and how many are missing. */

import type { LogEnd } from "./log_processes.ts";

/** What is known of the lines of calls and turns of a log. */
export interface LineCounts {
  /** Whole lines, each once. */
  readonly read: number;
  /** What the processes wrote, by their end lines; null where that is not known. */
  readonly written: number | null;
  /** Lines that were written and are not here, as far as that is known. */
  readonly missing: number;
  /** Lines that are here and that no process says it wrote. */
  readonly foreign: number;
  /** Lines that are records, but not whole ones. */
  readonly damaged: number;
  /** Whole lines that are here again; they do not count. */
  readonly repeated: number;
}

/** A turn number up to this one has a bit of the call's number; a JavaScript bit operation has 32 bits. */
const LAST_BIT = 30;

/** The bit of the call's own line. */
const CALL_BIT = 1;

/** Counts lines while a log is read. A line is known by its call and turn, not by its text. */
export class LineCounter {
  /** For each call, a bit for its own line and for each turn. */
  private readonly seen = new Map<string, number>();
  private readonly laterTurns = new Set<string>();
  /** For each caller, its highest line number and how many lines of it were read. */
  private readonly callers = new Map<string, { highest: number; read: number }>();
  private read = 0;
  private repeated = 0;

  /** Damaged lines. */
  damaged = 0;

  /** Counts a line; false when it has been read before. `turn` is 0 for the line of the call. */
  add(
    line: { readonly call: string; readonly vu: number; readonly line: number },
    turn: number,
    process: number,
  ): boolean {
    if (!this.isNew(line.call, turn)) {
      this.repeated += 1;
      return false;
    }
    this.read += 1;
    if (line.line >= 1) this.number(`${process}/${line.vu}`, line.line);
    return true;
  }

  /** True when the line of the call has been read. */
  hasCall(call: string): boolean {
    return ((this.seen.get(call) ?? 0) & CALL_BIT) !== 0;
  }

  /** The counts of a log that ended so. */
  counts(end: LogEnd | null): LineCounts {
    const { damaged, read, repeated } = this;
    const written = end?.lines ?? null;
    const gaps = [...this.callers.values()].reduce((sum, caller) => sum + Math.max(0, caller.highest - caller.read), 0);
    return {
      read,
      written,
      missing: Math.max(gaps, written === null ? 0 : written - read),
      // k6 drops the counts of lines that are written while a run is interrupted.
      foreign: written === null || end?.interrupted ? 0 : Math.max(0, read - written),
      damaged,
      repeated,
    };
  }

  private isNew(call: string, turn: number): boolean {
    if (turn > LAST_BIT) {
      const name = `${turn}/${call}`;
      return !this.laterTurns.has(name) && this.laterTurns.add(name).size > 0;
    }
    const bits = this.seen.get(call) ?? 0;
    const bit = CALL_BIT << turn;
    if ((bits & bit) !== 0) return false;
    this.seen.set(call, bits | bit);
    return true;
  }

  private number(caller: string, line: number): void {
    const known = this.callers.get(caller);
    if (known === undefined) {
      this.callers.set(caller, { highest: line, read: 1 });
      return;
    }
    known.highest = Math.max(known.highest, line);
    known.read += 1;
  }
}

/** Why a log is not that of a whole run, in the words of a report; empty for a whole log. */
export function lineProblems({ damaged, foreign, missing, written }: LineCounts): string[] {
  const problems: string[] = [];
  if (missing > 0) {
    const of = written === null ? `at least ${missing} lines` : `${missing} of ${written} lines`;
    problems.push(`${of} of the log are missing: the numbers are not those of the whole run; get the whole log.jsonl`);
  }
  if (foreign > 0)
    problems.push(`${foreign} lines more than the run wrote are in the log: is another run in the same log.jsonl?`);
  if (damaged > 0) problems.push(`${damaged} lines of log.jsonl are damaged (cut off, or two in one) and do not count`);
  return problems;
}

/** What a reader of the report should know of its log, though nothing is known to be missing. */
export function lineRemarks({ repeated, written }: LineCounts, end: LogEnd | null): string[] {
  const remarks: string[] = [];
  if (repeated > 0) remarks.push(`${repeated} lines of log.jsonl are in it more than once; each counts once`);
  if (end !== null && written === null && !end.interrupted && end.generatorLimit === null)
    remarks.push(
      "this log does not say how many lines were written, as those of earlier versions: nobody can know whether lines are missing",
    );
  return remarks;
}
