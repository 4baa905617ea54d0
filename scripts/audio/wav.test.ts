import { describe, expect, it } from "vitest";
import { decodeMulawByte } from "../../lib/audio/mulaw.ts";
import { convert } from "./convert.ts";
import { decodeAlaw } from "./g711.ts";
import { describeWav, parseWav } from "./wav.ts";

interface Format {
  tag?: number;
  channels?: number;
  rateHz?: number;
  bits?: number;
  block?: number;
}

const chunk = (id: string, content: Buffer, size = content.length) => {
  const header = Buffer.alloc(8);
  header.write(id, "latin1");
  header.writeUInt32LE(size, 4);
  return Buffer.concat([header, content]);
};

function format({ tag = 1, channels = 1, rateHz = 16000, bits = 16, block = (channels * bits) / 8 }: Format): Buffer {
  const content = Buffer.alloc(16);
  for (const [at, value] of [
    [0, tag],
    [2, channels],
    [12, block],
    [14, bits],
  ] as const)
    content.writeUInt16LE(value, at);
  content.writeUInt32LE(rateHz, 4);
  return content;
}

/** A WAV file; `size` is the size that the header of its samples states. */
function wav(
  data: Buffer,
  { size = data.length, after = Buffer.alloc(0), id = "RIFF", ...more } = {} as Format & {
    size?: number;
    after?: Buffer;
    id?: string;
  },
) {
  const body = [Buffer.from("WAVE"), chunk("fmt ", format(more)), chunk("data", data, size), after];
  return Buffer.concat([Buffer.from(id), Buffer.alloc(4), ...body]);
}

const SAMPLES = Int16Array.from({ length: 800 }, (_, at) => Math.round(12_000 * Math.sin(at / 7)));
const PCM = Buffer.from(SAMPLES.buffer);

/** The file of our samples in another encoding. */
function encoded(bits: number, write: (file: Buffer, sample: number, at: number) => void): Buffer {
  const data = Buffer.alloc((SAMPLES.length * bits) / 8);
  for (const [index, sample] of SAMPLES.entries()) write(data, sample, (index * bits) / 8);
  return data;
}

const CUE = chunk("cue ", Buffer.alloc(4));
const PEAK = chunk("PEAK", Buffer.alloc(16));

describe("the length of a WAV file's samples", () => {
  it.each([
    ["is what the header says", wav(PCM)],
    ["reaches to the end of the file where the header says 0", wav(PCM, { size: 0 })],
    ["reaches to the end of the file where the header says 4 GB - 1", wav(PCM, { size: 0xffff_ffff })],
    ["reaches to the end of the file where the header says 2 GB - 1", wav(PCM, { size: 0x7fff_ffff })],
    ["ends before a trailing chunk", wav(PCM, { after: chunk("LIST", Buffer.from("INFOISFT Lavf60.16.100")) })],
    [
      "ends before a trailing chunk where the header does not say where",
      wav(PCM, { size: 0xffff_ffff, after: chunk("id3 ", Buffer.from("ID3 something long")) }),
    ],
    [
      "ends before several trailing chunks where the header does not say where",
      wav(PCM, { size: 0xffff_ffff, after: Buffer.concat([chunk("LIST", Buffer.from("INFOISFT")), PEAK, CUE]) }),
    ],
    [
      "ends before a trailing chunk that holds another one",
      wav(PCM, { size: 0, after: chunk("LIST", Buffer.concat([Buffer.from("text"), CUE])) }),
    ],
    [
      "ends before an odd trailing chunk and its byte of padding, and one behind it",
      wav(PCM, { size: 0, after: Buffer.concat([chunk("bext", Buffer.from("odd")), Buffer.of(0), PEAK]) }),
    ],
    ["leaves half a sample out", wav(Buffer.concat([PCM, Buffer.of(1)]), { size: PCM.length + 1 })],
    ["leaves half a sample out at the end of an unknown length", wav(Buffer.concat([PCM, Buffer.of(1)]), { size: 0 })],
  ])("%s", (_, file) => {
    expect(parseWav(file).data).toEqual(PCM);
  });

  it("is one sample less where the last byte of the file is missing", () => {
    expect(parseWav(wav(PCM).subarray(0, -1)).data).toEqual(PCM.subarray(0, -2));
  });

  it("is named where the file is cut short", () => {
    const file = wav(PCM);
    expect(() => parseWav(file.subarray(0, file.length / 2))).toThrow(
      "expected 1600 bytes of samples as its header says, got 778: the file is cut short",
    );
  });

  it("is none where the samples are followed at once by other chunks", () => {
    const list = chunk("LIST", Buffer.from("INFOISFT"));
    for (const after of [list, Buffer.concat([list, PEAK]), Buffer.concat([PEAK, CUE, list])]) {
      expect(parseWav(wav(Buffer.alloc(0), { after })).data).toHaveLength(0);
    }
  });

  it.each(["PEAK", "smpl", "inst", "axml", "_PMX", "JUNK", "afsp", "cart", "bext", "fact", "id3 ", "ID3 ", "acid"])(
    "ends before a trailing %s chunk where the header does not say where",
    (id) => {
      expect(parseWav(wav(PCM, { size: 0, after: chunk(id, Buffer.alloc(20)) })).data).toEqual(PCM);
    },
  );

  it("is that of the ds64 chunk in RF64", () => {
    const sizes = Buffer.alloc(28);
    sizes.writeBigUInt64LE(BigInt(PCM.length), 8);
    const list = chunk("LIST", Buffer.from("INFOISFT Lavf60.16.100"));
    const body = [chunk("ds64", sizes), chunk("fmt ", format({})), chunk("data", PCM, 0xffff_ffff), list];
    expect(parseWav(Buffer.concat([Buffer.from("RF64\xff\xff\xff\xffWAVE", "latin1"), ...body])).data).toEqual(PCM);
  });
});

