import { describe, expect, it } from "vitest";

import { readUtterances } from "./utterances.ts";

const OPTIONS = { folders: ["pcm"], rateHz: 16000, frameMs: 20, maxFrames: 0, conversations: [] as string[] };

/** Makes PCM of silence, a loud tone and silence; the lengths are in 20 ms frames. */
function pcm(quiet: number, loud: number, after = 0): ArrayBuffer {
  const samples = new Int16Array((quiet + loud + after) * 320);
  for (let at = quiet * 320; at < (quiet + loud) * 320; at += 1) samples[at] = at % 2 === 0 ? 3000 : -3000;
  return samples.buffer;
}

function read(files: Record<string, ArrayBuffer | string>, options: Partial<typeof OPTIONS> = {}) {
  const get = (path: string) => files[path.replace("pcm/", "")] ?? null;
  return readUtterances(
    { text: (path) => get(path) as string | null, bytes: (path) => get(path) as ArrayBuffer | null },
    { ...OPTIONS, ...options },
  );
}

const line = (file: string, bytes: number, more: object = {}) =>
  JSON.stringify({ file, bytes, sample_rate: 16000, channels: 1, ...more });

describe("the utterances of a folder", () => {
  it("are those of its manifest, in its order, cut to their speech", () => {
    const manifest = `${line("b.pcm", 8 * 640)}\n${line("a.pcm", 5 * 640)}\n`;
    const { utterances, problems } = read({ "manifest.jsonl": manifest, "a.pcm": pcm(1, 3, 1), "b.pcm": pcm(2, 5, 1) });
    expect(problems).toEqual([]);
    expect(utterances.map(({ file, frames }) => [file, frames])).toEqual([
      ["b.pcm", 5],
      ["a.pcm", 3],
    ]);
    expect(utterances[0]?.pcm).toHaveLength(5 * 640);
  });

  it("are turn_001.pcm, turn_002.pcm and so on where there is no manifest", () => {
    const { utterances } = read({ "turn_001.pcm": pcm(1, 2), "turn_002.pcm": pcm(1, 3), "turn_004.pcm": pcm(1, 4) });
    expect(utterances.map(({ file }) => file)).toEqual(["turn_001.pcm", "turn_002.pcm"]);
  });

  it("are cut to the first `maxFrames` frames of the file before their silence is cut off", () => {
    const { utterances } = read({ "turn_001.pcm": pcm(10, 200) }, { maxFrames: 100 });
    expect(utterances[0]?.frames).toBe(90);
  });

  it("fill whole frames of another length", () => {
    const { utterances } = read({ "turn_001.pcm": pcm(1, 3) }, { frameMs: 40 });
    expect(utterances[0]).toMatchObject({ frames: 2 });
    expect(utterances[0]?.pcm).toHaveLength(2 * 1280);
  });
});

describe("utterances with digits", () => {
  const readLine = (bytes: number, more: object, options = {}) =>
    read({ "manifest.jsonl": line("a.pcm", bytes, more), "a.pcm": pcm(1, bytes / 640 - 1) }, options);

  it("go on behind their words: 200 ms to each digit, the last frame has the last one", () => {
    const { utterances, problems } = readLine(4 * 640, { dtmf: "4#" });
    expect(problems).toEqual([]);
    expect(utterances[0]).toMatchObject({
      frames: 23,
      presses: [
        { digit: "4", frame: 12 },
        { digit: "#", frame: 22 },
      ],
    });
    const samples = new Int16Array(utterances[0]?.pcm.slice().buffer ?? new ArrayBuffer(0));
    expect(samples).toHaveLength(23 * 320);
    expect(Math.max(...samples.subarray(0, 960))).toBe(3000);
    expect(Math.max(...samples.subarray(960))).toBeLessThan(20);
  });

  it("without words begin with the first digit, at every rate", () => {
    const empty = { "manifest.jsonl": line("a.pcm", 0, { dtmf: "12" }), "a.pcm": new ArrayBuffer(0) };
    const { utterances, problems } = read(empty, { rateHz: 8000, frameMs: 40 });
    expect(problems).toEqual([]);
    expect(utterances[0]).toMatchObject({ frames: 6, presses: [{ frame: 0 }, { frame: 5 }] });
    expect(utterances[0]?.pcm).toHaveLength(6 * 640);
  });

  it.each([12, "", "1 2", "A"])("are refused with %j", (dtmf) => {
    const [problem] = readLine(4 * 640, { dtmf }).problems;
    expect(problem).toBe(`manifest.jsonl line 1: dtmf: expected digits, * and #, got ${JSON.stringify(dtmf)}`);
  });

  it("may not be empty without digits", () => {
    const empty = { "manifest.jsonl": line("a.pcm", 0), "a.pcm": new ArrayBuffer(0) };
    expect(read(empty).problems).toEqual(["a.pcm: expected 16-bit PCM, got an empty file"]);
  });
});

