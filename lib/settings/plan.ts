/**
 * Everything that is settled before the first call: settings, tiers, what callers say, and k6's options.
 * All problems of all inputs are found before any of them stops the run.
 */

import { quietNoise } from "../audio/pcm.ts";
import { cutIntoPieces, firstPieces } from "../audio/pieces.ts";
import { type Files, readUtterances } from "../audio/utterances.ts";
import type { Base64, Transport } from "../wire/codec.ts";
import { quotaRemarks } from "./quotas.ts";
import { readSettings } from "./read_settings.ts";
import type { Settings } from "./settings.ts";
import { percentilesOf, readTiers, runThresholds, type Tiers } from "./thresholds.ts";
import { type Workload, workload } from "./workload.ts";

/** What a run is made from. */
export interface Plan {
  readonly settings: Settings;
  readonly tiers: Tiers;
  readonly problems: readonly string[];
  readonly remarks: readonly string[];
}

/** What callers say, in the form that all of them share: JSON, packed for the wire. */
export interface PackedUtterances {
  readonly files: readonly string[];
  /** Which conversation each file is of. */
  readonly conversations: readonly string[];
  readonly frames: readonly number[];
  /** The rate of the callers' audio, in Hz. */
  readonly rateHz: number;
  readonly problems: readonly string[];
  /** Where each utterance begins among the pieces. */
  readonly firstPieces: readonly number[];
  /** The packed pieces of all utterances. */
  readonly pieces: readonly string[];
  /** Packed quiet frames. */
  readonly quiet: string;
}

/** Where the shipped utterances are, from a bundle or a scenario; those of 24 kHz are in a folder of their own. */
const SHIPPED_FOLDERS = ["../audio/pcm_24000", "../audio/pcm"];

/** Length of the quiet frames that a line repeats, in ms: every caller holds them. */
const QUIET_MS = 200;

/** Reads the settings and `thresholds.json`. */
export function readPlan(env: Readonly<Record<string, string | undefined>>, thresholds: string | null): Plan {
  const { settings, problems, remarks } = readSettings(env);
  const { tiers, problems: tierProblems } = readTiers(thresholds ?? "");
  return {
    settings,
    tiers,
    problems: [...problems, ...tierProblems],
    remarks: [...remarks, ...quotaRemarks(settings)],
  };
}

/** Reads and packs what callers say; `workingFolder` is where a relative PCM_DIR is taken from. */
export function packUtterances(
  settings: Settings,
  transport: Transport,
  runtime: { files: Files; base64: Base64; workingFolder: string },
): PackedUtterances {
  const frameMs = settings.CHUNK_MS;
  const rateHz = rateOf(settings, transport);
  const folders = pcmFolders(settings.PCM_DIR, runtime.workingFolder);
  const maxFrames = settings.CHUNKS_PER_TURN;
  const conversations = settings.CONVERSATION;
  const { utterances, problems } = readUtterances(runtime.files, {
    folders,
    rateHz,
    frameMs,
    maxFrames,
    conversations,
  });
  const frameBytes = (rateHz * frameMs * 2) / 1000;
  const pack = (pcm: Uint8Array) => transport.pack(pcm, frameBytes, runtime.base64);
  const quietFrames = Math.ceil(QUIET_MS / frameMs);
  const quiet = new Uint8Array(quietNoise((quietFrames * frameBytes) / 2).buffer);
  const frames = utterances.map((utterance) => utterance.frames);
  return {
    files: utterances.map(({ file }) => file),
    conversations: utterances.map(({ conversation }) => conversation),
    frames,
    rateHz,
    problems,
    firstPieces: firstPieces(frames),
    pieces: utterances.flatMap(({ pcm }) => cutIntoPieces(pcm, frameBytes).map(pack)),
    quiet: pack(quiet),
  };
}

function rateOf(settings: Settings, transport: Transport): number {
  return settings.SAMPLE_RATE === "" ? transport.sampleRateHz(settings.PIPELINE) : Number(settings.SAMPLE_RATE);
}

/** The load that was asked for, as k6 takes it; `frames` are those of each utterance. */
export function loadOf(settings: Settings, frames: readonly number[]): Workload {
  return workload(settings, (Math.max(0, ...frames) * settings.CHUNK_MS) / 1000);
}

/** k6's options for a run. */
export function runOptions(
  settings: Settings,
  tiers: Tiers,
  frames: readonly number[],
): Readonly<Record<string, unknown>> {
  return {
    scenarios: loadOf(settings, frames),
    thresholds: runThresholds(tiers, settings),
    summaryTrendStats: ["count", "avg", "min", "med", "max", ...percentilesOf(tiers)],
    // Without `url`, which would make one series per call, and without `ip`, with which a refused dial panics k6.
    systemTags: ["scenario", "group", "check", "status", "error", "error_code"],
    ...(settings.LOAD_ZONES.length > 0 && { cloud: { distribution: distribution(settings.LOAD_ZONES) } }),
  };
}

/** Shares of the load by zone in whole percent, which Grafana Cloud wants to add up to 100. */
function distribution(zones: readonly string[]): Readonly<Record<string, unknown>> {
  const shares = zones.map((loadZone, index) => {
    const upTo = (count: number) => Math.round((100 * count) / zones.length);
    return [`zone ${index + 1}`, { loadZone, percent: upTo(index + 1) - upTo(index) }];
  });
  return Object.fromEntries(shares);
}

function pcmFolders(setting: string, workingFolder: string): readonly string[] {
  const path = setting.replace(/\/+$/, "");
  if (path === "") return SHIPPED_FOLDERS;
  const absolute = path.startsWith("/") || /^[A-Za-z]:[\\/]/.test(path);
  return [absolute || workingFolder === "" ? path : `${workingFolder}/${path}`];
}
