import { describe, expect, it } from "vitest";

import { quotaRemarks } from "../../lib/settings/quotas.ts";
import { readSettings } from "../../lib/settings/read_settings.ts";
import { explain, type SearchFacts } from "./explain.ts";
import type { Probe } from "./probe.ts";
import { syntheticProbe } from "./synthetic_capacity.ts";

function found(end: SearchFacts["end"], probes: readonly Probe[], changes: Partial<SearchFacts> = {}) {
  const { settings } = readSettings({});
  return explain({
    end,
    probes,
    gate: "target",
    maxLoad: 200,
    of: "users",
    wanted: null,
    resume: "make capacity RESUME=results/x",
    quotasAt: (load) => quotaRemarks({ ...settings, USERS: load }, "acs_media"),
    ...changes,
  });
}

const holds = syntheticProbe(36, "narrow");
const isConfirmed = syntheticProbe(36, "confirm");
const breaks = syntheticProbe(37, "narrow", { outcome: "breaks" });

describe("what a search found", () => {
  it("is the confirmed load, and what broke above it", () => {
    expect(found("agent", [holds, breaks, isConfirmed])).toMatchObject({
      answer: 36,
      isConfirmed: true,
      brokeAt: 37,
      exitCode: 0,
      sentence:
        "The agent carries 36 callers; at 37 callers the target tier breaks: ttfb is 2200 ms, wanted p(95)<2000.",
    });
  });

  it("fails where less is carried than wanted, and says so", () => {
    const { exitCode, sentence } = found("agent", [holds, breaks, isConfirmed], { wanted: 50 });
    expect(exitCode).toBe(99);
    expect(sentence).toMatch(/^The agent carries 36 callers, not the 50 callers that are wanted; /);
    expect(found("agent", [holds, breaks, isConfirmed], { wanted: 36 }).exitCode).toBe(0);
  });

  it("is uncertain above the answer where no load broke", () => {
    const doubtful = [
      syntheticProbe(37, "narrow", { outcome: "uncertain" }),
      syntheticProbe(37, "narrow", { outcome: "uncertain" }),
    ];
    const far = syntheticProbe(80, "grow", { outcome: "breaks" });
    expect(found("agent", [holds, far, ...doubtful, isConfirmed]).sentence).toMatch(
      /; at 37 callers it is uncertain whether the target tier holds, at 80 callers the target tier breaks: /,
    );
    const { brokeAt, explanations, sentence } = found("agent", [holds, ...doubtful, isConfirmed]);
    expect(brokeAt).toBeNull();
    expect(sentence).toMatch(/at 37 callers it is uncertain whether the target tier holds\.$/);
    expect(explanations).toContain(
      "37 callers stayed uncertain after 2 runs and 800 turns: that counts as not holding",
    );
  });

  it("is at least the answer where the generator broke first, where the most held, and where time was up", () => {
    const slow = syntheticProbe(60, "grow", { outcome: "generator", reasons: ["this machine was too slow"] });
    const generator = found("generator", [holds, slow, slow, isConfirmed]);
    expect(generator.sentence).toBe("The agent carries at least 36 callers; this machine holds no more.");
    expect(generator.exitCode).toBe(0);
    expect(generator.explanations.join()).toContain("too slow for 60 callers");
    expect(generator.explanations.join()).toContain("this machine was too slow");
    const beyond = syntheticProbe(80, "grow", { outcome: "breaks" });
    expect(found("generator", [holds, beyond, slow, slow, isConfirmed]).sentence).toMatch(
      /^The agent carries at least 36 callers; at 80 callers the target tier breaks: .*; this machine was too slow at 60 callers\.$/,
    );
    expect(found("max", [holds, isConfirmed]).sentence).toMatch(
      /at least 36 callers; that is the most .* \(MAX_USERS\)\.$/,
    );
    const budget = found("budget", [holds, breaks]);
    expect(budget).toMatchObject({ answer: 36, isConfirmed: false, exitCode: 99 });
    expect(budget.sentence).toMatch(
      /^The agent carries at least 36 callers, as far as short runs show; the budget was used up/,
    );
    expect(budget.explanations).toContain("make capacity RESUME=results/x goes on from here");
  });

  it("fails where the generator did not hold what is wanted", () => {
    const slow = syntheticProbe(60, "grow", { outcome: "generator" });
    expect(found("generator", [holds, slow, slow, isConfirmed], { wanted: 60 }).exitCode).toBe(99);
  });

  it("is nothing where no run could be judged", () => {
    const slow = syntheticProbe(1, "grow", { outcome: "generator" });
    expect(found("generator", [slow, slow])).toMatchObject({
      answer: null,
      exitCode: 99,
      sentence:
        "Nothing is known of what the agent carries: this machine is too slow for the smallest load that was tried.",
    });
    expect(found("interrupted", []).sentence).toBe(
      "Nothing is known of what the agent carries: the search was interrupted.",
    );
    expect(found("interrupted", [holds]).exitCode).toBe(105);
  });

  it("is 0 where not even the smallest load holds", () => {
    const dead = syntheticProbe(1, "narrow", {
      outcome: "breaks",
      turns: 0,
      failedCalls: { refused: 10 },
      failedTurns: {},
    });
    const { answer, brokeAt, exitCode, explanations, sentence } = found("none", [dead]);
    expect({ answer, brokeAt, exitCode }).toEqual({ answer: 0, brokeAt: 1, exitCode: 99 });
    expect(sentence).toBe("The agent does not meet the target tier with 1 caller: no turn was measured.");
    expect(explanations).toContain("calls that failed at 1 caller: refused 10");
  });
});

