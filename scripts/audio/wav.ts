/** Reads WAV (RIFF/WAVE) files: the format and the samples. */

/** The content of a WAV file. */
export interface Wav {
  readonly rateHz: number;
  readonly channels: number;
  readonly bits: number;
  /** The encoding of a sample. */
  readonly encoding: "int" | "float" | "other";
  /** The samples as they are in the file, channels interleaved. */
  readonly data: Buffer;
}

const EXTENSIBLE = 0xfffe;

/** Parses a WAV file. Throws when it is something else, or when it ends before its samples. */
export function parseWav(file: Buffer): Wav {
  if (file.toString("latin1", 0, 4) !== "RIFF" || file.toString("latin1", 8, 12) !== "WAVE") {
    throw new Error("WAV: expected a RIFF/WAVE file, got something else");
  }
  let format: Omit<Wav, "data"> | null = null;
  for (let at = 12; at + 8 <= file.length; ) {
    const id = file.toString("latin1", at, at + 4);
    const size = file.readUInt32LE(at + 4);
    const chunk = file.subarray(at + 8, Math.min(at + 8 + size, file.length));
    if (id === "fmt ") format = readFormat(chunk);
    if (id === "data" && format !== null) return { ...format, data: chunk };
    at += 8 + size + (size % 2);
  }
  throw new Error(`WAV: expected a ${format === null ? "format" : "data"} chunk, got none`);
}

function readFormat(chunk: Buffer): Omit<Wav, "data"> {
  if (chunk.length < 16) throw new Error(`WAV: expected a format chunk of 16 bytes or more, got ${chunk.length}`);
  const tag = chunk.readUInt16LE(0);
  const code = tag === EXTENSIBLE && chunk.length >= 26 ? chunk.readUInt16LE(24) : tag;
  return {
    channels: chunk.readUInt16LE(2),
    rateHz: chunk.readUInt32LE(4),
    bits: chunk.readUInt16LE(14),
    encoding: code === 1 ? "int" : code === 3 ? "float" : "other",
  };
}

/**
 * Returns the samples of a 16-bit mono WAV file as raw PCM.
 * Throws when it is another kind of file, or has another rate.
 */
export function readWav(file: Buffer, rateHz: number): Buffer {
  const wav = parseWav(file);
  if (isRawPcm(wav) && wav.rateHz === rateHz) return wav.data;
  throw new Error(`WAV: expected 16-bit mono at ${rateHz} Hz, got ${describeWav(wav)}`);
}

/** True when its samples are 16-bit mono PCM. */
export function isRawPcm({ channels, bits, encoding }: Wav): boolean {
  return channels === 1 && bits === 16 && encoding === "int";
}

/** The format of a file as text for messages. */
export function describeWav({ rateHz, channels, bits, encoding }: Wav): string {
  const kind = { int: "", float: " float", other: " of a compressed kind" }[encoding];
  return `${bits}-bit${kind}, ${channels} channel(s), ${rateHz} Hz`;
}
