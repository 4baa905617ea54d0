import { createServer, type IncomingMessage } from "node:http";
import { type AddressInfo, connect, createServer as createTcpServer, type Socket } from "node:net";

import { afterEach, describe, expect, it } from "vitest";

import { httpGet } from "./http_get.ts";
import { ignoredProxy, openTunnel, ProxyRefusal, proxyFor } from "./proxy.ts";

const P = "http://proxy:3128";

/** The host of the proxy for a URL; null for none. */
const hostFor = (url: string, env: Record<string, string>) => proxyFor(new URL(url), env)?.url.host ?? null;

describe("the proxy of k6", () => {
  it.each([
    ["ws://agent:8010/x", { HTTP_PROXY: P }, "proxy:3128"],
    ["ws://agent:8010/x", { http_proxy: P }, "proxy:3128"],
    ["ws://agent:8010/x", { HTTP_PROXY: "proxy:3128" }, "proxy:3128"],
    ["wss://agent/x", { HTTPS_PROXY: P }, "proxy:3128"],
    ["wss://agent/x", { https_proxy: P }, "proxy:3128"],
    ["wss://agent/x", { HTTP_PROXY: P }, null],
    ["ws://agent/x", { HTTPS_PROXY: P }, null],
    ["wss://agent/x", { ALL_PROXY: P, all_proxy: P }, null],
    ["ws://agent/x", { HTTP_PROXY: "", http_proxy: "other:1" }, "other:1"],
    ["ws://localhost:8010/x", { HTTP_PROXY: P }, null],
    ["ws://127.0.0.2:8010/x", { HTTP_PROXY: P }, null],
    ["ws://[::1]:8010/x", { HTTP_PROXY: P }, null],
  ])("for %s with %j is %s", (url, env, host) => {
    expect(hostFor(url, env as Record<string, string>)).toBe(host);
  });

  it.each([
    ["*", false],
    ["agent.corp", false],
    [".corp", false],
    ["*.corp", false],
    ["corp", false],
    ["AGENT.CORP", false],
    [" other , agent.corp", false],
    ["agent.corp:8010", false],
    ["agent.corp:80", true],
    ["gent.corp", true],
    [".agent.corp", true],
    ["*.agent.corp", true],
    ["", true],
    [",", true],
  ])("with NO_PROXY=%s is taken for agent.corp:8010: %s", (noProxy, isTaken) => {
    expect(hostFor("ws://agent.corp:8010/x", { HTTP_PROXY: P, NO_PROXY: noProxy }) !== null).toBe(isTaken);
    expect(hostFor("ws://agent.corp:8010/x", { HTTP_PROXY: P, no_proxy: noProxy }) !== null).toBe(isTaken);
  });

  it.each([
    ["ws://10.1.2.3/x", "10.0.0.0/8", false],
    ["ws://10.1.2.3/x", "10.1.2.3", false],
    ["ws://10.1.2.3:8010/x", "10.1.2.3:8010", false],
    ["ws://10.1.2.3:8010/x", "10.1.2.3:80", true],
    ["ws://11.1.2.3/x", "10.0.0.0/8", true],
    ["ws://10.1.2.3/x", "10.0.0.0/64", true],
    ["ws://[fd00::5]/x", "fd00::/8", false],
    ["ws://[fd00::5]:8010/x", "[fd00::5]:8010", false],
    ["ws://[fd00::5]/x", "fd00::5", false],
    ["ws://[fd00::5]/x", "[fd00::5]", true],
    ["ws://agent/x", "10.0.0.0/8", true],
  ])("for %s with NO_PROXY=%s is taken: %s", (url, noProxy, isTaken) => {
    expect(hostFor(url, { HTTP_PROXY: P, NO_PROXY: noProxy }) !== null).toBe(isTaken);
  });

  // What Go 1.26 makes of them, printed by its parseProxy.
  it.each([
    ["http://user:100%@proxy:3128", "ignored"],
    ["http://%zz", "ignored"],
    [" http://proxy:3128", "ignored"],
    ["http://proxy:3128/%zz", "ignored"],
    ["http://proxy:3128/#%zz", "ignored"],
    ["http://proxy:3128\n", "ignored"],
    ["http://user:a^b@proxy:3128", "unusable"],
    ["http://user:a|b@proxy:3128", "unusable"],
    ["http://user:a{b@proxy:3128", "unusable"],
    ["http://user:a b@proxy:3128", "unusable"],
    ["http://user:a\\b@proxy:3128", "unusable"],
    ["http://user:a/b@proxy:3128", "unusable"],
    ["http://user:a#b@proxy:3128", "unusable"],
    ["http://user:a?b@proxy:3128", "unusable"],
    ["http://user:\u00e4@proxy:3128", "unusable"],
    ["user:a^b@proxy:3128", "unusable"],
    ["user:100%@proxy:3128", "unusable"],
    ["http://", "unusable"],
    ["http:/proxy:3128", "unusable"],
    ["http:proxy:3128", "unusable"],
    ["http://proxy:3128 ", "unusable"],
    ["proxy:3128 ", "unusable"],
    ["//proxy:3128", "unusable"],
    ["http://proxy:", "unusable"],
    ["http://proxy:port", "unusable"],
    ["http://[fd00::1", "unusable"],
    ["http://fd00::1:3128", "unusable"],
    ["http://user:a@b@proxy:3128", "proxy:3128"],
    ["http://user:a%5Eb@proxy:3128", "proxy:3128"],
    ["http://user:!$&'()*+,;=~@proxy:3128", "proxy:3128"],
    ["user:pw@proxy:3128", "proxy:3128"],
    ["10.0.0.1:3128", "10.0.0.1:3128"],
    ["http://[fd00::1]:3128", "[fd00::1]:3128"],
    ["[fd00::1]:3128", "[fd00::1]:3128"],
    ["socks5://u:p@proxy:1080", "proxy:1080"],
    ["http://proxy:3128/?%zz", "proxy:3128"],
    ["HTTP://proxy:3128", "proxy:3128"],
  ])("read from %j is %s, as in Go", (value, expected) => {
    const env = { HTTP_PROXY: value };
    const isIgnored = ignoredProxy(new URL("ws://agent/x"), env) !== null;
    if (expected === "unusable") expect(() => hostFor("ws://agent/x", env)).toThrow(/^HTTP_PROXY: expected a URL/);
    else expect(hostFor("ws://agent/x", env)).toBe(expected === "ignored" ? null : expected);
    expect(isIgnored).toBe(expected === "ignored");
    expect(hostFor("ws://localhost/x", env)).toBeNull();
  });

  it("is named, and its value is not, where k6 ignores it or cannot use it", () => {
    const remark = ignoredProxy(new URL("wss://agent/x"), { https_proxy: "http://user:SECRET%@proxy:3128" });
    expect(remark).toMatch(/^k6 ignores https_proxy: expected a URL .*percent-encode the password$/);
    const dial = () => hostFor("wss://agent/x", { https_proxy: "http://user:SECRET^@proxy:3128" });
    expect(dial).toThrow(/^https_proxy: expected a URL/);
    expect(remark).not.toContain("SECRET");
    expect(dial).toThrow(expect.objectContaining({ message: expect.not.stringContaining("SECRET") }));
  });

  it("is refused for http in a CGI environment, as by Go", () => {
    expect(() => hostFor("ws://agent/x", { HTTP_PROXY: P, REQUEST_METHOD: "GET" })).toThrow("CGI");
    expect(hostFor("wss://agent/x", { HTTPS_PROXY: P, REQUEST_METHOD: "GET" })).toBe("proxy:3128");
  });
});

