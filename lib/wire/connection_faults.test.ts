import { describe, expect, it } from "vitest";
import { closeOf, dialFaults, socketFault } from "./connection_faults.ts";

const URL = "ws://agent.example:8010/ws";

/** A dial that got no HTTP answer. */
const failed = (error: string, url = URL) => dialFaults({ status: 0, error, body: "", url });
const rejected = (status: number, body = "") => dialFaults({ status, error: "", body, url: URL });

describe("a failed dial", () => {
  it.each([
    ["refused", "dial tcp 127.0.0.1:8010: connect: connection refused"],
    ["refused", "connect ECONNREFUSED 127.0.0.1:8010"],
    ["dns", "lookup agent.example on 10.0.0.2:53: no such host"],
    ["dns", "getaddrinfo ENOTFOUND agent.example"],
    ["dns", "getaddrinfo EAI_AGAIN agent.example"],
    ["unreachable", "dial tcp 10.9.9.9:8010: connect: no route to host"],
    ["unreachable", "connect ENETUNREACH 10.9.9.9:8010"],
    ["tls", "tls: failed to verify certificate: x509: certificate has expired"],
    ["tls", "tls: first record does not look like a TLS handshake"],
    ["tls", "Hostname/IP does not match certificate's altnames"],
    ["tls", "write EPROTO 1:error:0A00010B:SSL routines:ssl3_get_record:wrong version number"],
    ["connect_timeout", "dial tcp 10.0.0.1:8010: i/o timeout"],
    ["connect_timeout", "dial tcp 10.0.0.1:8010: connect: connection timed out"],
    ["connect_timeout", "Opening handshake has timed out"],
    ["not_http", 'malformed HTTP response "\\x15\\x03\\x01"'],
    ["not_http", "Parse Error: Expected HTTP/, RTSP/ or ICE/"],
    ["http_101", "Invalid Sec-WebSocket-Accept header"],
    ["reset", "EOF"],
    ["reset", "unexpected EOF"],
    ["reset", "read tcp 10.0.0.1:5->10.0.0.2:8010: read: connection reset by peer"],
    ["reset", "socket hang up"],
    ["other", "websocket: something new"],
  ])("is %s: %s", (kind, error) => {
    expect(failed(error)).toEqual([{ kind: "ws_error", code: kind }]);
  });

  it.each([200, 301, 307, 405, 418, 504])("has the number of the answer %i", (status) => {
    expect(rejected(status)).toEqual([{ kind: "ws_error", code: `http_${status}` }]);
  });

  it("with 429 counts as throttling, of the source that the body names", () => {
    expect(rejected(429)[1]).toMatchObject({ kind: "rate_limit", source: "unknown", code: "http_429" });
    expect(rejected(429, "Speech quota exceeded")[1]).toMatchObject({ source: "speech" });
  });

  it("is no throttling where a page for people has such words and numbers, or is no error", () => {
    expect(rejected(200, "speech quota exceeded")).toHaveLength(1);
    expect(rejected(302, "Please try again in 5 minutes")).toHaveLength(1);
    expect(rejected(503, ' <img width="429">speech')).toHaveLength(1);
    expect(rejected(503, "429 too many requests")).toHaveLength(2);
  });

  it.each(["WebSocket was closed before the connection was established", "Max redirects exceeded"])(
    "is no proxy's where the library says: %s",
    (error) => {
      expect(dialFaults({ status: 0, body: "", error })).toMatchObject([{ code: "other" }]);
    },
  );
});

describe("a dial through a proxy", () => {
  it.each([
    ["proxy_407", "Proxy Authentication Required"],
    ["proxy_403", "Forbidden"],
    ["proxy_403", "Forbidden Port"],
    ["proxy_403", "Filtered"],
    ["proxy_403", "Access violation"],
    ["proxy_502", "Bad Gateway"],
    ["proxy_503", "Service Unavailable"],
    ["proxy_504", "Gateway Time-out"],
    ["proxy_other", "I am in a bad mood"],
    ["proxy_other", "proxy: unknown scheme: https"],
  ])("is %s where the proxy says %s", (kind, phrase) => {
    expect(failed(phrase)).toEqual([{ kind: "ws_error", code: kind }]);
  });

  it.each([
    ["proxy_refused", "dial tcp 10.0.0.3:3128: connect: connection refused"],
    ["proxy_refused", "connect ECONNREFUSED 10.0.0.3:3128"],
    ["proxy_timeout", "dial tcp 10.0.0.3:3128: i/o timeout"],
    ["proxy_dns", "lookup proxy.corp on 10.0.0.2:53: no such host"],
    ["proxy_dns", "getaddrinfo ENOTFOUND proxy.corp"],
  ])("is %s where the error names another host or port than the URL: %s", (kind, error) => {
    expect(failed(error)).toEqual([{ kind: "ws_error", code: kind }]);
  });

  it.each([
    ["ws://10.0.0.1/x", "dial tcp 10.0.0.1:80: connect: connection refused", "refused"],
    ["wss://agent.example", "dial tcp 10.0.0.1:443: connect: connection refused", "refused"],
    ["ws://[::1]:8010/x", "dial tcp [::1]:8010: connect: connection refused", "refused"],
    ["ws://10.0.0.1:3128/x", "dial tcp 10.0.0.3:3128: connect: connection refused", "proxy_refused"],
    ["ws://Agent.Example/x", "lookup agent.example: no such host", "dns"],
  ])("%s: %s is %s", (url, error, kind) => {
    expect(failed(error, url)[0]?.code).toBe(kind);
  });
});

