import { mkdtemp, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { describe, expect, it } from "vitest";
import type { CallLine, TurnLine } from "../results/log_lines.ts";
import { isProven, type ProvedLog, prove, verifyRun } from "./proof.ts";
import { proofText } from "./proof_text.ts";

type Truth = Parameters<typeof prove>[1][number];

function turn(more: Partial<TurnLine> = {}): TurnLine {
  const times = {
    speechStartAtMs: 1000,
    eosAtMs: 2000,
    firstAudioAtMs: 3500,
    bargeAtMs: 4500,
    stopAtMs: 4800,
    turnMs: 3800,
  };
  return { type: "turn", call: "a", turn: 1, outcome: "ok", ...times, ...more } as TurnLine;
}

function truth(more: Partial<Truth> = {}): Truth {
  const times = {
    speechStartAtMs: 1001,
    eosAtMs: 2002,
    firstAudioAtMs: 3500,
    replyEndAtMs: null,
    lastAudioAtMs: 3600,
    bargeAtMs: 4502,
    stopAtMs: 4799,
    cancelledAtMs: null,
  };
  return { call: "a", turn: 1, ...times, programmed: { sttMs: 1000, llmMs: 300, ttsMs: 197 }, ...more };
}

const log = (turns: TurnLine[], calls: Partial<CallLine>[] = [{ call: "a", closedBy: "caller" }]): ProvedLog => ({
  turns,
  calls: calls as CallLine[],
});

describe("the proof", () => {
  it("joins turns by call and end of speech, and takes the error of each metric", () => {
    const proof = prove(log([turn()]), [truth()]);
    expect(proof).toMatchObject({ joined: 1, split: 0, missingFromTruth: [], missingFromLog: [], cut: 0 });
    const withoutSilence = { ttfbBytes: [], leadSilence: [] };
    expect(proof.errorsMs).toEqual({ ttfb: [2], barge: [3], turn: [2], simulator: [1], ...withoutSilence });
    expect(proof.ttfbErrors).toEqual([{ atMs: 2002, errorMs: 2 }]);
    expect(isProven(proof)).toBe(true);
  });

  it("compares the first byte and the silence in front of a reply where both sides know them", () => {
    const logged = { ttfbBytesMs: 1301, leadSilenceMs: 199 };
    const known = { firstByteAtMs: 3300, leadSilenceMs: 200 };
    const errors = (more: object, happened: Partial<Truth>) => {
      const { leadSilence, ttfbBytes } = prove(log([turn(more)]), [truth(happened)]).errorsMs;
      return { leadSilence, ttfbBytes };
    };
    expect(errors(logged, known)).toEqual({ ttfbBytes: [3], leadSilence: [1] });
    expect(errors(logged, {}), "an older truth").toEqual({ ttfbBytes: [], leadSilence: [] });
    expect(errors({}, known), "an older log").toEqual({ ttfbBytes: [], leadSilence: [] });
    expect(errors({ ttfbBytesMs: null, leadSilenceMs: null }, known)).toEqual({ ttfbBytes: [], leadSilence: [] });
    const cutOff = { ...known, firstAudioAtMs: null, leadSilenceMs: null };
    expect(errors(logged, cutOff), "no words came").toEqual({ ttfbBytes: [3], leadSilence: [] });
    const always = { ...known, leadSilenceMs: null };
    expect(errors(logged, always), "silence is sent all the time").toEqual({ ttfbBytes: [], leadSilence: [] });
  });

  it("plans the silence in front of the words after the other delays", () => {
    const programmed = { sttMs: 1000, llmMs: 200, ttsMs: 197, leadMs: 100 };
    expect(prove(log([turn()]), [truth({ programmed })]).errorsMs.simulator).toEqual([1]);
  });

  it("adds what a turn waited for servers of the agent to the planned delays", () => {
    const programmed = { sttMs: 600, llmMs: 200, ttsMs: 197, leadMs: 100 };
    const errors = (queued: Truth["queued"]) =>
      prove(log([turn()]), [truth({ programmed, ...(queued !== undefined && { queued }) })]).errorsMs.simulator;
    expect(errors({ sttMs: 150, llmMs: 250 })).toEqual([1]);
    expect(errors({ sttMs: 400, llmMs: null }), "a model call that was given up").toEqual([1]);
    expect(errors(undefined), "an older truth").toEqual([401]);
  });

  it("has no error of turn where the agent took the utterance for two, because the second one started later", () => {
    const { errorsMs } = prove(log([turn()]), [truth({ speechStartAtMs: 1600 }), truth({ eosAtMs: 1300, turn: 2 })]);
    expect(errorsMs).toMatchObject({ ttfb: [2], turn: [] });
  });

  it("excludes turns around which the simulator itself was late from the errors, and prints their number", () => {
    const proof = prove(log([turn()]), [truth({ lateMs: 10.1 })]);
    expect(proof).toMatchObject({
      joined: 1,
      simulatorLate: 1,
      errorsMs: { ttfb: [], ttfbBytes: [], leadSilence: [], barge: [], turn: [], simulator: [] },
      ttfbErrors: [],
    });
    expect(proofText(proof)).toContain("1 turns are not in the errors: the simulator itself was more than 10 ms late");
    expect(prove(log([turn()]), [truth({ lateMs: 10 })]).simulatorLate).toBe(0);
  });

  it("does not join turns of other calls, or ends of speech more than 250 ms apart", () => {
    expect(prove(log([turn()]), [truth({ call: "b" })]).missingFromTruth).toEqual(["a/1"]);
    expect(prove(log([turn()]), [truth({ eosAtMs: 2251 })]).missingFromTruth).toEqual(["a/1"]);
    expect(prove(log([turn()]), [truth({ eosAtMs: 2250 })]).joined).toBe(1);
  });

  it("fails when a turn has no partner, or when there is nothing to join", () => {
    expect(isProven(prove(log([turn()]), []))).toBe(false);
    expect(isProven(prove(log([]), []))).toBe(false);
    expect(
      isProven(
        prove(log([turn(), turn({ turn: 2, speechStartAtMs: 8000, eosAtMs: 9000 })]), [
          truth(),
          truth({ eosAtMs: 5000 }),
          truth({ eosAtMs: 9000 }),
        ]),
      ),
    ).toBe(false);
  });

  it("counts a turn of the truth that ends inside an utterance as split, not as missing", () => {
    const proof = prove(log([turn()]), [truth(), truth({ eosAtMs: 1500 })]);
    expect(proof).toMatchObject({ joined: 1, split: 1, missingFromLog: [] });
    expect(isProven(proof)).toBe(true);
  });

  it("counts an unmatched turn as cut off only if it is the last one of a call that was cut off", () => {
    const cut = [{ call: "a", closedBy: "agent" }] as const;
    expect(prove(log([turn(), turn({ turn: 2, eosAtMs: 9000 })], [...cut]), [truth()])).toMatchObject({
      missingFromTruth: [],
      cut: 1,
    });
    expect(prove(log([turn(), turn({ turn: 2, eosAtMs: 9000 })]), [truth()])).toMatchObject({
      missingFromTruth: ["a/2"],
      cut: 0,
    });
    expect(prove(log([turn()], []), [truth(), truth({ eosAtMs: 9000 })])).toMatchObject({ missingFromLog: [], cut: 1 });
  });

  it("takes no error where the log or the truth lacks an instant", () => {
    const { errorsMs } = prove(log([turn({ firstAudioAtMs: null, stopAtMs: null })]), [truth()]);
    expect(errorsMs).toMatchObject({ ttfb: [], barge: [] });
    expect(prove(log([turn()]), [truth({ firstAudioAtMs: null })]).errorsMs.ttfb).toEqual([]);
  });

  it("excludes turns for which the generator was late from the errors", () => {
    const proof = prove(log([turn({ outcome: "generator_late" })]), [truth()]);
    expect(proof.joined).toBe(1);
    expect(proof.errorsMs.ttfb).toEqual([]);
  });

  it("ends a turn at its structured end if that came before the barge-in", () => {
    const { errorsMs } = prove(log([turn({ turnMs: 2700 })]), [truth({ replyEndAtMs: 3700 })]);
    expect(errorsMs.turn).toEqual([1]);
  });

  it("ignores turns that were never spoken", () => {
    expect(prove(log([turn(), turn({ turn: 2, speechStartAtMs: null, eosAtMs: null })]), [truth()])).toMatchObject({
      joined: 1,
      missingFromTruth: [],
    });
  });

  it("prints a percentile only where enough turns support it, and the maximum always", () => {
    const silence = { ttfbBytesMs: 1301, leadSilenceMs: 199 };
    const happened = truth({ firstByteAtMs: 3300, leadSilenceMs: 200 });
    const text = proofText(prove(log([turn(silence)]), [happened]));
    expect(text).toMatch(/^ttfb +1 +- +- +2\.0$/m);
    expect(text).toMatch(/^ttfb_bytes +1 +- +- +3\.0$/m);
    expect(text).toMatch(/^lead_silence +1 +- +- +1\.0$/m);
    expect(text).toContain("turns: 1 joined, 0 split, 0 missed, 0 cut off");
    expect(proofText(prove(log([turn()]), []))).toContain("not in truth.jsonl: a/1");
  });

  it("uses the cancellation of the reply if there is no stop, else its last audio", () => {
    const silent = { stopAtMs: null, lastAudioAtMs: 4790 };
    const error = (more: Partial<Truth>) => prove(log([turn()]), [truth({ ...silent, ...more })]).errorsMs.barge;
    expect(error({ cancelledAtMs: 4795 })).toEqual([7]);
    expect(error({})).toEqual([12]);
    expect(error({ lastAudioAtMs: 4400 })).toEqual([]);
  });

  it("adds up the unexpected messages of all calls by kind", () => {
    const proof = prove(log([turn()]), [truth()], [{ anomalies: { late_frame: 1 } }, { anomalies: { late_frame: 2 } }]);
    expect(proof.anomalies).toEqual({ late_frame: 3 });
    expect(proofText(proof)).toContain("messages that the agent found odd: late_frame 3");
  });
});

describe("the proof of a run's folder", () => {
  const TURN = JSON.stringify(turn({ line: 1 }));
  const END = JSON.stringify({ type: "end", lines: 1, interrupted: false, droppedIterations: 0, remarks: [] });
  const TRUTH = JSON.stringify({ type: "turn", ...truth() });

  async function proofOf(log: readonly string[], truthLines: readonly string[]) {
    const folder = await mkdtemp(join(tmpdir(), "proof-"));
    await writeFile(join(folder, "log.jsonl"), log.join("\n"));
    await writeFile(join(folder, "truth.jsonl"), truthLines.join("\n"));
    return verifyRun(folder);
  }

  it("is none where the log lacks lines that were written, or a file has torn lines", async () => {
    const whole = await proofOf([TURN, END], [TRUTH]);
    expect([isProven(whole), whole.gaps]).toEqual([true, []]);
    const hole = await proofOf([TURN, END.replace('"lines":1', '"lines":5')], [TRUTH]);
    expect([isProven(hole), proofText(hole)]).toEqual([false, expect.stringContaining("4 of 5 lines of the log")]);
    const torn = await proofOf([TURN, END], [TRUTH, TRUTH.slice(0, 60), '{"type":"turn"}']);
    expect([isProven(torn), proofText(torn)]).toEqual([
      false,
      expect.stringContaining("2 lines of truth.jsonl are damaged"),
    ]);
  });

  it("reads the waits of the truth", async () => {
    const queued = truth({ programmed: { sttMs: 1000, llmMs: 300, ttsMs: 97 }, queued: { sttMs: 100, llmMs: 0 } });
    const { errorsMs } = await proofOf([TURN, END], [JSON.stringify({ type: "turn", ...queued })]);
    expect(errorsMs.simulator).toEqual([1]);
  });

  it("rejects an empty truth, as a full disk leaves it", async () => {
    await expect(proofOf([TURN, END], [])).rejects.toThrow(/expected turns in truth.jsonl, got none/);
  });
});