describe("a tunnel through a proxy", () => {
  const closers: (() => void)[] = [];
  afterEach(() => {
    for (const close of closers.splice(0)) close();
  });

  /** Starts a proxy that answers CONNECT with a status line, or with a tunnel to a port; resolves with its URL. */
  async function proxyServer(
    answer: string | { readonly tunnelTo: number },
    seen: (request: IncomingMessage) => void = () => {},
  ): Promise<URL> {
    const server = createServer().on("connect", (request: IncomingMessage, socket: Socket) => {
      seen(request);
      if (typeof answer === "string") return socket.end(`HTTP/1.1 ${answer}\r\nContent-Length: 0\r\n\r\n`);
      const agent = connect(answer.tunnelTo, "127.0.0.1", () => {
        socket.write("HTTP/1.1 200 Connection established\r\n\r\n");
        agent.pipe(socket).pipe(agent);
      });
      socket.on("error", () => agent.destroy());
      return agent;
    });
    await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
    closers.push(() => server.close());
    return new URL(`http://user:p%40ss@127.0.0.1:${(server.address() as AddressInfo).port}`);
  }

  const through = (url: URL) => openTunnel({ url, variable: "HTTP_PROXY" }, "agent.corp", 8010, 5000);

  it("names the agent's host and port, and the credentials of the proxy's URL", async () => {
    let asked: (string | undefined)[] = [];
    const echo = createTcpServer((socket) => socket.end("hello"));
    await new Promise<void>((done) => echo.listen(0, "127.0.0.1", done));
    closers.push(() => echo.close());
    const url = await proxyServer({ tunnelTo: (echo.address() as AddressInfo).port }, (request) => {
      asked = [request.url, request.headers["proxy-authorization"]];
    });
    const socket = await through(url);
    const said = await new Promise((done) => socket.once("data", (data) => done(String(data))));
    socket.destroy();
    expect(said).toBe("hello");
    expect(asked).toEqual(["agent.corp:8010", `Basic ${Buffer.from("user:p@ss").toString("base64")}`]);
  });

  it("sends the bytes of a password that is no UTF-8", async () => {
    let sent: string | undefined;
    const url = await proxyServer("407 No", (request) => {
      sent = request.headers["proxy-authorization"];
    });
    url.password = "%FF%C3";
    await expect(through(url)).rejects.toThrow("No");
    expect(sent).toBe(`Basic ${Buffer.from("user:\xff\xc3", "latin1").toString("base64")}`);
  });

  it.each([
    [407, "Proxy Authentication Required"],
    [403, "Forbidden Port"],
    [502, "Bad Gateway"],
  ])("fails with the status %i and the words of the proxy", async (status, phrase) => {
    const failed = await through(await proxyServer(`${status} ${phrase}`)).catch((error: unknown) => error);
    expect(failed).toBeInstanceOf(ProxyRefusal);
    expect(failed).toMatchObject({ status, message: phrase });
  });

  it("cannot be opened through a proxy that k6 does not know", async () => {
    await expect(through(new URL("https://proxy:1"))).rejects.toThrow("proxy: unknown scheme: https");
  });

  it("carries a GET to a host that only the proxy can reach, and follows its redirect", async () => {
    const seen: (string | undefined)[] = [];
    const origin = createServer((request, response) => {
      seen.push(request.headers.host);
      if (request.url === "/file") response.writeHead(302, { Location: "http://files.corp/real" }).end();
      else response.end("the file");
    });
    await new Promise<void>((done) => origin.listen(0, "127.0.0.1", done));
    closers.push(() => origin.close());
    const proxy = await proxyServer({ tunnelTo: (origin.address() as AddressInfo).port });
    const { body, status } = await httpGet("http://releases.corp/file", {
      timeoutMs: 5000,
      env: { HTTP_PROXY: proxy.href },
    });
    expect([status, String(body)]).toEqual([200, "the file"]);
    expect(seen).toEqual(["releases.corp", "files.corp"]);
  });
});