describe("a limit of the load machine", () => {
  it.each([
    ["open_files", "dial tcp 127.0.0.1:8010: socket: too many open files"],
    ["open_files", "lookup agent.example on 10.0.0.2:53: dial udp 10.0.0.2:53: socket: too many open files"],
    ["open_files", "dial tcp 127.0.0.1:8010: socket: too many open files in system"],
    ["open_files", "connect EMFILE 127.0.0.1:8010 - Local (undefined:undefined)"],
    ["local_ports", "dial tcp 127.0.0.1:8010: connect: cannot assign requested address"],
    ["local_ports", "dial tcp 127.0.0.1:8010: connect: can't assign requested address"],
    ["local_ports", "connect EADDRNOTAVAIL 127.0.0.1:8010 - Local (0.0.0.0:0)"],
    ["memory", "dial tcp 127.0.0.1:8010: connect: cannot allocate memory"],
    ["memory", "dial tcp 127.0.0.1:8010: socket: no buffer space available"],
  ])("is %s, and no fault of the agent: %s", (code, error) => {
    expect(failed(error)).toEqual([{ kind: "generator_limit", code }]);
  });

  it("is not what an agent or a proxy says of itself", () => {
    expect(rejected(500, "dial tcp: socket: too many open files")).toEqual([{ kind: "ws_error", code: "http_500" }]);
    expect(failed("Too many open files")).toEqual([{ kind: "ws_error", code: "proxy_other" }]);
    expect(socketFault("websocket: close 1011: too many open files")).toBeNull();
    expect(socketFault("write tcp 1->2: write: no buffer space available")).toMatchObject({ code: "memory" });
  });
});

describe("a socket's error text", () => {
  it.each([
    ["websocket: close 4501: RateLimitExceeded: throttled", { kind: "rate_limit", source: "openai" }],
    [
      "websocket: close 4500: DeploymentNotFound: no such deployment",
      { kind: "server_error", code: "DeploymentNotFound" },
    ],
  ])("%s", (text, fault) => {
    expect(socketFault(text)).toMatchObject(fault);
  });

  it.each([
    "websocket: close 1006 (abnormal closure): unexpected EOF",
    "websocket: close 1013: TTS capacity unavailable",
    "websocket: close 1011",
    "websocket: close 1000 (normal): idle_timeout",
    "websocket: close 1005 (no status)",
    "write tcp 127.0.0.1:1->127.0.0.1:2: write: broken pipe",
  ])("%s is no fault by itself", (text) => {
    expect(socketFault(text)).toBeNull();
  });
});

describe("the end of a connection", () => {
  const BROKEN_PIPE = "write tcp 127.0.0.1:1->127.0.0.1:2: write: broken pipe";
  const RESET = "write tcp 127.0.0.1:1->127.0.0.1:2: write: connection reset by peer";
  const EOF = "websocket: close 1006 (abnormal closure): unexpected EOF";

  it.each([
    ["a reset", 1001, BROKEN_PIPE, 1006, "reset"],
    ["a reset that a write met first", 1006, RESET, 1006, "reset"],
    ["a reset in Node", 1006, "read ECONNRESET", 1006, "reset"],
    [
      "a close code that may not be sent, or any other frame that breaks the protocol",
      1001,
      "websocket: close sent",
      1006,
      "protocol",
    ],
    ["the same in Node", 1006, "Invalid WebSocket frame: invalid status code 1006", 1006, "protocol"],
  ])("%s is no close: 1006, and why", (_, code, error, shown, kind) => {
    expect(closeOf(code, error)).toEqual({ code: shown, fault: { kind: "ws_error", code: kind } });
  });

  it.each([
    ["an agent that is going away", 1001, ""],
    ["an agent that is going away and resets its socket at once", 1001, RESET],
    ["a normal closure whose answer could not be written", 1000, RESET],
    ["an error of the agent whose answer could not be written", 1011, BROKEN_PIPE],
    ["an end without a close frame", 1006, EOF],
    ["a close frame without a code", 1005, "websocket: close 1005 (no status)"],
  ])("%s keeps its code, %i", (_, code, error) => {
    expect(closeOf(code, error)).toEqual({ code });
  });
});
