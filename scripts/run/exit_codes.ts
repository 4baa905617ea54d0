/**
 * Lists the exit codes of `k6 run` and of the scripts. The README's table is generated from it, and a test causes each
 * one.
 */

/** One way for a run to end. */
interface Exit {
  readonly code: number;
  readonly when: string;
}

/** The ways for a run to end, with their exit codes. */
export const EXITS = {
  passed: { code: 0, when: "every threshold of the tier holds" },
  slow: { code: 99, when: "a threshold failed: the agent is slower, or fails more often, than the tier allows" },
  unmeasured: { code: 99, when: "nothing was measured of what is gated, barge-ins that were asked for included" },
  refused: { code: 99, when: "no call was taken; where asking again is pointless, the run ends early" },
  throttled: { code: 99, when: "every turn was throttled" },
  invalid: { code: 99, when: "the generator was too slow, suspended, or its clock jumped: INVALID" },
  limited: {
    code: 99,
    when: "this machine ran out of file descriptors, local ports or memory: INVALID, with its name",
  },
  interrupted: { code: 105, when: "interrupted once: calls are hung up, and the report is of what was measured" },
  interruptedTwice: { code: 105, when: "interrupted twice: k6 stops at once, and the report is made from the log" },
  hungUp: { code: 105, when: "the terminal closed, or make was killed: as interrupted once" },
  hung: { code: 105, when: "the agent stopped reading, and the watchdog of the make targets stopped k6" },
  input: { code: 107, when: "a wrong setting, audio file or manifest; no call was made" },
  option: {
    code: 107,
    when: "an option of k6 that would change load, gate, summary or log was given to a make target; no call was made",
  },
  quotes: { code: 107, when: "EXTRA_ARGS holds quotes that are not closed; no call was made" },
  speech: { code: 107, when: "an audio file is no raw 16-bit PCM, such as a WAV file called .pcm; no call was made" },
  thresholds: { code: 107, when: "thresholds.json names an unknown metric, or is no JSON; no call was made" },
  replaced: {
    code: 108,
    when: "k6's options replaced the load or the gate, or an archive holds other settings; no call was made",
  },
  folder: { code: 1, when: "the run's folder could not be made; no call was made" },
  fullDisk: { code: 255, when: "the turn log could not be written whole, as on a full disk; the verdict is k6's own" },
  unwritten: {
    code: 255,
    when: "a file of the report could not be written; what fits is there, and k6 printed the verdict",
  },
  outOfMemory: { code: 255, when: "k6 ran out of memory and died: INVALID; the report is made from the log" },
  killed: { code: 255, when: "k6 was killed; the report is made from the log" },
} as const satisfies Readonly<Record<string, Exit>>;

/** The name of a way for a run to end. */
export type ExitName = keyof typeof EXITS;
