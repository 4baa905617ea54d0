/** k6's own functions in the form that the rest of lib/ asks for: sockets, base64, files, metrics. */

import { hmac } from "k6/crypto";
import { SharedArray } from "k6/data";
import { b64decode, b64encode } from "k6/encoding";
import { Counter, Rate, Trend } from "k6/metrics";
import ws, { type Socket } from "k6/ws";

import type { Connection } from "../caller/call.ts";
import type { Phone } from "../caller/caller.ts";
import type { ScriptFiles } from "../settings/script_environment.ts";
import type { Base64 } from "../wire/codec.ts";
import { loadMetrics } from "./metrics.lazy.ts";
import { type TextAt, textReader } from "./shared_texts.ts";

// Kept, because k6 makes the functions of a module anew each time that an import is looked up.
const [decode, encode] = [b64decode, b64encode];

/** k6's base64. */
export const base64: Base64 = {
  encode: (bytes) => encode(bytes),
  decode: (text) => decode(text),
};

/** HMAC-SHA1 of a text, as base64. */
export const hmacSha1: Phone["hmacSha1"] = (key, text) => hmac("sha1", key, text, "base64");

/** Dials with k6/ws and blocks until the call is over. */
export const dial: Phone["dial"] = (url, headers, connected) => {
  const response = ws.connect(url, { headers: { ...headers } }, (socket) => connected(connectionOf(socket)));
  return {
    status: response.status,
    error: response.error,
    body: response.body,
    location: response.headers.Location ?? "",
    retryAfter: response.headers["Retry-After"] ?? "",
  };
};

/** Methods are taken off the socket once: k6 makes them anew each time that they are looked up. */
function connectionOf(socket: Socket): Connection {
  const { send, sendBinary } = socket;
  return {
    sendText: send,
    sendBinary,
    close: (code) => socket.close(code),
    every: (firstInMs, intervalMs, run) =>
      socket.setTimeout(() => {
        socket.setInterval(run, intervalMs);
        run();
      }, firstInMs),
    onMessage: (take) => socket.on("message", take),
    onBinary: (take) => socket.on("binaryMessage", take),
    onError: (take) => socket.on("error", (error) => take(String(error))),
    onClose: (take) => socket.on("close", take),
  };
}

/** Makes the k6 metrics, by name: one for each metric, and a Counter of its samples that a threshold may gate. */
export const makeMetrics = () => loadMetrics().makeMetrics({ Counter, Rate, Trend });

/**
 * Makes texts that all callers share; `make` runs once per run. k6 keeps an element of a SharedArray as JSON, and hands it over
 * parsed by the `JSON.parse` that it finds when a caller makes the array. Parsing copies, and costs a twentieth of a caller's
 * CPU where it is done for all speech. So the array finds `String` there, which returns the JSON itself without a copy.
 */
export function makeSharedTexts(name: string, make: () => readonly string[]): TextAt {
  const { parse } = JSON;
  const makeParsed = () => {
    JSON.parse = parse;
    const texts = make();
    JSON.parse = String;
    return [...texts];
  };
  let array: readonly string[];
  try {
    JSON.parse = String;
    array = new SharedArray(name, makeParsed);
  } finally {
    JSON.parse = parse;
  }
  return textReader(array);
}

/** The files that k6 lets a script read, by their path from the script; null where a file cannot be read. */
export function scriptFiles(): ScriptFiles {
  const tried = <T>(read: () => T): T | null => {
    try {
      return read();
    } catch {
      return null;
    }
  };
  // k6 has no way to look at a folder, so the text of its error says what is there.
  const kind = (path: string) => {
    try {
      open(path, "b");
      return "file";
    } catch (error) {
      if (String(error).includes("can't be used with directories")) return "folder";
      return /no such file|cannot find the/.test(String(error)) ? "missing" : "unknown";
    }
  };
  return { text: (path) => tried(() => open(path)), bytes: (path) => tried(() => open(path, "b")), kind };
}
