/** What a reply waits for: an instant, and a server for its model call. A reply that is stopped waits no longer. */

import { setTimeout as sleep } from "node:timers/promises";

import { now } from "./clock.ts";
import type { Job } from "./station.ts";

/** Waits until an instant. */
export interface WaitUntilStep {
  readonly type: "waitUntil";
  readonly atMs: number;
  /** The model call whose wait for a server postpones the instant. It is cancelled when the reply is stopped. */
  readonly model?: Job | null;
}

/** Waits until the instant of a step. Rejects with an AbortError when the signal comes first. */
export async function waitUntilDue({ atMs, model = null }: WaitUntilStep, signal: AbortSignal): Promise<void> {
  if (model !== null) signal.addEventListener("abort", () => model.cancel(), { once: true });
  if (model?.waitMs === null) {
    await new Promise<void>((resolve) => {
      signal.addEventListener("abort", () => resolve(), { once: true });
      model.whenStarted(() => resolve());
    });
  }
  await waitUntil(atMs + (model?.waitMs ?? 0), signal);
}

/** Waits for an instant. Rejects with an AbortError when the signal comes first. */
export async function waitUntil(atMs: number, signal: AbortSignal): Promise<void> {
  await sleep(Math.max(0, atMs - now()), undefined, { signal });
}
