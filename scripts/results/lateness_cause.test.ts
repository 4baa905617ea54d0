import { describe, expect, it } from "vitest";
import { latenessCause } from "./lateness_cause.ts";
import type { MachineSample } from "./machine.ts";
import { machineFacts, machineText } from "./machine_facts.ts";

const START_MS = Date.UTC(2026, 0, 2);

/** Samples of an idle machine, one per second, with the given changes by second. */
function samples(changes: Readonly<Record<number, Partial<MachineSample>>> = {}): MachineSample[] {
  return Array.from({ length: 20 }, (_, index) => ({
    atMs: START_MS + (index + 1) * 1000,
    k6: 0.3,
    others: 0.1,
    stolen: 0,
    cores: 2,
    rssBytes: 100 * 2 ** 20,
    ...changes[index],
  }));
}

/** One call that was late in this second of the run. */
const late = (second: number, lagMs = 90) => [{ atMs: START_MS + second * 1000, lagMs }];

describe("the cause of lateness", () => {
  it("is other programs where they used the CPU", () => {
    const cause = latenessCause(late(7), samples({ 7: { k6: 0.4, others: 1.6 } }));
    expect(cause).toMatch(
      /^other programs took the CPU .* \(they used 1\.6 of 2 cores, k6 0\.4\); end them, or run k6/,
    );
  });

  it("is the hypervisor where it stole the CPU, also while a core was free", () => {
    const stolen = /^the hypervisor gave the CPU to other machines .* \(1\.2 of 2 cores were stolen\); use a machine/;
    expect(latenessCause(late(7), samples({ 7: { k6: 0.4, others: 0.4, stolen: 1.2 } }))).toMatch(stolen);
    expect(latenessCause(late(7), samples({ 7: { stolen: 0.3 } }))).toMatch(/^the hypervisor/);
    expect(latenessCause(late(7), samples({ 7: { stolen: 0.1 } }))).not.toMatch(/^the hypervisor/);
  });

  it("is k6 itself where it used the CPU", () => {
    const cause = latenessCause(late(7), samples({ 7: { k6: 1.5, others: 0.4 } }));
    expect(cause).toMatch(/^k6 itself used the CPU .* \(1\.5 of 2 cores\); run fewer callers per machine, or more/);
  });

  it("is a suspended machine where samples are missing and frames were late by the whole gap", () => {
    const [before, after] = [samples().slice(0, 7), samples().slice(7)];
    const suspended = [...before, ...after.map((sample) => ({ ...sample, atMs: sample.atMs + 60_000 }))];
    Object.assign(suspended[7] ?? {}, { k6: 0.01, others: 0.01 });
    expect(latenessCause(late(6, 60_500), suspended)).toMatch(/^this machine was suspended for 60 s .*keep it awake/);
  });

  it("is no suspension where k6 used CPU and only the sampler was stopped", () => {
    const stopped = samples({ 7: { k6: 0.2, others: 0.1 } }).map((sample, at) =>
      at < 7 ? sample : { ...sample, atMs: sample.atMs + 60_000 },
    );
    expect(machineFacts(stopped)?.pausedSec).toBe(0);
  });

  it("is no suspension where samples were late because all cores were in use", () => {
    const starved = samples()
      .slice(0, 8)
      .concat(samples({ 11: { k6: 0.2, others: 1.8 } }).slice(11));
    expect(latenessCause(late(9, 300), starved)).toMatch(/^other programs took the CPU/);
  });

  it("is a stopped k6 where it used no CPU for whole seconds, whatever other programs used", () => {
    for (const others of [0.1, 2]) {
      const stopped = samples({ 7: { k6: 0, others }, 8: { k6: 0, others }, 9: { k6: 0, others } });
      expect(latenessCause(late(6, 3200), stopped)).toMatch(/^k6 stood still for 3 s, .* it was stopped/);
    }
    const small = samples({ 7: { k6: 0, others: 2 } });
    expect(latenessCause(late(7), small)).toMatch(/^other programs/);
  });

  it("is a pause of k6 where a core was free and no other cause applies", () => {
    const cause = latenessCause(late(7), samples());
    expect(cause).toMatch(
      /^k6 paused while a core was free \(it used 0\.3 of 2 cores\): its garbage collection.* a higher GOGC/,
    );
  });

  it("is the cause of most of the lateness, whatever the machine did while frames were on time", () => {
    const sampled = samples({ 3: { others: 1.9 }, 7: { k6: 1.8 }, 12: { others: 1.9 } });
    expect(latenessCause([...late(7, 500), ...late(12, 60)], sampled)).toMatch(/^k6 itself/);
    expect(latenessCause([...late(7, 60), ...late(12, 500)], sampled)).toMatch(/^other programs/);
    expect(latenessCause([...late(3, 39), ...late(7)], sampled)).toMatch(/^k6 itself/);
  });

  it("counts a second once, however many calls were late in it", () => {
    const sampled = samples({ 3: { others: 1.9 }, 7: { k6: 1.8 } });
    const calls = [...late(3, 60), ...late(3, 60), ...late(3, 60), ...late(7, 100)];
    expect(latenessCause(calls, sampled)).toMatch(/^k6 itself/);
  });

  it("is null where nothing was late, or there are no samples, or none of that time", () => {
    expect(latenessCause(late(7, 40), samples())).toBeNull();
    expect(latenessCause(late(7), [])).toBeNull();
    expect(latenessCause(late(700), samples())).toBeNull();
  });
});

describe("the summary of the machine", () => {
  it("has means over the time of the run, maxima, and k6's memory", () => {
    const facts = machineFacts(samples({ 4: { others: 1.9, rssBytes: 140 * 2 ** 20 } }));
    expect(facts).toEqual({
      cores: 2,
      k6Cores: { mean: 0.3, max: 0.3 },
      othersCores: { mean: 0.19, max: 1.9 },
      stolenCores: { mean: 0, max: 0 },
      rssBytes: { max: 140 * 2 ** 20 },
      pausedSec: 0,
    });
    if (facts === null) throw new Error("expected facts, got none");
    expect(machineText(facts)).toBe(
      "2 cores  k6 0.30 (max 0.30)  others 0.19 (max 1.90)  stolen 0.00 (max 0.00)  memory of k6 140 MB",
    );
    expect(machineText({ ...facts, cores: 1, pausedSec: 3 })).toMatch(/^1 core .* MB {2}suspended 3 s$/);
    expect(machineFacts([])).toBeNull();
  });
});
