import { setTimeout as wait } from "node:timers/promises";

import { describe, expect, it, vi } from "vitest";
import type { WebSocket } from "ws";

import { acsWire } from "./acs.ts";
import { now } from "./clock.ts";
import { Filler } from "./filler.ts";
import { PROFILES } from "./profiles.ts";
import { ReplySender } from "./reply_sender.ts";
import { SendQueue } from "./send_queue.ts";
import { startTestSimulator, TestCaller } from "./test_caller.ts";

/**
 * Expects at most one frame in each slot of 20 ms, in the first half of it, as a slot that is missed by more is left out. So a
 * busy machine changes which slots have a frame, but nothing else. Timers may be 1 ms early.
 */
function expectSlots(sentMs: readonly number[]): void {
  const slots = sentMs.map((atMs) => Math.floor((atMs + 2) / 20));
  expect(new Set(slots).size).toBe(slots.length);
  expect(Math.max(...sentMs.map((atMs) => (atMs + 2) % 20))).toBeLessThan(15);
}

/** A filler that writes down when it sent its frames, in ms since it was made. */
function recordedFiller() {
  const startAtMs = now();
  const sentMs: number[] = [];
  const filler = new Filler(() => sentMs.push(now() - startAtMs));
  return { filler, sentMs, elapsedMs: () => now() - startAtMs };
}

/** Keeps the process busy, so that no timer fires. */
function block(ms: number): void {
  for (const endAtMs = now() + ms; now() < endAtMs; );
}

describe("the filler", () => {
  it("sends one frame in each slot of 20 ms, and does not drift", async () => {
    const { filler, sentMs } = recordedFiller();
    await wait(2000);
    filler.close();
    expectSlots(sentMs);
    expect(sentMs.length).toBeGreaterThan(40);
    const { length } = sentMs;
    await wait(100);
    expect(sentMs.length).toBe(length);
  });

  it("does not make up for slots that it missed, so no silence waits to be played", async () => {
    const { elapsedMs, filler, sentMs } = recordedFiller();
    await wait(50);
    const before = sentMs.length;
    block(200);
    const blockedUntilMs = elapsedMs();
    await wait(100);
    filler.close();
    expect(sentMs.length - before).toBeLessThanOrEqual((elapsedMs() - blockedUntilMs) / 20 + 1);
    expectSlots(sentMs);
  });

  it("sends nothing while the agent speaks, and keeps its slots afterwards", async () => {
    const { elapsedMs, filler, sentMs } = recordedFiller();
    await wait(130);
    filler.pause();
    const pausedAt = sentMs.length;
    await wait(130);
    expect(sentMs.length).toBe(pausedAt);
    filler.resume();
    while (sentMs.length < pausedAt + 10 && elapsedMs() < 5000) await wait(20);
    filler.close();
    expect(sentMs.length).toBeGreaterThanOrEqual(pausedAt + 10);
    expectSlots(sentMs);
  });

  it("waits until the caller has played the speech, or has dropped it", async () => {
    const { elapsedMs, filler, sentMs } = recordedFiller();
    filler.pause();
    filler.onSpeech(now(), 60_000);
    filler.resume();
    await wait(200);
    expect(sentMs).toEqual([]);
    expect(filler.pause(), "more speech follows the speech at once").toBeLessThanOrEqual(now());
    filler.resume();
    const droppedMs = elapsedMs();
    filler.dropSpeech();
    while (sentMs.length === 0 && elapsedMs() < 5000) await wait(5);
    filler.close();
    expect(sentMs[0]).toBeGreaterThanOrEqual(droppedMs - 1);
  });

  it("lets each reply begin when the frame before it is over", async () => {
    const sent: { readonly atMs: number; readonly isSilent: boolean }[] = [];
    const socket = { send: (data: Buffer) => sent.push({ atMs: now(), isSilent: data.includes('"silent":true') }) };
    const sendQueue = new SendQueue(socket as unknown as WebSocket, () => 0.5, 0);
    const options = {
      profile: PROFILES.g5,
      pipeline: "cascade",
      dialect: "ga",
      comfortNoise: false,
      reportAnomaly: () => {},
    } as const;
    const wire = acsWire(options);
    const filler = new Filler(() => sendQueue.sendDirect(wire.quietFrame(20, null).texts[0] ?? ""));
    const replySender = new ReplySender(sendQueue, wire, filler);
    const steps = [{ type: "wait", ms: 87 } as const, { type: "sendAudio", durationMs: 40 } as const];
    for (let count = 0; count < 12; count += 1) {
      replySender.send({ turn: null, leadMs: 0, steps, responseId: "r", random: Math.random });
    }
    while (sent.filter(({ isSilent }) => !isSilent).length < 12) await wait(20);
    filler.close();
    const gapsMs = sent.flatMap(({ atMs, isSilent }, index) => {
      const before = sent[index - 1];
      return !isSilent && before?.isSilent ? [atMs - before.atMs] : [];
    });
    expect(gapsMs.length).toBeGreaterThan(6);
    // A frame of silence is at most half a slot late, so it ends at most that late.
    expect(Math.min(...gapsMs)).toBeGreaterThan(8);
  });

  it("ends with the call", async () => {
    const { simulator } = await startTestSimulator("--silence", "always");
    const caller = await TestCaller.dial(simulator);
    await caller.speak(100, 10);
    await caller.hangUp();
    const sendDirect = vi.spyOn(SendQueue.prototype, "sendDirect");
    await wait(200);
    expect(sendDirect).not.toHaveBeenCalled();
    sendDirect.mockRestore();
  });
});
