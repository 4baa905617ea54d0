import { describe, expect, it } from "vitest";

import { type AgentLine, readAgentLog } from "./pipecat_log.ts";

const DELAYS: AgentLine = { event: "delays", turnStopMs: 600, llmMs: 200, ttsMs: 100 };

/** The caller's turn from one instant to another, whose end the VAD hears 240 ms later. */
const userStopped = (firstLoudAtMs: number, lastLoudAtMs: number, call = "a"): AgentLine => ({
  ...{ event: "user_stopped", call, firstLoudAtMs, lastLoudAtMs, vadStoppedAtMs: lastLoudAtMs + 240 },
});
const firstMedia = (atMs: number, call = "a"): AgentLine => ({ event: "first_media", call, atMs });
const replyEnded = (atMs: number): AgentLine => ({ event: "reply_ended", call: "a", atMs });
const clear = (firstLoudAtMs: number, atMs: number): AgentLine => ({ event: "clear", call: "a", firstLoudAtMs, atMs });

describe("a turn of the agent's log", () => {
  it("goes from the first loud frame to the last, and is answered by the first media after it", () => {
    const { turns } = readAgentLog([DELAYS, userStopped(1000, 3000), firstMedia(4140), firstMedia(5000)]);
    expect(turns).toMatchObject([
      { call: "a", turn: 1, speechStartAtMs: 1000, eosAtMs: 3000, firstAudioAtMs: 4140, stopAtMs: null },
    ]);
  });

  it("has known delays from the end of speech as the VAD hears it", () => {
    const { turns } = readAgentLog([DELAYS, userStopped(1000, 3000)]);
    expect(turns[0]?.programmed).toEqual({ sttMs: 840, llmMs: 200, ttsMs: 100 });
  });

  it("is interrupted by a clear while its reply plays, from the first loud frame of the next turn on", () => {
    const lines = [userStopped(1000, 3000), firstMedia(4140), clear(5000, 5240), replyEnded(5241)];
    expect(readAgentLog(lines).turns).toMatchObject([{ bargeAtMs: 5000, stopAtMs: 5240 }]);
  });

  it("is interrupted as well where Pipecat says that the reply ended before it sends the clear", () => {
    const lines = [userStopped(1000, 3000), firstMedia(4140), replyEnded(5239), clear(5000, 5240)];
    expect(readAgentLog(lines).turns).toMatchObject([{ bargeAtMs: 5000, stopAtMs: 5240 }]);
  });

  it.each([
    ["after its reply", [firstMedia(4140), replyEnded(7140), clear(8000, 8240)]],
    ["before its reply", [clear(3500, 3740), firstMedia(4140)]],
  ])("is not interrupted by a clear %s", (_, lines) => {
    const log = readAgentLog([userStopped(1000, 3000), ...lines]);
    expect(log.turns).toMatchObject([{ bargeAtMs: null, stopAtMs: null }]);
    expect(log.clears).toBe(1);
  });

  it("belongs to its call, and is counted in it", () => {
    const lines = [userStopped(1, 2), userStopped(1, 2, "b"), firstMedia(3), firstMedia(4, "b"), userStopped(5, 6)];
    expect(readAgentLog(lines).turns.map(({ call, turn, firstAudioAtMs }) => [call, turn, firstAudioAtMs])).toEqual([
      ["a", 1, 3],
      ["a", 2, null],
      ["b", 1, 4],
    ]);
  });
});

describe("the agent's log", () => {
  it("has a greeting and clears before the first turn, which belong to none", () => {
    const log = readAgentLog([firstMedia(500), replyEnded(3500), clear(4000, 4240), userStopped(4000, 6000)]);
    expect(log).toMatchObject({ turns: [{ firstAudioAtMs: null, bargeAtMs: null, replyEndAtMs: null }], clears: 1 });
  });

  it("keeps what Pipecat warned of, and leaves out a line that is not whole", () => {
    const log = readAgentLog([{ event: "warning", text: "pipecat: no JSON" }, null]);
    expect(log).toEqual({ turns: [], clears: 0, warnings: ["pipecat: no JSON"] });
  });
});
