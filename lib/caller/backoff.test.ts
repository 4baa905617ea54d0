import { describe, expect, it } from "vitest";

import { Backoff, retryAfterSec } from "./backoff.ts";

const RULES = { baseSec: 0.2, factor: 1.8, maxSec: 3, maxTlsFails: 4 };

describe("a caller whose calls fail", () => {
  it("waits longer each time, up to the longest pause", () => {
    const backoff = new Backoff(RULES);
    const waits = Array.from({ length: 8 }, () => backoff.failed("refused", 1, 0).waitSec);
    expect(waits[0]).toBeCloseTo(0.2);
    expect(waits[1]).toBeCloseTo(0.36);
    expect(waits[2]).toBeCloseTo(0.648);
    expect(waits[7]).toBe(3);
  });

  it("waits at least half of the pause, spread by chance", () => {
    expect(new Backoff(RULES).failed("refused", 0, 0).waitSec).toBeCloseTo(0.1);
  });

  it("waits as long as the agent asks for, and does not come back at the same instant as the others", () => {
    const waits = [0, 0.5, 1].map((random) => new Backoff(RULES).failed("http_429", random, 7).waitSec);
    expect(waits).toEqual([7, expect.closeTo(7.05), expect.closeTo(7.1)]);
  });

  it.each(["http_301", "http_308", "http_400", "http_401", "http_403", "http_404", "http_405", "proxy_407", "4500"])(
    "gives up on %s: asking again does not change it",
    (code) => {
      expect(new Backoff(RULES).failed(code, 0, 0).giveUp).toBe(code);
    },
  );

  it.each(["refused", "http_302", "http_307", "http_429", "http_500", "http_504", "proxy_502", "4501", "1013", "1006"])(
    "goes on after %s",
    (code) => {
      const backoff = new Backoff(RULES);
      for (let fail = 0; fail < 50; fail += 1) expect(backoff.failed(code, 0, 0).giveUp).toBeNull();
    },
  );

  it("gives up after so many TLS failures in a row, not before", () => {
    const backoff = new Backoff(RULES);
    const codes = ["tls", "tls", "tls", "refused", "tls", "tls", "tls", "tls"];
    expect(codes.map((code) => backoff.failed(code, 0, 0).giveUp)).toEqual([
      null,
      null,
      null,
      null,
      null,
      null,
      null,
      "tls",
    ]);
  });
});

describe("Retry-After", () => {
  it.each([
    ["", 0],
    ["120", 120],
    ["soon", 0],
    ["Fri, 02 Jan 2026 19:16:12 GMT", 12],
    ["Fri, 02 Jan 2026 19:00:00 GMT", 0],
  ])("%j is %d s from now", (header, sec) => {
    expect(retryAfterSec(header, Date.UTC(2026, 0, 2, 19, 16, 0))).toBe(sec);
  });
});
