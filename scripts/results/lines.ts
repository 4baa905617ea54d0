/**
 * Reads text files line by line as a stream, so that a file may be larger than the longest string (512 MiB). Reads UTF-8 and,
 * with a byte order mark, UTF-16, which PowerShell writes for `>`.
 */

import { createReadStream } from "node:fs";
import { stat } from "node:fs/promises";
import { TextDecoder } from "node:util";

/** What is read at once, in bytes. */
const CHUNK_BYTES = 1 << 20;

/** A longer line is no record: it is passed on cut to this many characters. */
const MAX_LINE_CHARS = 1 << 22;

/**
 * The lines of a file in batches, without their line breaks, empty ones left out. NUL bytes in a row, which a crash or a
 * truncation leaves, come as one. A missing path, or one that is no regular file, has no lines.
 */
export async function* readLines(path: string): AsyncGenerator<string[]> {
  const found = await stat(path).catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return null;
    throw error;
  });
  // Reading a device such as /dev/full would never end.
  if (!found?.isFile()) return;
  let decoder: TextDecoder | null = null;
  let rest = "";
  for await (const chunk of createReadStream(path, { highWaterMark: CHUNK_BYTES })) {
    decoder ??= decoderOf(chunk);
    const lines = (rest + withoutNulRuns(decoder.decode(chunk, { stream: true }))).split("\n");
    rest = (lines.pop() ?? "").slice(0, MAX_LINE_CHARS);
    yield withoutEmptyLines(lines);
  }
  yield withoutEmptyLines([rest + (decoder?.decode() ?? "")]);
}

/** Reads a file of JSON lines; a line that is no JSON object becomes null. */
export async function readJsonLines(path: string): Promise<(Record<string, unknown> | null)[]> {
  const all: (Record<string, unknown> | null)[] = [];
  for await (const lines of readLines(path)) for (const line of lines) all.push(parseObject(line));
  return all;
}

/** The object that a line holds as JSON; null where it holds something else. */
export function parseObject(line: string): Record<string, unknown> | null {
  try {
    const parsed: unknown = JSON.parse(line);
    return typeof parsed === "object" && !Array.isArray(parsed) ? (parsed as Record<string, unknown> | null) : null;
  } catch {
    return null;
  }
}

function decoderOf(first: Buffer): TextDecoder {
  if (first[0] === 0xff && first[1] === 0xfe) return new TextDecoder("utf-16le");
  if (first[0] === 0xfe && first[1] === 0xff) return new TextDecoder("utf-16be");
  return new TextDecoder();
}

function withoutNulRuns(text: string): string {
  return text.includes("\0") ? text.replaceAll(/\0+/g, "\0") : text;
}

function withoutEmptyLines(lines: readonly string[]): string[] {
  return lines.map((line) => line.trim()).filter((line) => line !== "");
}
