import { describe, expect, it } from "vitest";

import { Progress } from "./progress.ts";

const turn = (call: string, more: object = {}) =>
  `${JSON.stringify({ type: "turn", call, outcome: "ok", ttfbMs: 900, faults: [], ...more })}\n`;
const call = (id: string, faults: string[] = []) => `${JSON.stringify({ type: "call", call: id, faults })}\n`;

function lineAfter(...texts: string[]): string {
  const progress = new Progress();
  for (const text of texts) progress.addText(text);
  return progress.line(65_000);
}

describe("the line of progress", () => {
  it("shows open calls, turns done, ttfb P95 and faults", () => {
    const turns = Array.from({ length: 20 }, (_, index) => turn(`c${index % 4}`, { ttfbMs: 1000 + index * 10 }));
    const throttled = turn("c1", { outcome: "throttled", ttfbMs: null, faults: ["rate_limit:openai"] });
    expect(lineAfter(...turns, throttled, call("c3"))).toBe(
      "00:01:05  3 calls up  21 turns done, 1 failed  ttfb P95 1181 ms  faults: 1 rate_limit:openai",
    );
  });

  it("shows no P95 of too few turns", () => {
    expect(lineAfter(turn("a"))).toBe("00:01:05  1 calls up  1 turns done, 0 failed  ttfb P95 -  no faults");
  });

  it("accepts the log in parts of any size, including its first and last lines", () => {
    const log = `{"type":"run"}\n${turn("a")}\n${call("a", ["ws_error:refused"])}{"type":"end"}\n`;
    expect(lineAfter(...log)).toBe(lineAfter(log));
    expect(lineAfter(log)).toContain("0 calls up  1 turns done, 0 failed  ttfb P95 -  faults: 1 ws_error:refused");
  });

  it("leaves out torn lines, as a full disk leaves them", () => {
    const torn = turn("a").slice(0, 40);
    expect(lineAfter(`${torn}\n`, `${torn}${turn("b")}`, '{"type":"call"}\n', "\0\0\n", turn("c"))).toContain(
      "1 calls up  1 turns done",
    );
  });

  it("names the three most frequent faults", () => {
    const faults = ["a", "b", "b", "c", "c", "c", "d", "d", "d", "d"].map((kind) => turn("x", { faults: [kind] }));
    expect(lineAfter(...faults)).toContain("faults: 4 d, 3 c, 2 b and others");
  });
});
