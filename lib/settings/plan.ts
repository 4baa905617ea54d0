/**
 * Reads the inputs of a run before the first call: settings, threshold tiers and utterances; and makes k6's options.
 * Nothing here throws for a wrong input: the problems of all inputs are collected, so that a run can print them all before
 * it stops.
 */

import { quietNoise } from "../audio/pcm.ts";
import { cutIntoPieces, FRAMES_PER_PIECE, firstPieces } from "../audio/pieces.ts";
import { type Files, readUtterances, type Utterance } from "../audio/utterances.ts";
import type { Base64, Transport } from "../wire/codec.ts";
import type { ScenarioName } from "../wire/wires.ts";
import { quotaRemarks } from "./quotas.ts";
import { readSettings } from "./read_settings.ts";
import type { RunOptions } from "./run_options.ts";
import type { Settings } from "./settings.ts";
import { readTiers, requiredPercentiles, runThresholds, type Tiers } from "./thresholds.ts";
import { makeWorkload, type Workload } from "./workload.ts";

/** The checked settings and threshold tiers of a run. */
export interface Plan {
  readonly settings: Settings;
  readonly tiers: Tiers;
  /** What is wrong with the inputs, one text per problem; a run with any must not start. */
  readonly problems: readonly string[];
  /** Warnings that do not stop the run. */
  readonly remarks: readonly string[];
}

/** The utterances in the form that all callers share: a JSON value, with the audio packed for the wire. */
export interface PackedUtterances {
  /** The file name of each utterance. */
  readonly files: readonly string[];
  /** The name of the conversation of each utterance; empty where none is known. */
  readonly conversations: readonly string[];
  /** The number of frames of each utterance. */
  readonly frames: readonly number[];
  /** Indices of the utterances in which only digits are pressed. */
  readonly wordless: readonly number[];
  /** The sample rate of the callers' audio, in Hz. */
  readonly rateHz: number;
  /** What is wrong with the files, one text per problem. */
  readonly problems: readonly string[];
  /** For each utterance, the index of its first piece in `pieces`. */
  readonly firstPieces: readonly number[];
  /** The packed pieces of all utterances, one after the other. */
  readonly pieces: readonly string[];
  /** Packed quiet frames, at least QUIET_MS in total. */
  readonly quiet: string;
}

/** The folders of the shipped utterances, relative to a bundle or a scenario; those at other rates than 16 kHz have their own. */
const SHIPPED_FOLDERS = ["../audio/pcm_24000", "../audio/pcm_24000_copy", "../audio/pcm_8000", "../audio/pcm"];

/** Total length of the quiet frames that a silent caller sends again and again, in ms. Every caller keeps a copy of them. */
const QUIET_MS = 200;

/** Reads the settings of a scenario from the environment, and the tiers from the text of `thresholds.json` (null: no such file). */
export function readPlan(
  scenario: ScenarioName,
  env: Readonly<Record<string, string | undefined>>,
  thresholds: string | null,
): Plan {
  const { settings, problems, remarks } = readSettings(env);
  const { tiers, problems: tierProblems } = readTiers(thresholds ?? "");
  return {
    settings,
    tiers,
    problems: [...problems, ...tierProblems],
    remarks: [...remarks, ...quotaRemarks(settings, scenario)],
  };
}

/**
 * Reads the utterances and packs them for the wire. `workingFolder` is the folder that a relative PCM_DIR starts from; where
 * it is empty, the path is used as it is.
 */
export function packUtterances(
  settings: Settings,
  transport: Transport,
  runtime: { files: Files; base64: Base64; workingFolder: string },
): PackedUtterances {
  const frameMs = settings.CHUNK_MS;
  const rateHz = audioRateHz(settings, transport);
  const folders = utteranceFolders(settings.PCM_DIR, runtime.workingFolder);
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
    wordless: utterances.flatMap(({ presses }, index) => (presses[0]?.frame === 0 ? [index] : [])),
    rateHz,
    problems: [
      ...rateProblems(settings, transport),
      ...(problems.length > 0 ? problems : dtmfProblems(utterances, transport)),
    ],
    firstPieces: firstPieces(frames),
    pieces: utterances.flatMap(({ pcm, presses }) =>
      cutIntoPieces(pcm, frameBytes).map((piece, at) => pack(piece) + pressesOfPiece(presses, at)),
    ),
    quiet: pack(quiet),
  };
}

