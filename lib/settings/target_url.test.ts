import { describe, expect, it } from "vitest";

import type { Base64 } from "../wire/codec.ts";
import { readSettings } from "./read_settings.ts";
import { targetHeaders, targetUrl } from "./target_url.ts";

const BASE64: Base64 = {
  encode: (bytes) => Buffer.from(bytes).toString("base64"),
  decode: (text) => new Uint8Array(Buffer.from(text, "base64")).buffer,
};

const settingsOf = (env: Record<string, string>) => readSettings(env).settings;
const basic = (text: string) => `Basic ${Buffer.from(text, "utf8").toString("base64")}`;

describe("a WS_URL with user info and a fragment", () => {
  it("is dialled without them, because k6 dials no such URL", () => {
    const settings = settingsOf({ WS_URL: "ws://u:p%40x@127.0.0.1:8010/x?token=1#k=2" });
    expect(targetUrl(settings, "/p")).toBe("ws://127.0.0.1:8010/x?token=1");
  });

  it.each([
    ["u:p%40x", "u:p@x"],
    ["u", "u:"],
    ["me:p@ss:word", "me:p@ss:word"],
    ["%C3%A4:%00", "ä:\0"],
  ])("sends %s as Basic credentials", (userInfo, credentials) => {
    const settings = settingsOf({ WS_URL: `wss://${userInfo}@host/ws` });
    expect(targetHeaders(settings, BASE64)).toEqual({ Authorization: basic(credentials) });
  });

  it("sends WS_HEADERS instead where they hold an Authorization", () => {
    const settings = settingsOf({ WS_URL: "wss://u:p@host/ws", WS_HEADERS: '{"authorization":"Bearer x"}' });
    expect(targetHeaders(settings, BASE64)).toEqual({ authorization: "Bearer x" });
  });
});

describe("a WS_PATH with a fragment", () => {
  it("is dialled without it", () => {
    expect(targetUrl(settingsOf({ HOST: "localhost:1", WS_PATH: "/q?a=b#c" }), "/p")).toBe("ws://localhost:1/q?a=b");
  });
});
