import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdirSync, mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { arch, platform, tmpdir } from "node:os";
import { join } from "node:path";

import { afterEach, describe, expect, it } from "vitest";

import { downloadK6 } from "./k6.ts";

const cpu = arch() === "x64" ? "amd64" : arch();
const name = `k6-v2.2.0-${platform() === "darwin" ? "macos" : platform()}-${cpu}`;
const closers: (() => void)[] = [];

afterEach(() => {
  for (const close of closers.splice(0)) close();
});

/** Starts a release server with the archive of a fake k6 that prints its version, and the list of checksums. */
async function releaseServer(sumOf: (archive: Buffer) => string): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), "release-"));
  mkdirSync(join(folder, name));
  writeFileSync(join(folder, name, "k6"), "#!/bin/sh\necho k6 v2.2.0\n", { mode: 0o755 });
  execFileSync("tar", ["-czf", join(folder, "archive"), "-C", folder, name]);
  const archive = readFileSync(join(folder, "archive"));
  const server = createServer((request, response) => {
    if (request.url === "/v2.2.0/k6-v2.2.0-checksums.txt")
      response.end(`${"0".repeat(64)}  other.zip\n${sumOf(archive)}  ${name}.tar.gz\n`);
    else if (request.url === `/v2.2.0/${name}.tar.gz`) response.end(archive);
    else response.writeHead(404).end();
  });
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  closers.push(() => server.close());
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

const targetPath = () => join(mkdtempSync(join(tmpdir(), "bin-")), ".bin", "k6");

describe.skipIf(platform() !== "linux")("k6 from its releases", () => {
  it("is installed when its SHA-256 is the published one, and can be run", async () => {
    const path = targetPath();
    await downloadK6(
      "2.2.0",
      path,
      await releaseServer((archive) => createHash("sha256").update(archive).digest("hex")),
    );
    expect(execFileSync(path, ["version"], { encoding: "utf8" })).toBe("k6 v2.2.0\n");
  });

  it("is rejected when its SHA-256 is another, and leaves no file behind", async () => {
    const path = targetPath();
    await expect(downloadK6("2.2.0", path, await releaseServer(() => "f".repeat(64)))).rejects.toThrow(
      `expected SHA-256 ${"f".repeat(64)}, got `,
    );
    expect(() => readFileSync(path)).toThrow("ENOENT");
  });

  it("is missing: the error names the file", async () => {
    await expect(downloadK6("9.9.9", targetPath(), await releaseServer(() => ""))).rejects.toThrow(
      "k6-v9.9.9-checksums.txt: expected 200, got 404",
    );
  });
});