describe("conversations", () => {
  const files = {
    "manifest.jsonl": [
      line("a.pcm", 4 * 640, { conversation: "claim" }),
      line("b.pcm", 4 * 640, { conversation: "Spelling" }),
      line("c.pcm", 4 * 640, { conversation: "claim" }),
    ].join("\n"),
    "a.pcm": pcm(1, 3),
    "b.pcm": pcm(1, 3),
    "c.pcm": pcm(1, 3),
  };

  it("are returned with their utterances", () => {
    expect(read(files).utterances.map(({ conversation }) => conversation)).toEqual(["claim", "Spelling", "claim"]);
  });

  it("are chosen by name, in any case", () => {
    const names = (conversations: string[]) => read(files, { conversations }).utterances.map(({ file }) => file);
    expect(names(["claim"])).toEqual(["a.pcm", "c.pcm"]);
    expect(names(["spelling"])).toEqual(["b.pcm"]);
    expect(names(["spelling", "claim"])).toEqual(["a.pcm", "b.pcm", "c.pcm"]);
  });

  it("that are not in the folder are reported, with those that are", () => {
    expect(read(files, { conversations: ["claim", "clam"] }).problems).toEqual([
      'CONVERSATION: expected one of claim, Spelling, got "clam"',
    ]);
    expect(read({ "turn_001.pcm": pcm(1, 3) }, { conversations: ["claim"] }).problems).toEqual([
      'CONVERSATION: expected conversations in manifest.jsonl, which names none, got "claim"',
    ]);
    expect(read({}, { conversations: ["claim"] }).problems).toEqual([
      "PCM_DIR: expected manifest.jsonl or turn_001.pcm in pcm, got neither; run: make generate_audio",
    ]);
  });
});

describe("a manifest", () => {
  const files = { "a.pcm": pcm(1, 3), "b.pcm": pcm(1, 3) };

  it("may begin with the byte order mark of UTF-8", () => {
    const { problems, utterances } = read({ "manifest.jsonl": `\ufeff${line("a.pcm", 4 * 640)}\r\n`, ...files });
    expect([problems, utterances.length]).toEqual([[], 1]);
  });

  it("in UTF-16 is named", () => {
    const text = Buffer.from(`\ufeff${line("a.pcm", 4 * 640)}`, "utf16le").toString("utf8");
    expect(read({ "manifest.jsonl": text, ...files }).problems).toEqual([
      "manifest.jsonl: expected text in UTF-8, got UTF-16; save it as UTF-8",
    ]);
  });

  it("names a file of a rate that no call has, also where others can be used", () => {
    const manifest = `${line("a.pcm", 4 * 640)}\n${line("b.pcm", 4 * 640, { sample_rate: 44100 })}`;
    expect(read({ "manifest.jsonl": manifest, ...files }).problems).toEqual([
      "b.pcm: expected 8000, 16000, 24000 Hz, got 44100 Hz",
    ]);
  });

  it("names a file that is no raw samples before its length, which the manifest knows", () => {
    const file = Buffer.from("RIFF\x24\x08\x00\x00WAVEfmt ", "latin1");
    const problem = "expected raw samples, got a WAV file; rename it to .wav and run make audio_manifest";
    const wav = new Uint8Array(file).buffer;
    expect(read({ "manifest.jsonl": line("a.pcm", 1), "a.pcm": wav }).problems).toEqual([`a.pcm: ${problem}`]);
    expect(read({ "turn_001.pcm": wav }).problems).toEqual([`turn_001.pcm: ${problem}`]);
  });
});

