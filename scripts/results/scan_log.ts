/** Reads a run's `log.jsonl` as a stream: each record once, what is known of its processes, and what is missing. */

import { join } from "node:path";

import type { GoVariables } from "../../lib/report/go_variables.ts";
import { LineCounter, type LineCounts } from "./line_counts.ts";
import { readLines } from "./lines.ts";
import {
  type CallLine,
  type EndLineRead,
  type LogLine,
  type RunLineRead,
  readLogLine,
  type TurnLine,
} from "./log_lines.ts";
import { type LogEnd, LogProcesses } from "./log_processes.ts";

/** What takes the records of a log, each once and in the order of the log. */
export interface LogVisitor {
  /** The first line of a process. */
  run?(line: RunLineRead): void;
  /** `callIsOver`: the line of the call has been read before. */
  turn?(line: TurnLine, callIsOver: boolean): void;
  call?(line: CallLine): void;
}

/** What is known of a log beside its records. */
export interface LogFacts {
  /** How its processes ended, taken together; null where one was killed, or its log was cut off. */
  readonly end: LogEnd | null;
  /** The last end line. */
  readonly lastEnd: EndLineRead | null;
  /** True when no record comes before the first run line. */
  readonly beginsWithRun: boolean;
  /** The remarks of the run lines and the end lines (known before the run, or reported by the agent), each once. */
  readonly remarks: readonly string[];
  /** Go's variables of each run line; null for one that does not have them. */
  readonly go: readonly (GoVariables | null)[];
  readonly lines: LineCounts;
}

/** Reads a log to its end; `folder` is that of the run. A log that does not exist has no lines. */
export async function scanLog(folder: string, visitor: LogVisitor = {}): Promise<LogFacts> {
  const scan = new LogScan(visitor);
  for await (const lines of readLines(join(folder, "log.jsonl")))
    for (const text of lines) scan.take(readLogLine(text));
  return scan.facts();
}

/** What has been read of a log. */
class LogScan {
  private readonly processes = new LogProcesses();
  private readonly counter = new LineCounter();
  private readonly remarks = new Set<string>();
  private readonly go: (GoVariables | null)[] = [];
  private hasRecords = false;
  private beginsWithRun = false;
  private readonly visitor: LogVisitor;

  constructor(visitor: LogVisitor) {
    this.visitor = visitor;
  }

  take(line: LogLine): void {
    if (line.type === "turn" || line.type === "call") this.takeRecord(line);
    else if (line.type === "run") this.takeRun(line);
    else if (line.type === "end") this.takeEnd(line);
    else if (line.type === "damaged") this.counter.damaged += 1;
  }

  facts(): LogFacts {
    const end = this.processes.summary();
    return {
      end,
      lastEnd: this.processes.lastEnd(),
      beginsWithRun: this.beginsWithRun,
      remarks: [...this.remarks],
      go: this.go,
      lines: this.counter.counts(end),
    };
  }

  private takeRecord(line: TurnLine | CallLine): void {
    this.hasRecords = true;
    const turn = line.type === "turn" ? line.turn : 0;
    if (!this.counter.add(line, turn, this.processes.record())) return;
    if (line.type === "turn") this.visitor.turn?.(line, this.counter.hasCall(line.call));
    else this.visitor.call?.(line);
  }

  private takeRun(line: RunLineRead): void {
    this.beginsWithRun ||= !this.hasRecords;
    this.processes.run(line);
    this.visitor.run?.(line);
    this.go.push(line.go ?? null);
    for (const remark of line.remarks ?? []) this.remarks.add(remark);
  }

  private takeEnd(line: EndLineRead): void {
    this.processes.end(line);
    for (const remark of line.remarks ?? []) this.remarks.add(remark);
  }
}
