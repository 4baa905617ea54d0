/**
 * Chooses how seldom Go collects garbage in k6, from the memory that is there and the number of callers: k6's heap may grow to
 * a goal before Go collects. GOGC sets the goal as a ratio to the live heap. `GOGC=off` with a GOMEMLIMIT of the goal would not
 * do: where the live heap comes near it, Go collects all the time.
 */

/** The memory that k6 may use. */
export interface Memory {
  readonly machineBytes: number;
  /** The limit of a container or a service; null where there is none. */
  readonly limitBytes: number | null;
}

/** Values of Go's variables. */
export interface HeapSettings {
  readonly GOGC: string;
  readonly GOMEMLIMIT: string;
}

const MB = 1e6;
const MIB = 2 ** 20;
const GIB = 2 ** 30;

/**
 * The heap goal as a share of a container's limit, and of a machine's memory, which other programs use too. Several k6 on
 * one machine take one goal each.
 */
const SHARE_OF_LIMIT = 1 / 2;
const SHARE_OF_MACHINE = 1 / 4;

/** The bounds of the heap goal. */
const MIN_GOAL_BYTES = 256 * MIB;
const MAX_GOAL_BYTES = 4 * GIB;

/** The live heap: what is left after a collection, without callers and for each of them. */
const LIVE_BYTES = 30 * MB;
const LIVE_BYTES_PER_CALLER = 0.6 * MB;

/**
 * The bounds of GOGC, in percent. The lower one is Go's default. The upper one keeps the heap below 41 times the live heap,
 * because that is larger than estimated where the utterances are long or many.
 */
const MIN_GOGC = 100;
const MAX_GOGC = 4000;

/** GOGC is rounded to this, in percent: the estimate is no better. */
const GOGC_STEP = 100;

/** GOMEMLIMIT as a share of the memory of the machine or container. Above it, Go collects as often as necessary. */
const HARD_SHARE = 3 / 4;

/** Returns the values for a k6 with this many callers. */
export function heapSettings({ limitBytes, machineBytes }: Memory, callers: number): HeapSettings {
  const isLimited = limitBytes !== null && limitBytes < machineBytes;
  const bytes = isLimited ? limitBytes : machineBytes;
  const share = bytes * (isLimited ? SHARE_OF_LIMIT : SHARE_OF_MACHINE);
  const goalBytes = clamp(share, MIN_GOAL_BYTES, MAX_GOAL_BYTES);
  const liveBytes = LIVE_BYTES + callers * LIVE_BYTES_PER_CALLER;
  const percent = 100 * (goalBytes / liveBytes - 1);
  const gogc = clamp(Math.round(percent / GOGC_STEP) * GOGC_STEP, MIN_GOGC, MAX_GOGC);
  return { GOGC: String(gogc), GOMEMLIMIT: `${Math.floor((bytes * HARD_SHARE) / MIB)}MiB` };
}

function clamp(value: number, min: number, max: number): number {
  return Math.min(max, Math.max(min, value));
}
