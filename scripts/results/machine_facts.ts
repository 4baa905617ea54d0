/**
 * Summarises `machine.jsonl`, the samples of the machine that ran k6, for `generator.machine` in `summary.json` and
 * for a line of text.
 */

import { hundredth, type MachineSample } from "./machine.ts";

/** Between samples further apart than this, in ms, the machine may have been suspended. */
const GAP_MS = 2000;

/** All cores count as used from this share on: the rest is lost in switches between tasks. */
const FULL = 0.9;

/** The number of cores used during a run. */
export interface CoresUsed {
  readonly mean: number;
  readonly max: number;
}

/** The summary of the machine during a run. */
export interface MachineFacts {
  readonly cores: number;
  readonly k6Cores: CoresUsed;
  readonly othersCores: CoresUsed;
  readonly stolenCores: CoresUsed;
  readonly rssBytes: { readonly max: number };
  /** How long the machine was suspended, in s. */
  readonly pausedSec: number;
}

/** A sample with the begin of its time; the first sample is assumed to cover one second. */
export interface MachineSpan extends MachineSample {
  readonly fromMs: number;
}

/** Adds to each sample the begin of its time. */
export function machineSpans(samples: readonly MachineSample[]): MachineSpan[] {
  return samples.map((sample, index) => ({ ...sample, fromMs: samples[index - 1]?.atMs ?? sample.atMs - 1000 }));
}

/** True when all cores were in use, by any program. */
export function isFull({ cores, k6, others, stolen }: MachineSample): boolean {
  return k6 + others + stolen >= FULL * cores;
}

/**
 * How long the machine was suspended in a span, in ms. A suspended machine computes for one second at most. Where more
 * CPU time was used in the gap, the machine ran and only the sampler had to wait, or was stopped.
 */
export function pausedMs({ atMs, cores, fromMs, k6, others, stolen }: MachineSpan): number {
  const lastedMs = atMs - fromMs;
  const wasSuspended = (k6 + others + stolen) * lastedMs <= cores * 1000;
  return lastedMs > GAP_MS && wasSuspended ? lastedMs - 1000 : 0;
}

/** Summarises the samples of a run; null without samples. */
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

/** The facts as one line of text. */
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
