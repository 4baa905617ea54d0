import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, realpathSync, symlinkSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { arch, platform, tmpdir } from "node:os";
import { join, resolve } from "node:path";

import { afterEach, describe, expect, it } from "vitest";

import { runCommand } from "./children.ts";
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

it("k6 is built once where two runs want it at the same time, and both get it", async () => {
  const folder = mkdtempSync(join(tmpdir(), "checkout-"));
  mkdirSync(join(folder, "scripts/k6"), { recursive: true });
  writeFileSync(join(folder, "scripts/k6/go.mod"), readFileSync("scripts/k6/go.mod"));
  symlinkSync(resolve("node_modules"), join(folder, "node_modules"));
  const builds = join(folder, "builds");
  // A Go that counts its builds, whose k6 prints a version, and a k6 on PATH that is too old.
  const go = `#!/bin/sh
[ "$1" = version ] && exit 0
echo build >> "${builds}"
while [ "$1" != -o ]; do shift; done
printf '#!/bin/sh\\necho k6 v2.2.0\\n' > "$2" && chmod +x "$2"
`;
  writeFileSync(join(folder, "go"), go, { mode: 0o755 });
  writeFileSync(join(folder, "k6"), "#!/bin/sh\necho k6 v0.1.0\n", { mode: 0o755 });
  const command = `cd "${folder}" && exec "${process.execPath}" --import tsx "${resolve("scripts/run/k6.ts")}"`;
  const get = () => runCommand("sh", ["-c", command], { PATH: `${folder}:${process.env.PATH}`, K6: "" });
  const both = await Promise.all([get(), get()]);
  expect(both.map(({ exitCode }) => exitCode)).toEqual([0, 0]);
  for (const { output } of both) expect(output.trim().split("\n").at(-1)).toBe(realpathSync(join(folder, ".bin/k6")));
  expect(readFileSync(builds, "utf8")).toBe("build\n");
  expect(readdirSync(join(folder, ".bin"))).toEqual(["k6"]);
});
