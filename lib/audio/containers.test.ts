import { describe, expect, it } from "vitest";

import { containerOf } from "./containers.ts";

const bytesOf = (text: string, length = 4000) => {
  const bytes = new Uint8Array(length);
  for (const [at, char] of [...text].entries()) bytes[at] = char.charCodeAt(0);
  return bytes;
};

/** Frames of a format without a header for the file: each begins with these bytes. */
function frames(header: readonly number[], frameBytes: number): Uint8Array {
  return Uint8Array.from({ length: frameBytes * 4 }, (_, at) => header[at % frameBytes] ?? at % 251);
}

describe("a file that is no raw samples", () => {
  it.each([
    ["RIFF????WAVE", "a WAV file"],
    ["RIFX????WAVE", "a WAV file"],
    ["RF64????WAVE", "a WAV file"],
    ["BW64????WAVE", "a WAV file"],
    ["RIFF????AVI ", "a RIFF file"],
    ["riff\x2e\x91\xcf\x11", "a Wave64 file"],
    ["FORM????AIFF", "an AIFF file"],
    ["FORM????AIFC", "an AIFF file"],
    ["FORM????8SVX", "an 8SVX file"],
    ["Creative Voice File\x1a", "a VOC file"],
    ["\x02#!SILK_V3", "a SILK file"],
    ["BZh91AY&SY", "a bzip2 archive"],
    ["OggS", "an Ogg file"],
    ["fLaC", "a FLAC file"],
    ["ID3\x04\x00\x00\x00\x00\x02\x01", "an MP3 file"],
    [".snd", "an AU file"],
    ["caff", "a CAF file"],
    ["\x1a\x45\xdf\xa3", "a WebM or Matroska file"],
    ["\x00\x00\x00\x20ftypM4A ", "an MP4 or M4A file"],
    ["#!AMR-WB\n", "an AMR file"],
    ["NIST_1A\n", "a SPHERE file"],
    ["PK\x03\x04", "a zip archive"],
    [
      "version https://git-lfs.github.com/spec/v1\noid sha256:4d7a214614ab2935c943f9e0ff69d22eadbb8f32b1258daaa5e2ca24d17e2393",
      "a text file",
    ],
    [`\xef\xbb\xbf<!DOCTYPE html>${" ".repeat(80)}`, "a text file"],
  ])("is recognised by %j", (start, kind) => {
    expect(containerOf(bytesOf(start))).toBe(kind);
  });

  it.each([
    ["MPEG 1 layer 3, 128 kbit/s at 44.1 kHz", frames([0xff, 0xfb, 0x90, 0x00], 417), "an MP3 file"],
    ["MPEG 2 layer 3, 64 kbit/s at 24 kHz", frames([0xff, 0xf3, 0x84, 0xc4], 192), "an MP3 file"],
    ["MPEG 1 layer 2, 192 kbit/s at 48 kHz", frames([0xff, 0xfd, 0xa4, 0x00], 576), "an MP3 file"],
    ["AAC in ADTS, frames of 300 bytes", frames([0xff, 0xf1, 0x50, 0x80, 0x25, 0x9f, 0xfc], 300), "an AAC file"],
  ])("is recognised by two frames in a row: %s", (_, bytes, kind) => {
    expect(containerOf(bytes)).toBe(kind);
  });

  it("is not suspected in samples that begin like one frame", () => {
    expect(
      containerOf(Uint8Array.from({ length: 4000 }, (_, at) => [0xff, 0xfb, 0x90, 0x00][at] ?? at % 251)),
    ).toBeNull();
    expect(containerOf(Uint8Array.of(0xff, 0xfb))).toBeNull();
    expect(containerOf(new Uint8Array(0))).toBeNull();
  });
});
