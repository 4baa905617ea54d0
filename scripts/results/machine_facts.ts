/** What `machine.jsonl` says of the machine that made the load, summed up: the field `generator.machine`, and a line. */

import { hundredth, type MachineSample } from "./machine.ts";

/** Samples further apart than this, in ms, have a pause between them. */
const GAP_MS = 2000;

/** From this share of the cores on, all of them count as used: the rest is lost between two tasks. */
const FULL = 0.9;

/** Cores used over a run. */
export interface CoresUsed {
  readonly mean: number;
  readonly max: number;
}

/** The machine over a run. */
export interface MachineFacts {
  readonly cores: number;
  readonly k6Cores: CoresUsed;
  readonly othersCores: CoresUsed;
  readonly stolenCores: CoresUsed;
  readonly rssBytes: { readonly max: number };
  /** How long the machine was suspended, in s. */
  readonly pausedSec: number;
}

/** A sample with the time that it tells of; of the first one, that is taken to be a second. */
export interface MachineSpan extends MachineSample {
  readonly fromMs: number;
}

/** The samples with their begins. */
export function machineSpans(samples: readonly MachineSample[]): MachineSpan[] {
  return samples.map((sample, index) => ({ ...sample, fromMs: samples[index - 1]?.atMs ?? sample.atMs - 1000 }));
}

/** Cores in use, whoever used them. */
export function isFull({ cores, k6, others, stolen }: MachineSample): boolean {
  return k6 + others + stolen >= FULL * cores;
}

/**
 * How long a machine slept in a span, in ms. A machine that slept had one second to compute in; more than that in a gap is
 * the work of one whose sampler had to wait, or was stopped.
 */
export function pausedMs({ atMs, cores, fromMs, k6, others, stolen }: MachineSpan): number {
  const lastedMs = atMs - fromMs;
  const slept = (k6 + others + stolen) * lastedMs <= cores * 1000;
  return lastedMs > GAP_MS && slept ? lastedMs - 1000 : 0;
}

/** Sums up a run; null where nothing was sampled. */
export function machineFacts(samples: readonly MachineSample[]): MachineFacts | null {
  const [first] = samples;
  if (first === undefined) return null;
  const spans = machineSpans(samples);
  const totalMs = spans.reduce((sum, { atMs, fromMs }) => sum + atMs - fromMs, 0);
  const used = (of: "k6" | "others" | "stolen"): CoresUsed => ({
    mean: hundredth(spans.reduce((sum, span) => sum + span[of] * (span.atMs - span.fromMs), 0) / totalMs),
    max: samples.reduce((max, sample) => Math.max(max, sample[of]), 0),
  });
  return {
    cores: first.cores,
    k6Cores: used("k6"),
    othersCores: used("others"),
    stolenCores: used("stolen"),
    rssBytes: { max: samples.reduce((max, { rssBytes }) => Math.max(max, rssBytes), 0) },
    pausedSec: Math.round(spans.reduce((sum, span) => sum + pausedMs(span), 0) / 1000),
  };
}

/** The facts in one line, without a name before them. */
export function machineText({ cores, k6Cores, othersCores, pausedSec, rssBytes, stolenCores }: MachineFacts): string {
  const used = (name: string, { mean, max }: CoresUsed) => `${name} ${mean.toFixed(2)} (max ${max.toFixed(2)})`;
  const parts = [
    cores === 1 ? "1 core" : `${cores} cores`,
    used("k6", k6Cores),
    used("others", othersCores),
    used("stolen", stolenCores),
    `memory of k6 ${Math.round(rssBytes.max / 2 ** 20)} MB`,
    ...(pausedSec > 0 ? [`suspended ${pausedSec} s`] : []),
  ];
  return parts.join("  ");
}
