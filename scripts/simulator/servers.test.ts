import { describe, expect, it } from "vitest";

import { Servers } from "./servers.ts";
import { type Message, startTestSimulator, TestCaller } from "./test_caller.ts";
import type { TruthTurn } from "./truth.ts";
import { VirtualClock } from "./virtual_clock.ts";

const isAudio = (message: Message) => message.kind === "AudioData";
const isFinal = (message: Message) => message.payload?.type === "user" && message.payload.status === "completed";
const isEnd = (message: Message) => message.payload?.type === "assistant";
const isError = (message: Message) => message.type === "error";

/** A simulator of few servers. `dial` calls it under a name, `turns` returns the truth of that call's turns after its end. */
async function start(...flags: string[]) {
  const { simulator, truth } = await startTestSimulator(...flags);
  return {
    dial: (name: string) => TestCaller.dial(simulator, `/api/v1/media/stream?session_id=${name}`),
    stop: () => simulator.stop(),
    turns: (name: string) => truth().filter((line): line is TruthTurn => line.type === "turn" && line.call === name),
  };
}

/** When the user final of a turn was due. */
const finalAtMs = ({ eosAtMs, programmed, queued }: TruthTurn) => eosAtMs + programmed.sttMs + (queued.sttMs ?? 0);

/** How much later than planned, waits included, the first audio of a turn was sent. */
function lateMs({ eosAtMs, firstAudioAtMs, programmed, queued }: TruthTurn): number {
  const { leadMs, llmMs, sttMs, ttsMs } = programmed;
  const plannedMs = sttMs + llmMs + ttsMs + leadMs + (queued.sttMs ?? 0) + (queued.llmMs ?? 0);
  return (firstAudioAtMs ?? Number.NaN) - eosAtMs - plannedMs;
}

/** What a caller says, and that it is quiet afterwards for a time. */
async function say(caller: TestCaller, quietMs: number, afterMs = 0): Promise<void> {
  await caller.speak(afterMs, 10);
  await caller.speak(400, 3000);
  await caller.speak(quietMs, 10);
}

describe("the servers of a simulator", () => {
  it("are as many for recognitions as for model calls", () => {
    const servers = new Servers({ count: 2, whenBusy: "throttle", slowerMs: 0 }, new VirtualClock());
    const take = [0, 1, 2].map(() => [servers.recognition.acquire(0, 10), servers.callModel(0, 10)]);
    expect(take.map((jobs) => jobs.map((job) => job?.waitMs ?? "refused"))).toEqual([
      [0, 0],
      [0, 0],
      ["refused", "refused"],
    ]);
  });

  it("have a model that each call of it makes slower, but not a refused one", () => {
    const servers = new Servers({ count: 2, whenBusy: "throttle", slowerMs: 0.5 }, new VirtualClock());
    const slowed = [0, 1, 2, 3].map(() => {
      const ms = servers.slowedMs(200);
      servers.callModel(0, ms);
      return ms;
    });
    expect(slowed).toEqual([200, 200.5, 201, 201]);
  });
});

