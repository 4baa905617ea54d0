import { join } from "node:path";

import { describe, expect, it } from "vitest";

import { staggerFraction } from "../../lib/caller/stagger.ts";
import { leaveSpanSec } from "../../lib/settings/workload.ts";
import { readJsonLines } from "../results/lines.ts";
import { load } from "./load.ts";

/** Calls of about 4 s: no greeting, one short turn. */
const CALL = { GREETING_TIMEOUT_SEC: "0", TURNS_PER_USER: "1", BARGE_EVERY: "0", PAUSE_BETWEEN_TURNS_SEC: "0.3" };
const AGENT = "--greeting-ms 0 --silence-ms 300 --stt-ms 320 --llm-ms 50 --tts-ms 50 --reply-ms 800".split(" ");

/** A caller that leaves this much earlier than another hangs up earlier, however late their frames are, in ms. */
const APART_MS = 200;

describe.concurrent("the end of a run", () => {
  // All callers but the first still wait for their own share of the pause: none of them is in a turn at TIME.
  it("comes to callers one by one, in the order of their places, and k6 cuts no call", async () => {
    const [users, timeSec] = [40, 12];
    const waiting = { PAUSE_BETWEEN_TURNS_SEC: "2000", GREETING_TIMEOUT_SEC: "0", BARGE_EVERY: "0" };
    const run = await load(AGENT, { ...waiting, USERS: String(users), SPAWN_RATE: "20", TIME: `${timeSec}s` });
    expect(run.log.calls).toHaveLength(users);
    expect(run.log.calls.filter(({ outcome, closedBy }) => outcome !== "ok" || closedBy !== "caller")).toEqual([]);
    const spanMs = leaveSpanSec({ USERS: users }) * 1000;
    // The first line is written just before the callers start.
    const [first] = await readJsonLines(join(run.folder, "log.jsonl"));
    const timeEndsAtMs = Date.parse(String(first?.startedAt)) + timeSec * 1000;
    const left = run.log.calls
      .map(({ closedAtMs, vu }) => ({ closedAtMs, leavesAtMs: timeEndsAtMs + staggerFraction(vu - 1) * spanMs }))
      .sort((a, b) => a.leavesAtMs - b.leavesAtMs);
    expect(timeEndsAtMs).not.toBeNaN();
    expect(left.filter(({ closedAtMs, leavesAtMs }) => closedAtMs < leavesAtMs)).toEqual([]);
    const overtaken = left.filter((one) =>
      left.some((other) => other.leavesAtMs > one.leavesAtMs + APART_MS && other.closedAtMs < one.closedAtMs),
    );
    expect(overtaken).toEqual([]);
  });
});

describe.concurrent("the open model", () => {
  it("starts calls at its rate after a ramp, and passes while there are free callers", async () => {
    const run = await load(AGENT, { ...CALL, CALLS_PER_SEC: "2", CALLS_RAMP_SEC: "4", USERS: "20", TIME: "12s" });
    expect(run.output).toMatch(/^PASS/m);
    expect(run.output).toMatch(/2 calls\/s/);
    const starts = run.log.calls.map(({ dialAtMs }) => dialAtMs).sort((a, b) => a - b);
    // 4 s at half the rate and 3 s at the whole rate: no call starts in the last 5 s.
    expect(starts.length).toBeGreaterThanOrEqual(8);
    expect(starts.length).toBeLessThanOrEqual(12);
    expect((starts[1] ?? 0) - (starts[0] ?? 0)).toBeGreaterThan((starts.at(-1) ?? 0) - (starts.at(-2) ?? 0));
    expect(run.exitCode).toBe(0);
  });

  it("counts a call that finds no free caller, names it in the reasons, and fails", async () => {
    const run = await load(AGENT, { ...CALL, CALLS_PER_SEC: "2", USERS: "1", TIME: "12s" });
    expect(run.exitCode).toBe(99);
    expect(run.summary.verdict).toBe("FAIL");
    expect(run.summary.reasons.join("\n")).toMatch(
      /\d+ calls found no free caller: raise USERS or lower CALLS_PER_SEC/,
    );
  });
});