describe("24 kHz speech", () => {
  const live = { rateHz: 24000 };
  const at = (rate: number, file: string, buffer: ArrayBuffer) => line(file, buffer.byteLength, { sample_rate: rate });
  const at24 = pcm(3, 12);

  it("is taken from files of 24 kHz where the folder has them", () => {
    const manifest = `${at(16000, "a.pcm", pcm(2, 4))}\n${at(24000, "b.pcm", at24)}`;
    const { utterances } = read({ "manifest.jsonl": manifest, "a.pcm": pcm(2, 4), "b.pcm": at24 }, live);
    expect(utterances.map(({ file, frames }) => [file, frames])).toEqual([["b.pcm", 8]]);
  });

  it("is resampled from 16 kHz where there is nothing else: as many frames, half again as many samples", () => {
    const { utterances } = read({ "turn_001.pcm": pcm(2, 10, 2) }, live);
    expect(utterances[0]).toMatchObject({ file: "turn_001.pcm", frames: 10 });
    expect(utterances[0]?.pcm).toHaveLength(10 * 960);
  });

  it("is taken from the first folder with files of 24 kHz", () => {
    const files: Record<string, ArrayBuffer | string> = {
      "a/manifest.jsonl": at(24000, "b.pcm", at24),
      "a/b.pcm": at24,
      "b/turn_001.pcm": pcm(2, 10),
    };
    const get = (path: string) => files[path] ?? null;
    const io = {
      text: (path: string) => get(path) as string | null,
      bytes: (path: string) => get(path) as ArrayBuffer | null,
    };
    const file = (folders: string[], rateHz: number) =>
      readUtterances(io, { ...OPTIONS, folders, rateHz }).utterances[0]?.file;
    expect(file(["b", "a"], 24000)).toBe("b.pcm");
    expect(file(["a", "b"], 16000)).toBe("turn_001.pcm");
    expect(file(["b"], 24000)).toBe("turn_001.pcm");
  });
});

describe("a wrong folder", () => {
  it("without any utterance is reported with what was searched and what to do", () => {
    expect(read({}).problems).toEqual([
      "PCM_DIR: expected manifest.jsonl or turn_001.pcm in pcm, got neither; run: make generate_audio",
    ]);
  });

  it.each([
    ["an empty file", { "turn_001.pcm": new ArrayBuffer(0) }, "turn_001.pcm: expected 16-bit PCM, got an empty file"],
    [
      "an odd-sized file",
      { "turn_001.pcm": new ArrayBuffer(641) },
      "turn_001.pcm: expected 16-bit PCM, got an odd number of bytes (641)",
    ],
    [
      "silence",
      { "turn_001.pcm": pcm(50, 0) },
      "turn_001.pcm: expected speech (a 20 ms frame with an RMS of 200 or more), got none",
    ],
    ["a missing file", { "manifest.jsonl": line("x.pcm", 640) }, "x.pcm: expected a file, got none"],
    [
      "a stale manifest",
      { "manifest.jsonl": line("x.pcm", 640), "x.pcm": pcm(1, 1) },
      "x.pcm: expected 640 bytes as manifest.jsonl says, got 1280; run: make generate_audio",
    ],
    [
      "a broken manifest line",
      { "manifest.jsonl": "{oops" },
      'manifest.jsonl line 1: expected a JSON object, got "{oops"',
    ],
    [
      "a manifest line without a file",
      { "manifest.jsonl": '{"sample_rate":16000,"channels":1}' },
      "manifest.jsonl line 1: file: expected a string, got undefined",
    ],
    [
      "stereo",
      { "manifest.jsonl": line("x.pcm", 640, { channels: 2 }) },
      "manifest.jsonl line 1: channels: expected 1, got 2",
    ],
    [
      "another rate",
      { "manifest.jsonl": line("x.pcm", 640, { sample_rate: 8000 }) },
      "PCM_DIR: expected files at 16000 Hz in pcm, got 8000 Hz",
    ],
  ])("with %s is reported", (_, files, problem) => {
    expect(read(files as Record<string, ArrayBuffer | string>).problems).toEqual([problem]);
  });

  it("is reported with all its problems at once, and its valid utterances are returned", () => {
    const { problems, utterances } = read({
      "turn_001.pcm": new ArrayBuffer(3),
      "turn_002.pcm": pcm(1, 2),
      "turn_003.pcm": new ArrayBuffer(0),
    });
    expect(problems).toHaveLength(2);
    expect(utterances).toHaveLength(1);
  });
});
