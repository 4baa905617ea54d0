import { describe, expect, it } from "vitest";
import { makeSoundCheck } from "./sound.ts";

const encode = (samples: Int16Array) => Buffer.from(samples.buffer).toString("base64");
const LOUD = encode(new Int16Array(320).fill(2000));
const ZEROS = encode(new Int16Array(320));
const NOISE = encode(Int16Array.from({ length: 320 }, (_, at) => (at % 2 === 0 ? 15 : -15)));
const HALF = encode(Int16Array.from({ length: 320 }, (_, at) => (at < 160 ? 0 : 2000)));

/** A check, and how often it decoded. */
function make() {
  const decoded = { count: 0 };
  const check = makeSoundCheck({
    encode: (bytes) => Buffer.from(bytes).toString("base64"),
    decode: (text) => {
      decoded.count += 1;
      return new Uint8Array(Buffer.from(text, "base64")).buffer;
    },
  });
  return { decoded, leadMs: (text: string, closely: boolean) => check(text, 0, text.length, 16000, closely) };
}

describe("the check for sound", () => {
  it("finds the silence in front of the sound, looked at closely", () => {
    const { leadMs } = make();
    expect([LOUD, HALF, NOISE, ZEROS].map((text) => leadMs(text, true))).toEqual([0, 10, Infinity, Infinity]);
  });

  it("sees zeros without decoding them, wherever they are", () => {
    const { decoded, leadMs } = make();
    for (const closely of [true, false]) expect(leadMs(ZEROS, closely)).toBe(Infinity);
    expect(decoded.count).toBe(0);
  });

  it("takes zeros for silence only to their end", () => {
    const { leadMs } = make();
    const almost = new Int16Array(320);
    almost.fill(2000, 300);
    expect(leadMs(encode(almost), true)).toBe(300 / 16);
  });

  it("decodes one message of five where it need not look closely, so that speech costs little", () => {
    const { decoded, leadMs } = make();
    for (let message = 0; message < 50; message += 1) expect(leadMs(LOUD, false)).toBe(0);
    expect(decoded.count).toBe(10);
  });

  it("notices noise behind speech within five messages, and then sees every one until there is sound again", () => {
    const { leadMs } = make();
    const seen = Array.from({ length: 10 }, () => leadMs(NOISE, false));
    expect(seen.slice(0, 4)).toEqual([0, 0, 0, 0]);
    expect(seen.slice(4)).toEqual(new Array(6).fill(Infinity));
    expect(leadMs(LOUD, false)).toBe(0);
  });

  it("counts text that is no base64 as audible", () => {
    const check = makeSoundCheck({
      encode: () => "",
      decode: () => {
        throw new Error("illegal base64 data");
      },
    });
    expect(check("%", 0, 1, 16000, true)).toBe(0);
  });
});
