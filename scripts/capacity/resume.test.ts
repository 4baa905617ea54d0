import { mkdtemp, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";

import { readSettings } from "../../lib/settings/read_settings.ts";
import { capacityResult } from "./capacity_result.ts";
import { readCapacitySettings } from "./capacity_settings.ts";
import { firstPace } from "./first_pace.ts";
import type { CapacityResult } from "./probe.ts";
import { gateProblem, readCapacityResult, resumedEnv, scenarioProblem } from "./resume.ts";
import { syntheticCapacity } from "./synthetic_capacity.ts";

/** The result of a search with these settings, as it is read again. */
function resultOf(env: Record<string, string>): CapacityResult {
  const [{ settings }, { settings: search }] = [readSettings(env), readCapacitySettings(env)];
  const isGiven = (name: string) => (env[name] ?? "") !== "";
  const pace = firstPace({ settings, search, targets: {}, frames: [100], isGiven });
  const subject = { scenario: "acs_media", settings, search, pace, folder: "results/x" } as const;
  return JSON.parse(JSON.stringify(capacityResult(subject, [], null))) as CapacityResult;
}

const GIVEN = {
  WS_URL: "wss://user:secret@agent.example.com/ws?code=abcdef",
  WS_HEADERS: '{"x-key":"secret"}',
  MAX_USERS: "80",
  SPAWN_RATE: "4",
  CONVERSATION: "claim_status,new_claim",
  TURN_TIMEOUT_SEC: "20",
  SETTLE_SEC: "30",
  CAPACITY_START: "25",
  CAPACITY_BUDGET: "45m",
  CAPACITY_WANTED: "60",
};

const SECRETS = { WS_URL: GIVEN.WS_URL, WS_HEADERS: GIVEN.WS_HEADERS };

describe("a search that goes on", () => {
  it("has the settings of the search, with the credentials of today", () => {
    const { env, problems } = resumedEnv(resultOf(GIVEN), SECRETS);
    expect(problems).toEqual([]);
    const [before, after] = [readCapacitySettings(GIVEN), readCapacitySettings(env)];
    expect(after).toEqual(before);
    expect(env).not.toHaveProperty("TURN_LOG");
    expect(readSettings({ ...env, TIME: "60s" })).toEqual(readSettings({ ...GIVEN, TIME: "60s" }));
  });

  it("does not know the credentials", () => {
    expect(JSON.stringify(resultOf(GIVEN))).not.toMatch(/secret|abcdef/);
    expect(resumedEnv(resultOf(GIVEN), {}).problems).toEqual([
      expect.stringMatching(
        /^WS_URL: expected wss:\/\/\*\*\*@agent\.example\.com\/ws\?code=\*\*\*, .* not kept, got nothing$/,
      ),
      expect.stringMatching(/^WS_HEADERS: expected \{"x-key":"\*\*\*"\}, .*, got nothing$/),
    ]);
  });

  it("names every setting that is different, secrets masked", () => {
    const other = {
      ...SECRETS,
      WS_URL: "wss://user:secret@other.example.com/ws?code=abcdef",
      TURN_TIMEOUT_SEC: "25",
      SETTLE_SEC: "0",
    };
    const { problems } = resumedEnv(resultOf(GIVEN), other);
    expect(problems).toEqual([
      expect.stringMatching(/^WS_URL: expected .*, got wss:\/\/\*\*\*@other\.example\.com\/ws\?code=\*\*\*$/),
      "TURN_TIMEOUT_SEC: expected 20, as the search has it, got 25",
      "SETTLE_SEC: expected 30, as the search has it, got 0",
    ]);
  });

  it("takes the same value in another spelling", () => {
    const { problems } = resumedEnv(resultOf(GIVEN), {
      ...SECRETS,
      CONVERSATION: " claim_status, new_claim ",
      AGENT_STOPS: "yes",
    });
    expect(problems).toEqual([]);
  });

  it("may have another budget, another pause, more callers and another number that is wanted", () => {
    const changed = { CAPACITY_BUDGET: "10m", COOL_DOWN_SEC: "60", MAX_USERS: "200", CAPACITY_WANTED: "100" };
    const { env, problems } = resumedEnv(resultOf(GIVEN), { ...SECRETS, ...changed });
    expect(problems).toEqual([]);
    expect(env).toMatchObject(changed);
  });

  it("lets the search choose what nobody gave", () => {
    const { env } = resumedEnv(resultOf({ HOST: "agent.example.com" }), {});
    expect(env).toMatchObject({ HOST: "agent.example.com", MAX_USERS: "200", CAPACITY_BUDGET: "1800s" });
    for (const name of ["USERS", "TIME", "SPAWN_RATE", "CALLS_PER_SEC", "CAPACITY_WANTED"])
      expect(env[name] ?? "").toBe("");
  });

  it("keeps the callers of an open load where they were given", () => {
    const open = { CAPACITY_OF: "calls_per_sec", MAX_CALLS_PER_SEC: "2", TURNS_PER_USER: "5", USERS: "50" };
    const { env, problems } = resumedEnv(resultOf(open), {});
    expect(problems).toEqual([]);
    expect(env).toMatchObject({ ...open });
  });

  it("is of the same scenario and the same gate", () => {
    const knee = syntheticCapacity("knee");
    expect(scenarioProblem("acs_media", knee)).toBeNull();
    expect(scenarioProblem("acs", null)).toMatch(
      /^SCENARIO: expected one of acs_media, browser_conversation, .*, got "acs"$/,
    );
    expect(scenarioProblem("browser_conversation", knee)).toContain(
      "SCENARIO: expected acs_media, as the search has it",
    );
    const targets = {
      ttfb: ["p(95)<2000"],
      barge: ["p(95)<500"],
      connection_success: ["rate>0.98"],
      turn_success: ["rate>0.95"],
    };
    expect(gateProblem(knee, targets)).toBeNull();
    expect(gateProblem(knee, { ...targets, ttfb: ["p(95)<1500"] })).toMatch(
      /^thresholds.json: expected the target tier of the search/,
    );
  });
});

describe("the file of a search", () => {
  it("is read from its folder, where it is whole", async () => {
    const folder = await mkdtemp(join(tmpdir(), "capacity-"));
    expect(await readCapacityResult(folder)).toBeNull();
    await writeFile(join(folder, "capacity.json"), '{"format": 1, "probes": [');
    expect(await readCapacityResult(folder)).toBeNull();
    await writeFile(join(folder, "capacity.json"), JSON.stringify(syntheticCapacity("knee")));
    expect((await readCapacityResult(folder))?.answer).toBe(36);
  });
});
