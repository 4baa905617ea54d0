import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { generate } from "selfsigned";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { ensureK6 } from "../run/k6.ts";
import type { SimulatorProcess } from "../run/simulator_process.ts";
import { runCommand, runUntilValid, startSimulator } from "./load.ts";
import { SHORT_AUDIO } from "./setup.ts";

const DAY_MS = 86_400_000;
const QUICK = ["--silence-ms", "300", "--stt-ms", "300", "--llm-ms", "100", "--tts-ms", "100", "--reply-ms", "2500"];

const folder = mkdtempSync(join(tmpdir(), "tls-"));
const simulators: SimulatorProcess[] = [];
let k6 = "";
let authority = "";
let issue: (name: string, host: string, expired?: boolean) => Promise<string>;

beforeAll(async () => {
  k6 = (await ensureK6()).path;
  const ca = await generate([{ name: "commonName", value: "Private CA" }], {
    keySize: 2048,
    extensions: [
      { name: "basicConstraints", cA: true, critical: true },
      { name: "keyUsage", keyCertSign: true, cRLSign: true, critical: true },
    ],
  });
  authority = join(folder, "ca.pem");
  writeFileSync(authority, ca.cert);
  issue = async (name, host, expired = false) => {
    const altName = host === "127.0.0.1" ? ({ type: 7, ip: host } as const) : ({ type: 2, value: host } as const);
    const signed = await generate([{ name: "commonName", value: host }], {
      keySize: 2048,
      ...(name !== "selfsigned" && { ca: { key: ca.private, cert: ca.cert } }),
      notBeforeDate: new Date(Date.now() - 3 * DAY_MS),
      notAfterDate: new Date(Date.now() + (expired ? -DAY_MS : DAY_MS)),
      extensions: [{ name: "subjectAltName", altNames: [altName] }],
    });
    const [cert, key] = [join(folder, `${name}.pem`), join(folder, `${name}.key`)];
    writeFileSync(cert, signed.cert);
    writeFileSync(key, signed.private);
    const simulator = await startSimulator([...QUICK, "--tls-cert", cert, "--tls-key", key]);
    simulators.push(simulator);
    return `wss://${simulator.host}/api/v1/media/stream`;
  };
});

afterAll(async () => {
  for (const simulator of simulators.splice(0)) await simulator.stop();
});

/** Runs k6 against a wss URL; with `trustsCa` k6 trusts the private CA. */
async function callOverTls(
  url: string,
  trustsCa: boolean,
  flags: string[] = [],
  settings: Record<string, string> = {},
) {
  const env = { WS_URL: url, USERS: "1", TIME: "9s", TURNS_PER_USER: "2", PCM_DIR: join(process.cwd(), SHORT_AUDIO) };
  const args = Object.entries({ ...env, ...settings }).flatMap(([name, value]) => ["-e", `${name}=${value}`]);
  const ca = trustsCa ? { SSL_CERT_FILE: authority } : {};
  return runUntilValid(() => runCommand(k6, ["run", "--quiet", ...flags, ...args, "dist/acs_media.js"], ca));
}

describe.concurrent("over wss, a certificate", () => {
  it("of a private CA is accepted only where SSL_CERT_FILE trusts the CA", async () => {
    const url = await issue("valid", "127.0.0.1");
    const trusted = await callOverTls(url, true);
    expect(trusted.exitCode, trusted.output).toBe(0);
    const untrusted = await callOverTls(url, false, [], { WS_MAX_SSL_FAILS: "2" });
    expect(untrusted.exitCode, untrusted.output).toBe(99);
    expect(untrusted.output).toMatch(/2 x ws\/error\/tls: .* failed the TLS handshake: is its certificate valid/);
    expect(untrusted.output).toContain("all 1 callers gave up");
  });

  it("of a private CA is accepted by make doctor too only where SSL_CERT_FILE trusts the CA", async () => {
    const url = await issue("doctored", "127.0.0.1");
    const doctor = (ca: Record<string, string>) =>
      runCommand(process.execPath, ["--import", "tsx", "scripts/doctor.ts", "acs_media"], {
        WS_URL: url,
        PCM_DIR: SHORT_AUDIO,
        ...ca,
      });
    const trusted = await doctor({ SSL_CERT_FILE: authority });
    expect(trusted.output).toMatch(/^ok {4}TLS .*\nok {4}upgrade/m);
    const untrusted = await doctor({});
    expect(untrusted.output).toMatch(/^FAIL {2}TLS .*\n +-> trust its authority with SSL_CERT_FILE=ca.pem/m);
  });

  it.each([
    ["that has expired", "expired", "127.0.0.1", true],
    ["of another host", "elsewhere", "agent.example.com", false],
    ["that is self-signed", "selfsigned", "127.0.0.1", false],
  ])("%s fails the gate with ws/error/tls", async (_, name, host, expired) => {
    const { exitCode, output } = await callOverTls(await issue(name, host, expired), true, [], {
      WS_MAX_SSL_FAILS: "1",
    });
    expect(exitCode, output).toBe(99);
    expect(output).toMatch(/1 x ws\/error\/tls/);
  });

  it("that is not verified causes a note in capitals", async () => {
    const url = await issue("unverified", "agent.example.com", true);
    const { exitCode, output } = await callOverTls(url, false, ["--insecure-skip-tls-verify"]);
    expect(exitCode, output).toBe(0);
    expect(output).toMatch(/^note {2}TLS CERTIFICATES WERE NOT VERIFIED/m);
  });
});
