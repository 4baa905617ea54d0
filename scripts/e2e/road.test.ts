import { once } from "node:events";
import { createServer, type IncomingMessage, type Server } from "node:http";
import { type AddressInfo, connect, type Socket } from "node:net";

import { afterAll, describe, expect, it } from "vitest";
import { WebSocketServer } from "ws";

import { ensureK6 } from "../run/k6.ts";
import { type ProcessResult, runCommand } from "./load.ts";
import { COMMANDS, SHORT_AUDIO } from "./setup.ts";

const servers: Server[] = [];
afterAll(() => {
  for (const server of servers) server.close();
});

/** Starts a server; resolves with its port. */
async function listen(server: Server): Promise<number> {
  servers.push(server);
  await once(server.listen(0, "127.0.0.1"), "listening");
  return (server.address() as AddressInfo).port;
}

/** A server that answers every upgrade with a status and headers. */
function answering(status: number, headers = ""): Server {
  return createServer((_, response) => response.end("{}")).on("upgrade", (_, socket) =>
    socket.end(`HTTP/1.1 ${status} X\r\n${headers}Content-Length: 4\r\nConnection: close\r\n\r\nbody`),
  );
}

/** An agent that takes a call only with a sub-protocol, names that protocol in its answer, and closes the call with 4500. */
function agentWithProtocol(protocol: string): Server {
  const sockets = new WebSocketServer({ noServer: true, handleProtocols: () => protocol });
  sockets.on("connection", (socket) => setTimeout(() => socket.close(4500), 200));
  return createServer((_, response) => response.end("{}")).on("upgrade", (request, socket, head) => {
    if (request.headers["sec-websocket-protocol"] !== protocol) socket.end("HTTP/1.1 400 X\r\n\r\n");
    else sockets.handleUpgrade(request, socket, head, (ws) => sockets.emit("connection", ws));
  });
}

/**
 * An address that no host has (RFC 5737), and no loopback address, because none of those goes through a proxy: what is
 * dialled there is seen by the proxy only.
 */
const BEHIND_PROXY = "192.0.2.1";

/** A proxy that answers CONNECT with a status line, or opens the tunnel: to this machine, whatever the address. */
function proxyThat(answer: string | null): Server {
  return createServer().on("connect", ({ url = "" }: IncomingMessage, socket: Socket) => {
    socket.on("error", () => {});
    if (answer !== null) return socket.end(`HTTP/1.1 ${answer}\r\nContent-Length: 0\r\n\r\n`);
    const agent = connect(Number(new URL(`http://${url}`).port), "127.0.0.1", () => {
      socket.write("HTTP/1.1 200 OK\r\n\r\n");
      agent.pipe(socket).pipe(agent);
    });
    return agent.on("error", () => socket.destroy());
  });
}

type Env = Readonly<Record<string, string>>;

const QUICK: Env = { PCM_DIR: SHORT_AUDIO, USERS: "1", TIME: "7s", TURNS_PER_USER: "1", GREETING_TIMEOUT_SEC: "0" };

/** Takes the three roads to an agent: make doctor, make call and a plain k6 run. */
async function threeRoads(env: Env): Promise<Readonly<Record<"doctor" | "call" | "run", ProcessResult>>> {
  const { path } = await ensureK6();
  const script = (name: string) =>
    runCommand(process.execPath, ["--import", "tsx", `scripts/${name}.ts`, "acs_media"], { ...QUICK, ...env });
  const run = runCommand(process.execPath, [...COMMANDS.run, "acs_media"], { ...QUICK, ...env, K6: path });
  const [doctor, call, ran] = await Promise.all([script("doctor"), script("call"), run]);
  return { doctor, call, run: ran };
}

describe.concurrent("make doctor, make call and a run say the same of", () => {
  it.each([
    [
      301,
      "Location: https://127.0.0.1:9443/x\r\n",
      /301 to https:\/\/127.0.0.1:9443\/x; say HOST=wss:\/\/127.0.0.1:9443/,
    ],
    [
      302,
      "Location: https://login.example/?token=SECRET\r\n",
      /302, a redirect to https:\/\/login.example\/\?token=\*\*\*/,
    ],
    [426, "", /with 426: .*Upgrade and Connection/],
  ])("an upgrade that is answered with %i", async (status, headers, words) => {
    const port = await listen(answering(status, headers));
    const roads = await threeRoads({ HOST: `ws://127.0.0.1:${port}` });
    for (const { output } of Object.values(roads)) {
      expect(output).toMatch(words);
      expect(output).not.toContain("SECRET");
    }
    expect(Object.values(roads).map(({ exitCode }) => exitCode)).toEqual([1, 1, 99]);
  });

  it("a sub-protocol in WS_HEADERS", async () => {
    const port = await listen(agentWithProtocol("realtime"));
    const roads = await threeRoads({
      HOST: `127.0.0.1:${port}`,
      WS_HEADERS: '{"Sec-WebSocket-Protocol":"realtime","Cookie":"a=b","Host":"agent"}',
    });
    expect(roads.doctor.output).toMatch(/^ok {4}upgrade/m);
    expect(roads.call.output).toMatch(/closed with 4500/);
    expect(roads.run.output).toMatch(/ws\/close\/4500/);
  });

  it("a header in WS_HEADERS that the client sets itself", async () => {
    const roads = await threeRoads({ HOST: "127.0.0.1:1", WS_HEADERS: '{"Connection":"close"}' });
    for (const { output } of Object.values(roads))
      expect(output).toContain(
        "WS_HEADERS: expected no header that the client itself sets in an upgrade, got Connection",
      );
    expect(Object.values(roads).map(({ exitCode }) => exitCode)).toEqual([1, 1, 107]);
  });
});

describe.concurrent("behind a proxy, make doctor, make call and a run", () => {
  const through = (proxy: number, agent: number): Env => ({
    HTTP_PROXY: `http://user:SECRET@127.0.0.1:${proxy}`,
    NO_PROXY: "",
    no_proxy: "",
    HOST: `ws://${BEHIND_PROXY}:${agent}`,
  });

  it("go through it, and name it without its credentials", async () => {
    const agent = await listen(answering(504));
    const roads = await threeRoads(through(await listen(proxyThat(null)), agent));
    expect(roads.doctor.output).toMatch(/^ok {4}proxy .*\(HTTP_PROXY\) lets calls through to [\d.]+:\d+$/m);
    for (const { output } of Object.values(roads)) {
      expect(output).toMatch(/a gateway answered the upgrade with 504/);
      expect(output).not.toContain("SECRET");
    }
  });

  it.each([
    ["407 Proxy Authentication Required", /not the agent, answered 407: put user:password@/],
    ["403 Forbidden Port", /not the agent, answered 403: it does not allow this host and port/],
  ])("tell what it says as its own: %s", async (answer, words) => {
    const roads = await threeRoads(through(await listen(proxyThat(answer)), 1));
    for (const { output } of Object.values(roads)) expect(output).toMatch(words);
    expect(roads.doctor.output).toMatch(new RegExp(`FAIL {2}proxy .*answered ${answer} to CONNECT`));
  });
});
