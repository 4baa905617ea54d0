import { mkdtemp, readdir, readFile } from "node:fs/promises";
import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { WebSocketServer } from "ws";

import { ensureK6 } from "../run/k6.ts";
import { type ProcessResult, runCommand } from "./load.ts";
import { COMMANDS, SHORT_AUDIO } from "./setup.ts";

/** Credentials, one for each place that takes one; `%40` and `%2B` are the characters `@` and `+`. */
const SECRETS = [
  "USER-11",
  "p%40SS-22",
  "p@SS-22",
  "SEGMENT-33",
  "QUERY%2B44",
  "QUERY+44",
  "FRAGMENT-55",
  "HEADER-66",
  "TAG-77",
];

const BASIC = Buffer.from("USER-11:p@SS-22").toString("base64");

const LOAD = { USERS: "1", TIME: "7s", GREETING_TIMEOUT_SEC: "0", TURNS_PER_USER: "2", PCM_DIR: SHORT_AUDIO };
const HEADERS = { WS_HEADERS: '{"X-Key":"Bearer HEADER-66"}' };
const PATH = "/ws/SEGMENT-33?api-key=QUERY%2B44#FRAGMENT-55";

/** An agent that quotes the credentials of a call: it refuses those below /ws/, and sends errors to all others. */
const quoted = ({ headers, url }: IncomingMessage) =>
  `${url} ${decodeURIComponent(url ?? "")} ${headers.authorization ?? ""} ${headers["x-key"] ?? ""}`;
const server = createServer((request, response) => response.end(`Cannot GET ${quoted(request)}`));
const sockets = new WebSocketServer({ noServer: true });
server.on("upgrade", (request, socket, head) => {
  if (!request.url?.startsWith("/ws/")) {
    sockets.handleUpgrade(request, socket, head, (call) => {
      const errorData = { code: `at_${request.url?.slice(-30)}`, message: quoted(request) };
      let frames = 0;
      call.on("message", () => {
        frames += 1;
        if (frames === 50) call.send(JSON.stringify({ kind: "ErrorData", errorData }));
        if (frames === 100) call.close(1011, `Failed: ${quoted(request)}`.slice(0, 120));
      });
    });
    return;
  }
  const body = `Cannot GET ${quoted(request)}`;
  socket.end(`HTTP/1.1 404 X\r\nContent-Length: ${Buffer.byteLength(body)}\r\nConnection: close\r\n\r\n${body}`);
});

let host = "";

beforeAll(async () => {
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
});

afterAll(() => {
  for (const call of sockets.clients) call.terminate();
  server.closeAllConnections();
  server.close();
});

/** Fails for a credential that the command printed, or wrote into a file of the folder. */
async function expectNoSecret({ output }: ProcessResult, folder: string | null): Promise<void> {
  const names = folder === null ? [] : await readdir(folder);
  const files = await Promise.all(names.map(async (name) => [name, await readFile(join(folder ?? "", name), "utf8")]));
  for (const [name = "", text = ""] of [["terminal", output], ...files]) {
    const found = [...SECRETS, BASIC].filter((secret) => text.includes(secret));
    expect(found, `${name}\n${text.slice(0, 4000)}`).toEqual([]);
  }
}

const TARGETS = (): readonly (readonly [string, Record<string, string>])[] => [
  ["WS_PATH of an agent that refuses the call", { HOST: host, WS_PATH: PATH }],
  ["WS_URL with user info", { WS_URL: `ws://USER-11:p%40SS-22@${host}${PATH}` }],
  ["WS_URL of an agent that reports errors", { WS_URL: `ws://USER-11:p%40SS-22@${host}/call?api-key=QUERY%2B44` }],
];

describe("the credentials in a URL and in headers", () => {
  it("are in no file of a run and not on its terminal, whatever the agent quotes and k6 prints", async () => {
    for (const [name, target] of TARGETS()) {
      const folder = await mkdtemp(join(tmpdir(), "secrets-"));
      const args = [...COMMANDS.run, "--into", folder, "acs_media", "--verbose", "--tag", "token=TAG-77"];
      const result = await runCommand(process.execPath, args, { ...LOAD, ...HEADERS, ...target });
      expect(await readdir(folder), name).toContain("report.html");
      expect(await readFile(join(folder, "log.jsonl"), "utf8"), name).toMatch(/http_404|server_error:at_.*\*\*\*/);
      await expectNoSecret(result, folder);
    }
  });

  it("are not on the terminal of make call and make doctor, transcripts included", async () => {
    for (const script of ["scripts/call.ts", "scripts/doctor.ts"]) {
      for (const [name, target] of TARGETS()) {
        const env = { ...LOAD, ...HEADERS, ...target, TRANSCRIPTS: "true" };
        const result = await runCommand(process.execPath, ["--import", "tsx", script, "acs_media"], env);
        expect(result.output, name).toMatch(/dials|upgrade/);
        await expectNoSecret(result, null);
      }
    }
  });

  it("are not on the terminal of a plain k6 run", async () => {
    const { path } = await ensureK6();
    const folder = await mkdtemp(join(tmpdir(), "secrets-"));
    const settings = { ...LOAD, ...HEADERS, HOST: host, WS_PATH: PATH, RESULTS_DIR: folder, TURN_LOG: "true" };
    const env = Object.entries(settings).flatMap(([name, value]) => ["-e", `${name}=${value}`]);
    const result = await runCommand(path, ["run", "--quiet", "-v", ...env, "dist/acs_media.js"]);
    expect(result.output).toContain("http_404");
    await expectNoSecret(result, folder);
  });

  it.each([
    { WS_URL: "http://USER-11:p%40SS-22@localhost/SEGMENT-33?api-key=QUERY%2B44" },
    { WS_URL: "ws://USER-11:p%40SS-22@localhost:99999/SEGMENT-33" },
    { WS_URL: "ws://localhost/%zzSEGMENT-33" },
    { HOST: "USER-11:p%40SS-22@localhost:1" },
    { WS_PATH: "ws/SEGMENT-33?api-key=QUERY%2B44" },
    { WS_HEADERS: "Authorization: HEADER-66" },
    { WS_HEADERS: '{"Authorization: HEADER-66":""}' },
  ])("are not in the problem that %j is refused with", async (target) => {
    const result = await runCommand(process.execPath, [...COMMANDS.run, "acs_media"], { ...LOAD, ...target });
    expect([result.exitCode, result.output]).toEqual([107, expect.stringMatching(/^(WS_|HOST)\w*: expected /)]);
    await expectNoSecret(result, null);
  });
});
