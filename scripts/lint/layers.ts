/**
 * The folders of the code: what is in each, the rule that holds there, and which folders it may import. Folders are listed from
 * top to bottom, and each imports only folders below it. layers.test.ts checks the code against this table; AGENTS.md shows it.
 */

/** One folder. */
export interface Layer {
  /** What is in it. */
  readonly holds: string;
  /** The rule that holds for every file in it. */
  readonly rule: string;
  /** The folders that its files may import from, beside their own; `lib/*` is all of lib but lib/k6. */
  readonly imports: readonly string[];
}

/** The folders that run in k6. */
export const IN_K6: Readonly<Record<string, Layer>> = {
  scenarios: {
    holds: "the scripts that k6 runs, one per wire",
    rule: "nothing but exports",
    imports: ["lib/k6", "lib/wire"],
  },
  "lib/k6": {
    holds: "the k6 adapter: `voiceScenario`, what is done once per run, the texts that callers share",
    rule: "the only folder that imports k6's own modules; it makes no decisions",
    imports: ["lib/caller", "lib/report", "lib/settings", "lib/wire", "lib/metrics"],
  },
  "lib/caller": {
    holds: "one caller: dialling, driving a call, backoff, staggering, the order of utterances",
    rule: "knows the runtime only through its port, `Phone`",
    imports: ["lib/settings", "lib/wire", "lib/conversation", "lib/audio", "lib/metrics"],
  },
  "lib/report": {
    holds: "from numbers to a judged report: statistics, verdict, summary, table, the first and last line of a log",
    rule: "the same from k6's data as from a log",
    imports: ["lib/settings", "lib/metrics"],
  },
  "lib/settings": {
    holds: "settings and their grammar, target URL, load, thresholds, quotas, the plan of a run",
    rule: "every input is read and checked here",
    imports: ["lib/wire", "lib/audio", "lib/metrics"],
  },
  "lib/wire": {
    holds:
      "the codecs (acs, browser), message envelopes, audio messages and their silence, faults as agents report them, throttling",
    rule: "one file per wire, one contract test over all (`codec.test.ts`)",
    imports: ["lib/conversation", "lib/audio"],
  },
  "lib/conversation": {
    holds:
      "the state machine of a call: turns, replies, barge-in, playout, slots, deadlines, and the records that result",
    rule: "no clock, no socket, no bytes: `handle(event, nowMs)` returns actions",
    imports: ["lib/metrics"],
  },
  "lib/audio": {
    holds: "PCM, speech bounds, where sound begins, resampling, utterances, and how they are cut into pieces",
    rule: "pure functions of bytes",
    imports: [],
  },
  "lib/metrics": {
    holds: "metric names and kinds, glossary, records, records to samples, the journal",
    rule: "a metric's meaning is API",
    imports: [],
  },
};

