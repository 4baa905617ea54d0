/** The little of RIFF/WAVE that reading speech needs. */

/**
 * Returns the samples of a 16-bit mono WAV file as raw PCM.
 * Throws when it is no such file, or when its rate is another.
 */
export function readWav(file: Buffer, rateHz: number): Buffer {
  if (file.toString("latin1", 0, 4) !== "RIFF" || file.toString("latin1", 8, 12) !== "WAVE") {
    throw new Error("WAV: expected a RIFF/WAVE file, got something else");
  }
  for (let at = 12; at + 8 <= file.length; ) {
    const id = file.toString("latin1", at, at + 4);
    const size = file.readUInt32LE(at + 4);
    if (id === "fmt ") assertFormat(file.subarray(at + 8, at + 8 + size), rateHz);
    if (id === "data") return file.subarray(at + 8, Math.min(at + 8 + size, file.length));
    at += 8 + size + (size % 2);
  }
  throw new Error("WAV: expected a data chunk, got none");
}

function assertFormat(format: Buffer, rateHz: number): void {
  const got = { channels: format.readUInt16LE(2), rateHz: format.readUInt32LE(4), bits: format.readUInt16LE(14) };
  if (got.channels === 1 && got.rateHz === rateHz && got.bits === 16) return;
  throw new Error(
    `WAV: expected 16-bit mono at ${rateHz} Hz, got ${got.bits}-bit, ${got.channels} channel(s), ${got.rateHz} Hz`,
  );
}
