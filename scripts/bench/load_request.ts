/** The load that `make bench` measures: what it is, and the flags and settings of the simulator and of k6 for it. */

import { join, resolve } from "node:path";

import { leaveSpanSec } from "../../lib/settings/workload.ts";
import type { ScenarioName } from "../../lib/wire/wires.ts";
import { readJsonLines } from "../results/lines.ts";

/** Who sends audio: the caller only, or the agent too; with barge-ins, callers interrupt it as users' callers do. */
export type Traffic = "up-only" | "full duplex" | "barge-ins";

/** The script that k6 runs: our bundle, or the bare loop, which cannot interrupt. */
export type Script = "ours" | "bare";

/** The load to measure. */
export interface LoadRequest {
  readonly script: Script;
  readonly wire: ScenarioName;
  readonly traffic: Traffic;
  readonly callers: number;
  /** The length of the measurement, which starts when all callers are connected and the settling time is over. */
  readonly steadySec: number;
  /** The folder of the utterances; the shipped ones unless given. */
  readonly pcmFolder?: string;
  /** True: k6 runs on the first core, the simulator on the second. */
  readonly pinned?: boolean;
  /** True: the bare loop records its send lag too, which costs it a little CPU. */
  readonly wantsLag?: boolean;
  /** GOGC of k6; that of the make targets unless given. */
  readonly gogc?: string;
  /** True: reads the heap of k6 before and after the measurement. Each reading forces a collection. */
  readonly wantsHeap?: boolean;
  /** True: counts the collections of k6. */
  readonly wantsCollections?: boolean;
}

/**
 * Flags of an agent that replies. Its silence is longer than any pause in the shipped utterances, because it would
 * reply twice to an utterance that it took for two.
 */
export const FULL_DUPLEX =
  "--silence-ms 1000 --stt-ms 1000 --llm-ms 200 --tts-ms 100 --reply-ms 3000 --greeting-ms 500";

/** Flags of the simulator. */
export const SIMULATOR_FLAGS: Readonly<Record<Traffic, readonly string[]>> = {
  "up-only": ["--mute", "--greeting-ms", "0"],
  "full duplex": FULL_DUPLEX.split(" "),
  "barge-ins": [...FULL_DUPLEX.split(" "), "--barge-ms", "250"],
};

/**
 * The time between two utterances of our callers, which the bare loop imitates. Up-only: the wait for a reply and the
 * pause. Else: the delays of the agent, the reply and the pause.
 */
const BARE_SILENCE_MS: Readonly<Record<Traffic, number>> = { "up-only": 6500, "full duplex": 5800, "barge-ins": 5800 };

/** All callers have started after this many seconds. */
export const SPREAD_SEC = 5;

/** The folder of the shipped utterances. */
export const SHIPPED_PCM = "audio/pcm";

/** The settings of k6's script for a load of `timeSec` from its start; our bundle takes `folder` for its results. */
export async function scriptSettings(
  request: LoadRequest,
  folder: string,
  timeSec: number,
): Promise<Readonly<Record<string, string>>> {
  return request.script === "ours" ? bundleSettings(request, folder, timeSec) : await bareSettings(request, timeSec);
}

function bundleSettings({ callers, pcmFolder, traffic, wire }: LoadRequest, folder: string, timeSec: number) {
  const asked = wire === "openai_realtime" ? { REALTIME_GREETING: "true" } : {};
  const greeting = traffic === "up-only" ? { GREETING_TIMEOUT_SEC: "0" } : asked;
  const bargeIns = { BARGE_EVERY: traffic === "barge-ins" ? "1" : "0" };
  const rampUp = { SPAWN_RATE: String(callers / SPREAD_SEC), RAMP_UP_COUNTS: "false" };
  const pcm = pcmFolder === undefined ? {} : { PCM_DIR: resolve(pcmFolder) };
  const load = { USERS: String(callers), TIME: `${timeSec}s`, TURN_LOG: "true", RESULTS_DIR: folder };
  return { ...load, ...bargeIns, ...rampUp, ...greeting, ...pcm };
}

async function bareSettings({ callers, pcmFolder, traffic, wantsLag, wire }: LoadRequest, timeSec: number) {
  const pcm = resolve(await medianUtterance(pcmFolder ?? SHIPPED_PCM));
  return {
    // By its name k6's environment knows the number of callers, and gives both scripts the same GOGC.
    USERS: String(callers),
    SPREAD_SEC: String(SPREAD_SEC),
    SEC: String(timeSec),
    LEAVE_SEC: String(leaveSpanSec({ USERS: callers })),
    WIRE: wire,
    PCM: pcm,
    SILENCE_MS: String(BARE_SILENCE_MS[traffic]),
    ...(wantsLag && { LAG: "1" }),
  };
}

/** The file of the utterance of median length: the bare loop sends only one. */
async function medianUtterance(folder: string): Promise<string> {
  const lines = (await readJsonLines(join(folder, "manifest.jsonl"))).filter((line) => line !== null);
  const byLength = lines.sort((a, b) => Number(a.bytes) - Number(b.bytes));
  const file = byLength[Math.floor(byLength.length / 2)]?.file;
  if (file === undefined) throw new Error(`${folder}: expected utterances, got none; run: make generate_audio`);
  return join(folder, String(file));
}