describe("a chunk of odd length before the samples", () => {
  const odd = chunk("LIST", Buffer.from("INFOISFT!"));
  const withChunks = (...before: Buffer[]) =>
    Buffer.concat([Buffer.from("RIFF\0\0\0\0WAVE"), chunk("fmt ", format({})), ...before, chunk("data", PCM)]);

  it("may have its byte of padding or not", () => {
    expect(parseWav(withChunks(odd, Buffer.of(0))).data).toEqual(PCM);
    expect(parseWav(withChunks(odd)).data).toEqual(PCM);
  });

  it("may be followed by a chunk that nobody knows", () => {
    const unknown = chunk("xyz1", Buffer.alloc(4));
    expect(parseWav(withChunks(odd, Buffer.of(0), unknown)).data).toEqual(PCM);
  });
});

describe("a WAV file", () => {
  it.each([
    ["no channel", wav(PCM, { channels: 0 }), "channels: expected 1 or more, got 0"],
    ["no sample rate", wav(PCM, { rateHz: 0 }), "sample rate: expected 1 or more, got 0"],
    ["no bits", wav(PCM, { bits: 0 }), "bits per sample: expected 1 or more, got 0"],
    [
      "samples in larger containers",
      wav(PCM, { bits: 24, block: 4 }),
      "expected 3 bytes for 1 sample(s) of 24 bits, got 4",
    ],
    [
      "big-endian samples",
      wav(PCM, { id: "RIFX" }),
      "expected a RIFF/WAVE file, got RIFX, whose bytes are in the other order",
    ],
    ["the content of an Ogg file", Buffer.from(`OggS${"\0".repeat(99)}`), "expected a RIFF/WAVE file, got an Ogg file"],
    ["the content of a FLAC file", Buffer.from(`fLaC${"\0".repeat(99)}`), "expected a RIFF/WAVE file, got a FLAC file"],
  ])("with %s is named", (_, file, problem) => {
    expect(() => parseWav(file)).toThrow(problem);
  });

  it.each([
    [0x55, "0-bit MP3, 2 channel(s), 44100 Hz"],
    [0x11, "4-bit IMA ADPCM, 2 channel(s), 44100 Hz"],
    [0x1234, "0-bit of the format 0x1234, 2 channel(s), 44100 Hz"],
  ])("of the compressed format %i is named", (tag, text) => {
    const file = wav(PCM, { tag, channels: 2, rateHz: 44100, bits: tag === 0x11 ? 4 : 0, block: 1 });
    expect(describeWav(parseWav(file))).toBe(text);
    expect(() => convert(parseWav(file), 16000)).toThrow(`got ${text}`);
  });
});

describe("samples of another encoding are converted", () => {
  const extensible = (tag: number, bits: number) => {
    const guid = Buffer.from("000000001000800000aa00389b71", "hex");
    const content = Buffer.concat([format({ tag: 0xfffe, bits }), Buffer.alloc(8), Buffer.of(tag, 0), guid]);
    return (data: Buffer) =>
      Buffer.concat([Buffer.from("RIFF\0\0\0\0WAVE"), chunk("fmt ", content), chunk("data", data)]);
  };
  const float32 = encoded(32, (file, sample, at) => file.writeFloatLE(sample / 32768, at));

  it.each([
    ["16-bit", wav(PCM)],
    [
      "24-bit",
      wav(
        encoded(24, (file, sample, at) => file.writeIntLE(sample * 256, at, 3)),
        { bits: 24 },
      ),
    ],
    [
      "32-bit",
      wav(
        encoded(32, (file, sample, at) => file.writeInt32LE(sample * 65536, at)),
        { bits: 32 },
      ),
    ],
    ["32-bit float", wav(float32, { tag: 3, bits: 32 })],
    [
      "64-bit float",
      wav(
        encoded(64, (file, sample, at) => file.writeDoubleLE(sample / 32768, at)),
        { tag: 3, bits: 64 },
      ),
    ],
    ["extensible 16-bit", extensible(1, 16)(PCM)],
    ["extensible 32-bit float", extensible(3, 32)(float32)],
  ])("sample by sample from %s", (_, file) => {
    expect(convert(parseWav(file), 16000)).toEqual(PCM);
  });

  it("to within half a step from 8-bit", () => {
    const data = encoded(8, (file, sample, at) => file.writeUInt8(Math.round(sample / 256) + 128, at));
    const samples = new Int16Array(new Uint8Array(convert(parseWav(wav(data, { bits: 8 })), 16000)).buffer);
    for (const [at, sample] of SAMPLES.entries())
      expect(Math.abs((samples[at] ?? 0) - sample)).toBeLessThanOrEqual(128);
  });

  it.each([
    ["mu-law", 7, decodeMulawByte],
    ["A-law", 6, decodeAlaw],
  ])("from %s, byte by byte", (_, tag, decode) => {
    const data = Buffer.from(Array.from({ length: 256 }, (_byte, at) => at));
    const samples = new Int16Array(new Uint8Array(convert(parseWav(wav(data, { tag, bits: 8 })), 16000)).buffer);
    expect([...samples]).toEqual([...data].map(decode));
  });
});

describe("G.711", () => {
  /** Bytes and the values that the tables of ITU-T G.711 give them, at 16 bits. */
  it.each([
    [0xd5, 8],
    [0x55, -8],
    [0xaa, 32256],
    [0x2a, -32256],
    [0xc5, 264],
    [0xf5, 528],
    [0x80, 5504],
  ])("A-law 0x%s is %i", (byte, sample) => {
    expect(decodeAlaw(byte)).toBe(sample);
  });
});
