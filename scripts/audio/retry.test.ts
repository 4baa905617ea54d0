import { describe, expect, it } from "vitest";

import { SpeechFailure } from "./failure.ts";
import { Patience } from "./retry.ts";

const never = new AbortController().signal;
const patience = (attempts = 4, backoffSec = 0.001) => new Patience({ attempts, backoffSec, random: () => 0 });

/** An attempt that fails with each of these before it succeeds, and the pauses that were told of. */
async function insist(failures: SpeechFailure[], patient = patience()) {
  const waits: number[] = [];
  let attempts = 0;
  const attempt = async () => {
    const failure = failures[attempts];
    attempts += 1;
    if (failure !== undefined) throw failure;
    return "spoken";
  };
  const ended = await patient.insist(attempt, never, (waitSec) => waits.push(waitSec)).catch((error) => error.kind);
  return { ended, attempts, waits };
}

const broken = new SpeechFailure("broken", "x");

describe("asking again", () => {
  it("succeeds after failures that pass, with pauses that double", async () => {
    expect(await insist([broken, broken, broken])).toEqual({
      ended: "spoken",
      attempts: 4,
      waits: [0.0005, 0.001, 0.002],
    });
  });

  it("ends with the last failure when the attempts are used up", async () => {
    expect(await insist(Array.from({ length: 9 }, () => broken))).toMatchObject({ ended: "broken", attempts: 4 });
  });

  it.each(["refused", "rejected"] as const)("is not done where it is pointless: %s", async (kind) => {
    expect(await insist([new SpeechFailure(kind, "x")])).toMatchObject({ ended: kind, attempts: 1 });
  });

  it("waits at least as long as the service asks for", async () => {
    const { waits } = await insist([new SpeechFailure("throttled", "x", 0.05)]);
    expect(waits[0]).toBeGreaterThanOrEqual(0.05);
  });

  it("is not done when the service asks for longer than anybody would wait", async () => {
    expect(await insist([new SpeechFailure("throttled", "x", 3600)])).toMatchObject({
      ended: "throttled",
      attempts: 1,
    });
  });

  it("waits for all lines once one was throttled", async () => {
    const patient = patience();
    const order: string[] = [];
    let throttledAtMs = 0;
    const first = patient.insist(
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
    await patient.insist(
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
    const ended = patience(9, 60)
      .insist(fail, stop.signal, () => stop.abort())
      .catch((error) => error.name);
    expect(await ended).toBe("AbortError");
  });
});
