import { describe, expect, it } from "vitest";
import { burst, EOS, play, reply, type Script } from "../conversation/play.ts";
import type { Rules } from "../conversation/rules.ts";
import { tagOf, tagValuesOf } from "./metrics.ts";
import { callSamples, turnSamples } from "./samples.ts";

const CONTEXT = { warmupTurns: 0, textLeadsAudio: false };

function samplesOf(script: Script, rules: Partial<Rules> = {}, context = CONTEXT) {
  const { turns, call } = play({ turns: 1, ...rules }, script, 20_000);
  const samples = [
    ...turns.flatMap((turn) => turnSamples(turn, context)),
    ...(call === null ? [] : callSamples({ ...call, retry: 0 })),
  ];
  const of = (metric: string) => samples.filter((sample) => sample.metric === metric);
  return { samples, of, values: (metric: string) => of(metric).map(({ value }) => value) };
}

describe("samples", () => {
  it("of a good turn are its times, tagged with its number, and a success", () => {
    const { of, values } = samplesOf(reply(EOS + 1000));
    expect(of("ttfb")).toEqual([{ metric: "ttfb", value: 1000, tags: { turn: "01" } }]);
    expect(of("first_event")).toEqual([{ metric: "first_event", value: 400, tags: { stage: "stt" } }]);
    expect(values("turn_success")).toEqual([1]);
    expect(values("connection_success")).toEqual([1]);
    expect(values("on_time")).toEqual([1]);
    expect(of("turn_error")).toEqual([]);
  });

  it("of a missing reply are the whole deadline and a fail", () => {
    const { of, values } = samplesOf([]);
    expect(values("ttfb")).toEqual([5000]);
    expect(of("ttfb_fails")).toEqual([{ metric: "ttfb_fails", value: 1, tags: { turn: "01" } }]);
    expect(of("turn_error")).toEqual([{ metric: "turn_error", value: 1, tags: { reason: "first_audio_timeout" } }]);
    expect(values("turn_success")).toEqual([0]);
  });

  it("of a ramp-up that does not count have no on_time, and a metric of their own for the send lag", () => {
    const script = reply(EOS + 1000);
    const counted = samplesOf(script);
    const apart = samplesOf(script, { healthFromMs: 1e9 });
    expect([counted.values("on_time"), apart.values("on_time")]).toEqual([[1], []]);
    expect(apart.values("send_lag_ramp_up")).toEqual(counted.values("send_lag"));
    expect([apart.values("send_lag"), apart.values("send_lag_seconds")]).toEqual([[], []]);
    expect(apart.values("ttfb")).toEqual([1000]);
  });

  it("of a throttled reply are never mixed into ttfb", () => {
    const script = [
      ...reply(EOS + 1000, 400),
      [EOS + 1100, { type: "fault", fault: { kind: "rate_limit", source: "speech", code: "429" } }],
    ] as const;
    const { of, values } = samplesOf(script);
    expect(values("ttfb")).toEqual([]);
    expect(values("ttfb_failed")).toEqual([1000]);
    expect(values("ttfb_fails")).toEqual([1]);
    expect(of("rate_limit")).toEqual([{ metric: "rate_limit", value: 1, tags: { source: "speech" } }]);
  });

  it("give the wait in turns with and without throttling, and the source of the throttling", () => {
    const fault = { type: "fault", fault: { kind: "rate_limit", source: "speech", code: "429" } } as const;
    const throttled = samplesOf([...reply(EOS + 1000, 400), [EOS + 1100, fault]]);
    expect([throttled.values("ttfb_throttled"), throttled.values("ttfb_clean")]).toEqual([[1000], []]);
    expect(throttled.of("throttled_turns")).toEqual([
      { metric: "throttled_turns", value: 1, tags: { source: "speech" } },
    ]);
    const clean = samplesOf(reply(EOS + 1000));
    expect([clean.values("ttfb_throttled"), clean.values("ttfb_clean")]).toEqual([[], [1000]]);
  });

  it("count a call after a failed one as a reconnect", () => {
    const { call } = play({ turns: 1 }, reply(EOS + 1000), 20_000);
    const reconnects = (retry: number) =>
      callSamples({ ...(call as NonNullable<typeof call>), retry }).filter(({ metric }) => metric === "reconnects");
    expect([reconnects(0), reconnects(2)]).toEqual([[], [{ metric: "reconnects", value: 1 }]]);
  });

  it("of a turn during which the generator was late are excluded from the metrics", () => {
    const { turns } = play({ turns: 1 }, reply(EOS + 1000), 9000, (atMs) => atMs < 900 || atMs > 1000);
    const samples = turns.flatMap((turn) => turnSamples(turn, CONTEXT));
    const metrics = new Set(samples.map(({ metric }) => metric));
    expect([...metrics].sort()).toEqual([
      "connection_success",
      "generator_late",
      "on_time",
      "send_lag",
      "send_lag_seconds",
      "turns",
    ]);
    expect(samples).toContainEqual({ metric: "on_time", value: 0 });
  });

  it("of a warm-up turn are in metrics of their own", () => {
    const { values } = samplesOf(reply(EOS + 1000), {}, { ...CONTEXT, warmupTurns: 1 });
    expect(values("ttfb")).toEqual([]);
    expect(values("ttfb_warmup")).toEqual([1000]);
    expect(values("turn_success")).toEqual([]);
  });

  it("give the time of the model only where text comes before its audio", () => {
    const script = [
      [EOS + 400, { type: "userFinal" }],
      [EOS + 700, { type: "replyText" }],
      ...burst(EOS + 1000, 400),
      [EOS + 1001, { type: "replyEnd" }],
    ] as const;
    expect(samplesOf(script).of("first_event")).toHaveLength(1);
    expect(samplesOf(script, {}, { ...CONTEXT, textLeadsAudio: true }).of("first_event")).toContainEqual({
      metric: "first_event",
      value: 700,
      tags: { stage: "llm" },
    });
  });

  it("count a close by the agent under its code, and none by the caller", () => {
    expect(samplesOf([[500, { type: "close", code: 4499 }]]).of("ws_close")).toEqual([
      { metric: "ws_close", value: 1, tags: { code: "other" } },
    ]);
    expect(samplesOf(reply(EOS + 1000)).of("ws_close")).toEqual([]);
  });

  it("give a send lag for every second of a call", () => {
    const { values } = samplesOf(reply(EOS + 1000, 400));
    expect(values("send_lag").length).toBe(values("send_lag_seconds").length);
    expect(values("send_lag").length).toBeGreaterThanOrEqual(2);
  });

  it("never have a tag value that their metric does not list", () => {
    const odd = { type: "fault", fault: { kind: "server_error", code: "NeverSeenBefore" } } as const;
    const { samples } = samplesOf([
      [EOS + 200, odd],
      [EOS + 300, { type: "close", code: 3999 }],
    ]);
    for (const { metric, tags } of samples) {
      const tag = tagOf(metric);
      const values = tagValuesOf(metric);
      for (const [name, value] of Object.entries(tags ?? {})) {
        expect(name).toBe(tag);
        if (values !== undefined) expect(values).toContain(value);
      }
    }
  });
});