/** The folders that run in Node. */
export const IN_NODE: Readonly<Record<string, Layer>> = {
  scripts: {
    holds: "the commands of the make targets that have no folder of their own",
    rule: "a command imports no command",
    imports: [
      "scripts/live",
      "scripts/run",
      "scripts/readers",
      "scripts/proof",
      "scripts/results",
      "scripts/audio",
      "scripts/setup",
      "lib/*",
    ],
  },
  "scripts/conformance": {
    holds:
      "`make conformance`: foreign code, at pinned versions, that holds sessions with the simulator, or that callers call",
    rule: "one file per peer; a peer judges by its own code and its own log, never by ours",
    imports: ["scripts/e2e", "scripts/run", "scripts/proof", "scripts/results", "lib/*"],
  },
  "scripts/bench": {
    holds:
      "`make bench`, `accuracy`, `soak`, `bench_capacity` and `bench_compare`: what the load test itself costs, and how far it is from the truth",
    rule: "speed is a ratio, or CPU per call-second",
    imports: [
      "scripts/e2e",
      "scripts/capacity",
      "scripts/compare",
      "scripts/simulator",
      "scripts/run",
      "scripts/proof",
      "scripts/results",
      "lib/*",
    ],
  },
  "scripts/e2e": {
    holds: "tests with a real k6 against the simulator, and `make matrix`, `faults` and `chaos`",
    rule: "a timing is checked against the truth, never against a speed of this machine",
    imports: ["scripts/run", "scripts/proof", "scripts/results", "scripts/audio", "lib/*"],
  },
  "scripts/docs": {
    holds: "generated tables and pictures of the documents, screenshots, Chromium",
    rule: "what is generated is checked by a test",
    imports: ["scripts/capacity", "scripts/audio", "scripts/lint", "scripts/run", "lib/*"],
  },
  "scripts/capacity": {
    holds: "`make capacity`: the search for the most callers that meet the targets, its runs, and its report",
    rule: "the search is a pure function of the probes so far",
    imports: ["scripts/run", "scripts/readers", "scripts/results", "scripts/statistics", "lib/*"],
  },
  "scripts/compare": {
    holds: "`make compare` and `baseline`: is a run slower than others, beyond noise",
    rule: "what would lie is refused before a number is shown",
    imports: ["scripts/run", "scripts/readers", "scripts/results", "scripts/statistics", "scripts/setup", "lib/*"],
  },
  "scripts/github": {
    holds:
      "the steps of load-test.yml that compare a run with earlier ones, and how tests run the workflow's steps here",
    rule: "what an artifact holds is data: it is not run, and names no path",
    imports: ["scripts/run"],
  },
  "scripts/live": {
    holds: "one call or one check in Node: `make call`, `make doctor`",
    rule: "the same conversation and codecs as in k6, over the ws library",
    imports: ["scripts/run", "lib/*"],
  },
  "scripts/simulator": {
    holds: "the agent with known answers, and the truth of every turn",
    rule: "shares no code with what it proves",
    imports: ["scripts/run"],
  },
  "scripts/lint": {
    holds: "checks of workflows, manifests, dependencies and of this table",
    rule: "no k6",
    imports: ["scripts/run", "lib/*"],
  },
  "scripts/run": {
    holds:
      "running k6: which k6 and its environment, the runner and its watchdog, progress, the bundle, the simulator's process",
    rule: "whatever happens, a run ends with a report",
    imports: ["scripts/readers", "scripts/results", "scripts/setup", "lib/*"],
  },
  "scripts/readers": {
    holds:
      "the report's files: `report.html`, `summary.json`, `summary.md`, `stats.csv`, `junit.xml`; pages, tables and charts for other reports",
    rule: "made from a run's folder alone",
    imports: ["scripts/page", "scripts/results", "scripts/setup", "lib/*"],
  },
  "scripts/page": {
    holds: "the script of `report.html`, the only code for a browser",
    rule: "draws what the page already says in text",
    imports: [],
  },
  "scripts/proof": {
    holds: "joins a run's log with the simulator's truth: `make verify`",
    rule: "imports nothing of what it proves but the log's format",
    imports: ["scripts/results", "lib/*"],
  },
  "scripts/results": {
    holds:
      "a run's folder: reading and merging logs as a stream, what is missing from one, the report from a log, what the machine did meanwhile",
    rule: "`run.json` and `log.jsonl` are enough for every report",
    imports: ["scripts/setup", "lib/*"],
  },
  "scripts/audio": {
    holds: "makes what callers say: Azure's voices, the offline voice, manifests, conversion",
    rule: "a failed line never spoils the others",
    imports: ["scripts/setup", "lib/*"],
  },
  "scripts/statistics": {
    holds: "how sure a number is: bounds of shares and percentiles, resampling over calls",
    rule: "pure functions of numbers; what is random is seeded",
    imports: [],
  },
  "scripts/setup": {
    holds:
      "what comes before all else: Node's version, packages, and files that two make targets may make at the same time",
    rule: "runs without packages: plain JavaScript and sh",
    imports: [],
  },
};

/** Every folder with code, from top to bottom. */
export const LAYERS: Readonly<Record<string, Layer>> = { ...IN_NODE, ...IN_K6 };
