import { describe, expect, it } from "vitest";

import { SpeechFailure } from "./failure.ts";
import { Retrier } from "./retry.ts";

const never = new AbortController().signal;
const makeRetrier = (attempts = 4, backoffSec = 0.001) => new Retrier({ attempts, backoffSec, random: () => 0 });

/** Runs an attempt that fails with each of these before it succeeds; returns the result and the pauses. */
async function run(failures: SpeechFailure[], retrier = makeRetrier()) {
  const waits: number[] = [];
  let attempts = 0;
  const attempt = async () => {
    const failure = failures[attempts];
    attempts += 1;
    if (failure !== undefined) throw failure;
    return "spoken";
  };
  const ended = await retrier.run(attempt, never, (waitSec) => waits.push(waitSec)).catch((error) => error.kind);
  return { ended, attempts, waits };
}

const broken = new SpeechFailure("broken", "x");

describe("a retry", () => {
  it("succeeds after temporary failures, with pauses that double", async () => {
    expect(await run([broken, broken, broken])).toEqual({
      ended: "spoken",
      attempts: 4,
      waits: [0.0005, 0.001, 0.002],
    });
  });

  it("ends with the last failure after the last attempt", async () => {
    expect(await run(Array.from({ length: 9 }, () => broken))).toMatchObject({ ended: "broken", attempts: 4 });
  });

  it.each(["refused", "rejected"] as const)("is not made where it is pointless: %s", async (kind) => {
    expect(await run([new SpeechFailure(kind, "x")])).toMatchObject({ ended: kind, attempts: 1 });
  });

  it("waits at least as long as the service asks for", async () => {
    const { waits } = await run([new SpeechFailure("throttled", "x", 0.05)]);
    expect(waits[0]).toBeGreaterThanOrEqual(0.05);
  });

  it("is not made when the service asks for a longer wait than the maximum", async () => {
    expect(await run([new SpeechFailure("throttled", "x", 3600)])).toMatchObject({
      ended: "throttled",
      attempts: 1,
    });
  });

  it("makes all utterances wait once one was throttled", async () => {
    const retrier = makeRetrier();
    const order: string[] = [];
    let throttledAtMs = 0;
    const first = retrier.run(
      async () => {
        order.push("first");
        if (throttledAtMs > 0) return;
        throttledAtMs = performance.now();
        throw new SpeechFailure("throttled", "x", 0.1);
      },
      never,
      () => {},
    );
    await expect.poll(() => throttledAtMs).toBeGreaterThan(0);
    await retrier.run(
      async () => order.push("second"),
      never,
      () => {},
    );
    expect(performance.now() - throttledAtMs).toBeGreaterThanOrEqual(99);
    await first;
    expect(order[0]).toBe("first");
  });

  it("ends at once when it is aborted", async () => {
    const stop = new AbortController();
    const fail = async () => {
      throw broken;
    };
    const ended = makeRetrier(9, 60)
      .run(fail, stop.signal, () => stop.abort())
      .catch((error) => error.name);
    expect(await ended).toBe("AbortError");
  });
});