describe("the explanations", () => {
  it("say which stage grew, as a part of the growth", () => {
    const held = { ...holds, stages: { stt: 400, llm: 500, tts: 100 } };
    const broke = { ...breaks, stages: { stt: 480, llm: 815, tts: 105 } };
    const confirmation = { ...isConfirmed, stages: held.stages };
    expect(found("agent", [held, broke, confirmation]).explanations).toContain(
      "from 36 to 37 callers, the mean time to first audio grew by 400 ms: 79 % of that is the llm, 20 % of that is the stt",
    );
    expect(found("agent", [held, { ...breaks, stages: held.stages }, confirmation]).explanations.join()).not.toContain(
      "grew",
    );
  });

  it("say who throttled, and how many samples miss a target", () => {
    const throttled = { ...breaks, throttled: { openai: 14 }, failedTurns: { throttled: 14 } };
    const { explanations } = found("agent", [holds, throttled, isConfirmed]);
    expect(explanations).toContain("openai throttled 14 times at 37 callers");
    expect(explanations).toContain("turns that failed at 37 callers: throttled 14");
    expect(explanations[0]).toBe(
      "37 callers: 9 % of 400 samples miss ttfb p(95)<2000, at least 6.3 % with 95 % confidence; 5 % are allowed",
    );
  });

  it("say that something grows bad with time where a longer run broke what a shorter one held", () => {
    const failed = syntheticProbe(36, "confirm", { outcome: "breaks" });
    const probes = [holds, failed, syntheticProbe(34, "confirm")];
    expect(found("agent", probes)).toMatchObject({ answer: 34, isConfirmed: true, brokeAt: 36 });
    expect(found("agent", probes).explanations.join()).toContain("something grows bad with time");
    expect(found("agent", [holds, breaks, isConfirmed]).explanations.join()).not.toContain("with time");
  });

  it("say where a target on calls is met by too few of them", () => {
    const checks = isConfirmed.checks.map((check) =>
      check.series === "connection_success" && check.share !== null
        ? { ...check, samples: 36, share: { ...check.share, upper: 0.08 } }
        : check,
    );
    expect(found("agent", [holds, breaks, { ...isConfirmed, checks }]).explanations).toContain(
      "connection_success is of 36 calls only: to be sure of rate>0.98 takes 149 or more",
    );
  });

  it("name the quota that the answer, or the load that broke, exceeds", () => {
    const [low, high] = [syntheticProbe(96, "confirm"), syntheticProbe(120, "narrow", { outcome: "breaks" })];
    expect(found("agent", [low, high]).explanations.at(-1)).toMatch(
      /^USERS=120 is above the default quota of Azure Speech/,
    );
    expect(found("agent", [holds, breaks, isConfirmed]).explanations.join()).not.toContain("quota");
  });
});
