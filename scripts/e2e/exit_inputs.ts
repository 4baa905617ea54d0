/** The inputs of the exit cases: servers, folders and a k6 with which a run ends in a certain way. */

import { mkdtempSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { ensureK6 } from "../run/k6.ts";
import { SHORT_AUDIO } from "./setup.ts";

/** Starts a server that answers every upgrade with 404; resolves with its host and port. */
export async function startRefusingServer(): Promise<string> {
  const server = createServer().on("upgrade", (_, socket) => socket.end("HTTP/1.1 404 X\r\nContent-Length: 0\r\n\r\n"));
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  server.unref();
  return `127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** A folder whose only utterance has the header of a WAV file. */
export function wavCalledPcm(): string {
  const folder = mkdtempSync(join(tmpdir(), "wav-"));
  const samples = readFileSync(join(SHORT_AUDIO, "turn_001.pcm"));
  writeFileSync(join(folder, "turn_001.pcm"), Buffer.concat([Buffer.from("RIFF\0\0\0\0WAVEfmt "), samples]));
  return folder;
}

/** A k6 that may have this many files open: some ten are its own, and each call needs one. */
export async function k6WithFiles(files: number): Promise<string> {
  const script = join(mkdtempSync(join(tmpdir(), "k6-")), "k6");
  const { path } = await ensureK6();
  writeFileSync(script, `#!/bin/sh\nulimit -n ${files}\nexec "${path}" "$@"\n`, { mode: 0o755 });
  return script;
}

/** A folder for results whose log is on a full disk. */
export function fullDisk(): string {
  const folder = mkdtempSync(join(tmpdir(), "full-"));
  symlinkSync("/dev/full", join(folder, "log.jsonl"));
  return folder;
}