describe.concurrent("an agent of one server", () => {
  it.each(["cascade", "voicelive"])(
    "serves two turns one after the other, and the truth has the waits (%s)",
    async (pipeline) => {
      const { dial, stop, turns } = await start("--servers", "1", "--llm-ms", "600", "--acs-pipeline", pipeline);
      const callers = await Promise.all([dial("A"), dial("B")]);
      await Promise.all(callers.map((caller, index) => say(caller, 400, index * 100)));
      await Promise.all(callers.map((caller) => caller.waitFor("the end of the reply", isEnd)));
      await stop();
      const [first, second] = [...turns("A"), ...turns("B")].sort((a, b) => a.eosAtMs - b.eosAtMs);
      if (first === undefined || second === undefined) throw new Error("expected a turn of each call");
      expect(first.queued).toEqual({ sttMs: 0, llmMs: 0 });
      expect(second.queued.sttMs).toBeCloseTo(first.eosAtMs + first.programmed.sttMs - second.eosAtMs, 1);
      expect(second.queued.llmMs).toBeCloseTo(finalAtMs(first) + first.programmed.llmMs - finalAtMs(second), 1);
      expect(second.queued.llmMs).toBeGreaterThan(0);
      for (const turn of [first, second]) {
        const textAtMs = finalAtMs(turn) + (turn.queued.llmMs ?? 0) + turn.programmed.llmMs;
        expect((turn.finalAtMs ?? 0) - finalAtMs(turn)).toBeGreaterThan(-2);
        expect((turn.firstTextAtMs ?? 0) - textAtMs).toBeGreaterThan(-2);
        expect(lateMs(turn)).toBeGreaterThan(-2);
      }
      expect(lateMs(second)).toBeLessThan((second.queued.sttMs ?? 0) + (second.queued.llmMs ?? 0));
    },
  );

  it("throttles an utterance that ends while another one is recognised, whatever fault was drawn", async () => {
    const flags = ["--servers", "1", "--when-busy", "throttle", "--stt-ms", "1000"];
    const { dial, stop, turns } = await start(...flags, "--faults", "no_end");
    const [a, b] = await Promise.all([dial("A"), dial("B")]);
    await Promise.all([say(a, 2000), say(b, 2000, 500)]);
    await stop();
    const queued = { sttMs: 0, llmMs: 0 };
    expect([turns("A"), turns("B")]).toMatchObject([
      [{ fault: "no_end", queued }],
      [{ fault: "stt_throttle", queued }],
    ]);
    expect([a.messages.some(isAudio), a.messages.some(isError)]).toEqual([true, false]);
    expect([b.messages.some(isFinal), b.messages.some(isAudio)]).toEqual([false, false]);
    expect(b.messages.find(isError)?.payload).toMatchObject({ code: "RateLimitExceeded", source: "stt" });
  });

  it("throttles a model call while the model works for another turn", async () => {
    const flags = ["--servers", "1", "--when-busy", "throttle", "--llm-ms", "1500"];
    const { dial, stop, turns } = await start(...flags, "--faults", "no_end");
    const [a, b] = await Promise.all([dial("A"), dial("B")]);
    await Promise.all([say(a, 2500), say(b, 2500, 700)]);
    await stop();
    const queued = { sttMs: 0, llmMs: 0 };
    expect([turns("A"), turns("B")]).toMatchObject([[{ fault: "no_end", queued }], [{ fault: "llm_429", queued }]]);
    expect([a.messages.some(isAudio), a.messages.some(isError)]).toEqual([true, false]);
    expect(b.messages.some(isFinal)).toBe(true);
    expect(b.messages.find(isError)?.payload).toMatchObject({ code: "RateLimitExceeded", source: "llm" });
  });

  it("writes an utterance that was given up before it was recognised as a turn without a user final", async () => {
    const { dial, stop, turns } = await start("--servers", "1", "--stt-ms", "1500");
    const [a, b] = await Promise.all([dial("A"), dial("B")]);
    // A is recognised for 1500 ms, and B not before 1500 ms later. B hangs up 2100 ms after its speech.
    await Promise.all([say(a, 1700), say(b, 2100, 300).then(() => b.hangUp())]);
    await stop();
    const [[first], [lost, ...others]] = [turns("A"), turns("B")];
    if (first === undefined || lost === undefined) throw new Error("expected a turn of each call");
    expect(lost).toMatchObject({ finalAtMs: null, firstAudioAtMs: null, fault: null });
    expect(lost.queued.sttMs).toBeCloseTo(finalAtMs(first) - lost.eosAtMs, 1);
    expect(others).toEqual([]);
  });

  it("gives up the model call of a reply that is interrupted, and answers the next utterance of that caller", async () => {
    const { dial, stop, turns } = await start("--servers", "1", "--llm-ms", "2000");
    const [a, b] = await Promise.all([dial("A"), dial("B")]);
    await Promise.all([
      say(a, 400).then(() => a.waitFor("the end of the reply", isEnd)),
      say(b, 700, 500)
        .then(() => say(b, 400))
        .then(() => b.waitFor("audio", isAudio)),
    ]);
    await stop();
    const [[first], [interrupted, answered]] = [turns("A"), turns("B")];
    if (first === undefined || answered === undefined) throw new Error("expected a turn of A and two of B");
    expect(interrupted).toMatchObject({ queued: { llmMs: null }, firstAudioAtMs: null });
    expect(answered.queued.llmMs).toBeCloseTo(finalAtMs(first) + 2000 - finalAtMs(answered), 1);
    expect(lateMs(answered)).toBeLessThan(answered.queued.llmMs ?? 0);
  });

  it("frees the model's server when the caller hangs up, also where the model gives no reply", async () => {
    const { dial, stop, turns } = await start("--servers", "1", "--llm-ms", "1500", "--faults", "silence");
    const [a, b] = await Promise.all([dial("A"), dial("B")]);
    await Promise.all([say(a, 700).then(() => a.hangUp()), say(b, 500, 800)]);
    await stop();
    expect([...turns("A"), ...turns("B")].map(({ fault, queued }) => [fault, queued.llmMs])).toEqual([
      ["silence", 0],
      ["silence", 0],
    ]);
  });

  it("frees the model's server when the reply that it makes is interrupted", async () => {
    const { dial, stop, turns } = await start("--servers", "1", "--llm-ms", "1500");
    const caller = await dial("A");
    await say(caller, 400);
    await say(caller, 400);
    await caller.waitFor("audio", isAudio);
    await stop();
    expect(turns("A").map(({ queued }) => queued.llmMs)).toEqual([0, 0]);
  });
});

describe.concurrent("an agent of any number of servers", () => {
  it("keeps no turn waiting, and draws what it always drew", async () => {
    const { dial, stop, turns } = await start("--seed", "5", "--llm-ms", "10..200", "--tts-ms", "p50:20,p95:60");
    const caller = await dial("A");
    await say(caller, 100);
    await caller.waitFor("audio", isAudio);
    await stop();
    expect(turns("A").map(({ programmed, queued }) => ({ programmed, queued }))).toEqual([
      { programmed: { sttMs: 320, llmMs: 15.647, ttsMs: 25.96, leadMs: 0 }, queued: { sttMs: 0, llmMs: 0 } },
    ]);
    expect(turns("A").map(lateMs)[0]).toBeGreaterThan(-2);
  });

  it("becomes slower with each model call of any caller", async () => {
    const { dial, stop, turns } = await start("--slower-ms", "30.5");
    for (const name of ["A", "B", "C"]) {
      const caller = await dial(name);
      await say(caller, 100);
      await caller.waitFor("the end of the reply", isEnd);
      await caller.hangUp();
    }
    await stop();
    const all = ["A", "B", "C"].flatMap(turns);
    expect(all.map(({ programmed }) => programmed.llmMs)).toEqual([50, 80.5, 111]);
    for (const turn of all) expect(lateMs(turn)).toBeGreaterThan(-2);
  });
});
