import { describe, expect, it } from "vitest";

import { tagValuesOf } from "../metrics/metrics.ts";
import { dialHint } from "./dial_hints.ts";

const FACTS = { url: "ws://agent.example:8010/ws", pathHint: "try /other", connectTimeoutSec: 10 };

describe("the hint for a failed dial", () => {
  it("is there for every kind but `other`", () => {
    const kinds = (tagValuesOf("ws_error") ?? []).filter((kind) => !["other", "http_1xx"].includes(kind));
    expect(kinds.filter((kind) => (dialHint(kind, FACTS) ?? "").length < 20)).toEqual([]);
    expect(dialHint("other", FACTS)).toBeNull();
  });

  it.each([
    ["http_200", /with 200: .*plain HTTP/],
    ["http_405", /with 405: .*WS_PATH/],
    ["http_418", /with 418: /],
    ["http_4xx", /with 4xx: /],
    ["http_426", /with 426: .*Upgrade and Connection/],
    ["http_504", /with 504: the agent behind it/],
    ["proxy_407", /^the proxy .*, not the agent, answered 407: /],
    ["proxy_404", /^the proxy that HTTP_PROXY/],
  ])("%s names the status and whose it is", (kind, text) => {
    expect(dialHint(kind, FACTS)).toMatch(text);
  });

  it.each(["https://agent.example/ws", "https://agent.example:443/ws", "wss://AGENT.example/", "//agent.example/ws"])(
    "a redirect to %s",
    (location) => {
      const isTls = !location.startsWith("//");
      const hint = dialHint("http_301", { ...FACTS, location });
      expect(hint).toContain(location);
      expect(/say HOST=wss:\/\/agent.example/i.test(hint ?? "")).toBe(isTls);
    },
  );

  it.each(["https://login.example/?next=%2F", "/login", "http://agent.example/ws/"])(
    "of a redirect to %s names the target and asks for no TLS",
    (location) => {
      const hint = dialHint("http_302", { ...FACTS, location });
      expect(hint).toContain(`302, a redirect to ${location}`);
      expect(hint).not.toContain("wss://");
    },
  );

  it("of a redirect whose target is not known says where it is", () => {
    expect(dialHint("http_307", FACTS)).toMatch(/307.*\(location\).*HOST=wss:\/\/agent.example$/);
    expect(dialHint("http_3xx", { ...FACTS, url: "wss://agent.example/ws" })).toMatch(/3xx.*login page/);
    expect(dialHint("http_302", { ...FACTS, location: "" })).toMatch(/302.*does not say where to/);
  });

  it.each([
    ["ws://localhost:8010/x", "HOST=[::1]:8010"],
    ["ws://localhost/x", "HOST=[::1]"],
  ])("of a refused dial to %s names the other loopback address", (url, host) => {
    expect(dialHint("refused", { ...FACTS, url })).toMatch(new RegExp(`say ${host.replaceAll(/[[\]]/g, "\\$&")}$`));
    expect(dialHint("refused", FACTS)).not.toContain("::1");
  });
});