function audioRateHz(settings: Settings, transport: Transport): number {
  return settings.SAMPLE_RATE === "" ? transport.sampleRateHz(settings.PIPELINE) : Number(settings.SAMPLE_RATE);
}

/** A wire that is not the accelerator's has one sample rate. */
function rateProblems({ PIPELINE, SAMPLE_RATE }: Settings, transport: Transport): string[] {
  const wiresHz = transport.sampleRateHz(PIPELINE);
  if (SAMPLE_RATE === "" || transport.hasPipelines || Number(SAMPLE_RATE) === wiresHz) return [];
  return [`SAMPLE_RATE: expected ${wiresHz} or nothing on this wire, which has no other rate, got ${SAMPLE_RATE}`];
}

/** The digits that are pressed in piece `at` of an utterance, as `Codec.setPiece` takes them. */
function pressesOfPiece(presses: Utterance["presses"], at: number): string {
  const own = presses.filter(({ frame }) => Math.floor(frame / FRAMES_PER_PIECE) === at);
  return own.map(({ digit, frame }) => `,${frame}:${digit}`).join("");
}

/** One error text for each turn with digits on a wire that cannot carry them. */
function dtmfProblems(utterances: readonly Utterance[], { sendsDtmf }: Transport): string[] {
  if (sendsDtmf) return [];
  return utterances.flatMap(({ conversation, file, presses }, index) => {
    if (presses.length === 0) return [];
    const turn = utterances.slice(0, index + 1).filter((each) => each.conversation === conversation).length;
    const got = JSON.stringify(presses.map(({ digit }) => digit).join(""));
    const where = `turn ${turn} of ${conversation === "" ? "the folder" : conversation}`;
    return [
      `${file}: expected no dtmf in ${where}, as only twilio_media sends it, got ${got}; CONVERSATION picks other conversations`,
    ];
  });
}

/** Makes the k6 scenario that the settings ask for. */
function workloadFor(settings: Settings, frames: readonly number[]): Workload {
  return makeWorkload(settings, (Math.max(0, ...frames) * settings.CHUNK_MS) / 1000);
}

/** Makes k6's `options` for a run; `frames` holds the number of frames of each utterance. */
export function runOptions(
  settings: Settings,
  tiers: Tiers,
  frames: readonly number[],
): RunOptions & { readonly cloud?: unknown } {
  return {
    scenarios: workloadFor(settings, frames),
    thresholds: runThresholds(tiers, settings),
    summaryTrendStats: ["count", "avg", "min", "med", "max", ...requiredPercentiles(tiers)],
    // `url` is left out because it makes one series per call, and `ip` because k6 panics on a refused dial with it.
    systemTags: ["scenario", "group", "check", "status", "error", "error_code"],
    ...(settings.LOAD_ZONES.length > 0 && { cloud: { distribution: zoneDistribution(settings.LOAD_ZONES) } }),
  };
}

/** Distributes the load evenly over the zones in whole percent; Grafana Cloud requires that they add up to 100. */
function zoneDistribution(zones: readonly string[]): Readonly<Record<string, unknown>> {
  const shares = zones.map((loadZone, index) => {
    const percentUpTo = (count: number) => Math.round((100 * count) / zones.length);
    return [`zone ${index + 1}`, { loadZone, percent: percentUpTo(index + 1) - percentUpTo(index) }];
  });
  return Object.fromEntries(shares);
}

function utteranceFolders(pcmDir: string, workingFolder: string): readonly string[] {
  const path = pcmDir.replace(/\/+$/, "");
  if (path === "") return SHIPPED_FOLDERS;
  const isAbsolute = path.startsWith("/") || /^[A-Za-z]:[\\/]/.test(path);
  return [isAbsolute || workingFolder === "" ? path : `${workingFolder}/${path}`];
}
