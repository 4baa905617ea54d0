/**
 * Recognises files that are no raw samples by their first bytes. Their headers and trailing chunks would be played as clicks
 * as loud as speech, and move the begin and the end of speech.
 */

/** What a kind of file begins with: texts, each at an offset in bytes; `?` stands for any byte. */
interface Signature {
  readonly kind: string;
  readonly texts: readonly (readonly [at: number, text: string])[];
}

/** The more specific ones first. */
const SIGNATURES: readonly Signature[] = [
  ...["RIFF", "RIFX", "RF64", "BW64"].map((id) => ({
    kind: "a WAV file",
    texts: [
      [0, id],
      [8, "WAVE"],
    ] as const,
  })),
  { kind: "a RIFF file", texts: [[0, "RIFF"]] },
  { kind: "a Wave64 file", texts: [[0, "riff\x2e\x91\xcf\x11"]] },
  { kind: "an AIFF file", texts: [[0, "FORM????AIF"]] },
  { kind: "an Ogg file", texts: [[0, "OggS"]] },
  { kind: "a FLAC file", texts: [[0, "fLaC"]] },
  { kind: "an MP3 file", texts: [[0, "ID3"]] },
  { kind: "an AU file", texts: [[0, ".snd"]] },
  { kind: "an 8SVX file", texts: [[0, "FORM????8SVX"]] },
  { kind: "a VOC file", texts: [[0, "Creative Voice File"]] },
  { kind: "a SILK file", texts: [[0, "#!SILK"]] },
  { kind: "a SILK file", texts: [[1, "#!SILK"]] },
  { kind: "a bzip2 archive", texts: [[0, "BZh?1AY&SY"]] },
  { kind: "a CAF file", texts: [[0, "caff"]] },
  { kind: "a WebM or Matroska file", texts: [[0, "\x1a\x45\xdf\xa3"]] },
  { kind: "an MP4 or M4A file", texts: [[4, "ftyp"]] },
  { kind: "an AMR file", texts: [[0, "#!AMR"]] },
  { kind: "a SPHERE file", texts: [[0, "NIST_1A"]] },
  { kind: "a WMA file", texts: [[0, "\x30\x26\xb2\x75\x8e\x66\xcf\x11"]] },
  { kind: "a WavPack file", texts: [[0, "wvpk"]] },
  { kind: "a Monkey's Audio file", texts: [[0, "MAC "]] },
  { kind: "a zip archive", texts: [[0, "PK\x03\x04"]] },
  { kind: "a gzip archive", texts: [[0, "\x1f\x8b\x08"]] },
];

/** The bitrates of MPEG audio in kbit/s, by version (1, or 2 and 2.5) and layer; index 0 and 15 are no bitrates. */
const BITRATES: Readonly<Record<string, readonly number[]>> = {
  "1 1": [0, 32, 64, 96, 128, 160, 192, 224, 256, 288, 320, 352, 384, 416, 448],
  "1 2": [0, 32, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320, 384],
  "1 3": [0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320],
  "2 1": [0, 32, 48, 56, 64, 80, 96, 112, 128, 144, 160, 176, 192, 224, 256],
  "2 2": [0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160],
  "2 3": [0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160],
};

const MPEG1_RATES_HZ = [44100, 48000, 32000];

/** A text must fill this many bytes: fewer printable bytes in a row may be samples. */
const TEXT_BYTES = 64;

/** Returns what a file is, with its article, such as `a WAV file`; null for what may be raw samples. */
export function containerOf(bytes: Uint8Array): string | null {
  const matches = ([at, text]: readonly [number, string]) =>
    at + text.length <= bytes.length &&
    [...text].every((char, index) => char === "?" || bytes[at + index] === char.charCodeAt(0));
  const signature = SIGNATURES.find(
    ({ kind, texts }) => texts.every(matches) && (kind !== "an MP3 file" || isId3(bytes)),
  );
  if (signature !== undefined) return signature.kind;
  if (hasFrames(bytes, mpegFrameBytes)) return "an MP3 file";
  if (hasFrames(bytes, adtsFrameBytes)) return "an AAC file";
  return isText(bytes) ? "a text file" : null;
}

/** An ID3v2 header: a version of at most 4, and a size of four bytes below 128 (id3.org, ID3v2 header). */
function isId3(bytes: Uint8Array): boolean {
  return (bytes[3] ?? 255) <= 4 && bytes.length >= 10 && bytes.subarray(6, 10).every((byte) => byte < 128);
}

/** True when two frames follow each other from the start: one frame's sync bits alone may be samples. */
function hasFrames(bytes: Uint8Array, frameBytes: (bytes: Uint8Array, at: number) => number): boolean {
  const second = frameBytes(bytes, 0);
  return second > 0 && frameBytes(bytes, second) > 0;
}

/** The length of the MPEG audio frame at an offset (ISO 11172-3, 2.4.1.3); 0 where there is none. */
function mpegFrameBytes(bytes: Uint8Array, at: number): number {
  const [sync = 0, second = 0, third = 0] = bytes.subarray(at, at + 3);
  const version = (second >> 3) & 3;
  const layer = 4 - ((second >> 1) & 3);
  if (sync !== 0xff || second < 0xe0 || version === 1 || layer === 4) return 0;
  const kbps = BITRATES[`${version === 3 ? 1 : 2} ${layer}`]?.[third >> 4] ?? 0;
  const rateHz = (MPEG1_RATES_HZ[(third >> 2) & 3] ?? 0) / ({ 3: 1, 2: 2, 0: 4 }[version] ?? 1);
  if (kbps === 0 || rateHz === 0) return 0;
  const padding = (third >> 1) & 1;
  if (layer === 1) return (Math.floor((12_000 * kbps) / rateHz) + padding) * 4;
  return Math.floor(((layer === 3 && version !== 3 ? 72_000 : 144_000) * kbps) / rateHz) + padding;
}

/** The length of the ADTS frame of AAC at an offset (ISO 13818-7, 6.2); 0 where there is none. */
function adtsFrameBytes(bytes: Uint8Array, at: number): number {
  const [sync = 0, second = 0, , fourth = 0, fifth = 0, sixth = 0] = bytes.subarray(at, at + 6);
  if (sync !== 0xff || (second & 0xf6) !== 0xf0) return 0;
  const length = ((fourth & 3) << 11) | (fifth << 3) | (sixth >> 5);
  return length > 7 ? length : 0;
}

/** True when a file begins with printable ASCII, behind a byte order mark or without one: a pointer of Git LFS, an error page, samples in base64. */
function isText(bytes: Uint8Array): boolean {
  const from = bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf ? 3 : 0;
  const start = bytes.subarray(from, from + TEXT_BYTES);
  return (
    start.length === TEXT_BYTES && start.every((byte) => (byte >= 0x20 && byte < 0x7f) || (byte >= 9 && byte <= 13))
  );
}
