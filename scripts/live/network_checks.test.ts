import { describe, expect, it } from "vitest";

import type { CheckResult } from "./check_result.ts";
import { checkRoad } from "./network_checks.ts";

/** The first check of the road to a host that has no address. */
async function firstCheck(env: Record<string, string>): Promise<CheckResult | undefined> {
  for await (const result of checkRoad(new URL("ws://agent.invalid/x"), env)) return result;
  return undefined;
}

describe("the check of the proxy", () => {
  it.each(["http://", "http://user:a^b@proxy:3128"])("advises to correct HTTP_PROXY=%s", async (value) => {
    expect(await firstCheck({ HTTP_PROXY: value })).toMatchObject({
      name: "proxy",
      ok: false,
      advice: "correct HTTP_PROXY (http://proxy:3128), or unset it",
    });
  });

  it("advises to unset REQUEST_METHOD in a CGI environment only", async () => {
    const result = await firstCheck({ HTTP_PROXY: "http://proxy:3128", REQUEST_METHOD: "GET" });
    expect(result).toMatchObject({ name: "proxy", ok: false, advice: expect.stringContaining("unset REQUEST_METHOD") });
  });

  it("says that k6 ignores a variable that Go cannot parse", async () => {
    const result = await firstCheck({ HTTP_PROXY: "http://user:100%@proxy:3128" });
    expect(result).toMatchObject({ name: "proxy", ok: true, found: expect.stringContaining("k6 ignores HTTP_PROXY") });
  });
});
