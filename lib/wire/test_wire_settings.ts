/** What tests of codecs and dials give to wires. */

import type { DialOptions, WireSettings } from "./codec.ts";

/** The defaults of the settings of single wires. */
export const WIRE_SETTINGS: WireSettings = {
  accountSid: `AC${"0".repeat(32)}`,
  authToken: "",
  streamParameters: {},
  api: "openai",
  apiKey: "",
  apiVersion: "",
  model: "gpt-realtime",
  session: "",
  asksForGreeting: false,
  toolOutput: "{}",
};

/** A dial of the call `S` to `ws://a/b`. */
export const DIAL: DialOptions = {
  url: "ws://a/b",
  callId: "S",
  pipeline: "cascade",
  wireSettings: WIRE_SETTINGS,
  hmacSha1: (key, text) => `${text} signed with ${key}`,
};
