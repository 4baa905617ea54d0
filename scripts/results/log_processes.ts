/**
 * Keeps account of the k6 processes that wrote a log: how each ended, and how many lines it says that it wrote. The logs of
 * several processes may stand in one file one after another, mixed, or one of them twice.
 */

import type { EndLineRead, RunLineRead } from "./log_lines.ts";

/** How the processes of a log ended, taken together. */
export interface LogEnd {
  /** True when a process was interrupted. */
  readonly interrupted: boolean;
  readonly droppedIterations: number;
  /** What the load machine ran out of, where a k6 died of it; else null. */
  readonly generatorLimit: "memory" | null;
  /** The number of lines of calls and turns that all processes wrote; null where one of them does not say it. */
  readonly lines: number | null;
}

/** One process; without an id where its first line is missing. */
interface Process {
  readonly index: number;
  id: string;
  end: EndLineRead | null;
}

/** The processes of one log. */
export class LogProcesses {
  private readonly all: Process[] = [];
  private current: Process | null = null;

  /** Takes a run line: the process whose lines follow. */
  run(line: RunLineRead): void {
    const id = line.process || JSON.stringify(line);
    this.current = this.withId(id) ?? this.add(id);
  }

  /** Takes an end line. The last one of a process counts; one without an id is that of the process whose lines are read. */
  end(line: EndLineRead): void {
    const id = line.process || (this.current ?? this.add("")).id;
    const process = this.withId(id) ?? (this.current?.id === "" ? this.current : this.add(id));
    process.id = id;
    process.end = line;
  }

  /** Takes the line of a turn or a call; returns the index of the process that is taken to have written it. */
  record(): number {
    this.current ??= this.add("");
    return this.current.index;
  }

  /** Sums the processes up; null where one has no end line, or where there is none. */
  summary(): LogEnd | null {
    const ends = this.all.flatMap(({ end }) => (end === null ? [] : [end]));
    if (ends.length === 0 || ends.length < this.all.length) return null;
    const sum = (numbers: readonly number[]) => numbers.reduce((total, number) => total + number, 0);
    const lines = ends.flatMap((end) => (typeof end.lines === "number" ? [end.lines] : []));
    return {
      interrupted: ends.some(({ interrupted }) => interrupted ?? false),
      droppedIterations: sum(ends.map(({ droppedIterations }) => droppedIterations ?? 0)),
      generatorLimit: ends.some(({ generatorLimit }) => generatorLimit === "memory") ? "memory" : null,
      lines: lines.length === ends.length ? sum(lines) : null,
    };
  }

  /** The last end line; null where there is none. */
  lastEnd(): EndLineRead | null {
    return this.all.reduce<EndLineRead | null>((last, { end }) => end ?? last, null);
  }

  private withId(id: string): Process | undefined {
    return this.all.find((process) => process.id === id);
  }

  private add(id: string): Process {
    const process = { index: this.all.length, id, end: null };
    this.all.push(process);
    return process;
  }
}
