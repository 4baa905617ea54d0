import { totalmem } from "node:os";

import { describe, expect, it } from "vitest";

import { isLimit, k6Env, processorsFor } from "./k6_env.ts";

describe("the environment of k6", () => {
  it("gives Go two processors for each core, but a lone one", () => {
    expect([1, 2, 4, 16].map(processorsFor)).toEqual([1, 4, 8, 32]);
  });

  it("lets Go collect seldom, until half of the memory is used", () => {
    const { GOGC, GOMEMLIMIT = "" } = k6Env({});
    expect(GOGC).toBe("400");
    expect(GOMEMLIMIT).toMatch(/^[1-9]\d*MiB$/);
    expect(Number.parseInt(GOMEMLIMIT, 10) * 2 ** 20).toBeLessThanOrEqual(totalmem() / 2);
  });

  it("leaves what is set", () => {
    const set = { GOGC: "50", GOMEMLIMIT: "1GiB", GOMAXPROCS: "3", K6_NO_USAGE_REPORT: "false", HOST: "a" };
    expect(k6Env(set)).toEqual(set);
  });

  it.each([
    ["200000 100000\n", true],
    ["50000\n", true],
    ["max 100000\n", false],
    ["-1\n", false],
    ["", false],
  ])("takes %j of a container's CPU for a limit: %s", (text, limited) => {
    expect(isLimit(text)).toBe(limited);
  });
});
