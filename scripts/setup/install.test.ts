import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";

import { afterEach, describe, expect, it } from "vitest";

import { runCommand } from "../run/children.ts";
import { missingPackage } from "./install.js";

const closers: (() => void)[] = [];

afterEach(() => {
  for (const close of closers.splice(0)) close();
});

const LINUX = { platform: "linux", arch: "x64", libc: "glibc", node: "20.11.0" };

/** Packages of a lock file: one that every machine needs, and the binaries of three platforms. */
const PACKAGES = {
  "node_modules/a": { version: "1.0.0", integrity: "sha512-a", dev: true },
  "node_modules/a-linux": { version: "1.0.0", dev: true, optional: true, os: ["linux"], cpu: ["x64"] },
  "node_modules/a-darwin": { version: "1.0.0", dev: true, optional: true, os: ["darwin"], cpu: ["arm64"] },
  "node_modules/a-musl": { version: "1.0.0", dev: true, optional: true, os: ["linux"], cpu: ["x64"], libc: ["musl"] },
  "node_modules/a-new": {
    version: "1.0.0",
    optional: true,
    os: ["linux"],
    cpu: ["x64"],
    engines: { node: "^20.19.0 || >=22.12.0" },
  },
};

type Packages = Readonly<Record<string, object>>;

/** A project with these pinned packages, and these installed. */
function project(pinned: Packages, installed: Packages): string {
  const folder = mkdtempSync(join(tmpdir(), "project-"));
  const lock = { name: "p", version: "1.0.0", lockfileVersion: 3, requires: true };
  const root = { name: "p", version: "1.0.0", devDependencies: { a: "1.0.0" } };
  writeFileSync(join(folder, "package.json"), JSON.stringify(root));
  writeFileSync(join(folder, "package-lock.json"), JSON.stringify({ ...lock, packages: { "": root, ...pinned } }));
  mkdirSync(join(folder, "node_modules"));
  for (const path of Object.keys(installed)) mkdirSync(join(folder, path));
  writeFileSync(join(folder, "node_modules/.package-lock.json"), JSON.stringify({ ...lock, packages: installed }));
  return folder;
}

function pick(...names: (keyof typeof PACKAGES)[]): Packages {
  return Object.fromEntries(names.map((name) => [name, PACKAGES[name]]));
}

describe("what is installed", () => {
  const whole = pick("node_modules/a", "node_modules/a-linux");

  it("is complete with the packages of this platform, whatever the times of the files", () => {
    const folder = project(PACKAGES, whole);
    expect(missingPackage(folder, LINUX)).toBeNull();
    utimesSync(join(folder, "package-lock.json"), new Date(), new Date(Date.now() + 1e6));
    expect(missingPackage(folder, LINUX)).toBeNull();
  });

  it("is not complete without node_modules, without npm's list, and without a package", () => {
    for (const path of ["node_modules", "node_modules/.package-lock.json", "node_modules/a"]) {
      const folder = project(PACKAGES, whole);
      rmSync(join(folder, path), { recursive: true });
      expect(missingPackage(folder, LINUX)).toEqual({ why: "node_modules/a 1.0.0 is missing", foreign: false });
    }
  });

  it("is not complete where the lock pins another version or other bytes", () => {
    for (const change of [{ version: "1.0.1" }, { integrity: "sha512-b" }]) {
      const pinned = { ...PACKAGES, "node_modules/a": { ...PACKAGES["node_modules/a"], ...change } };
      expect(missingPackage(project(pinned, whole), LINUX)).toMatchObject({ foreign: false });
    }
  });

  it("is of another platform where it has that one's binaries", () => {
    const onMac = project(PACKAGES, pick("node_modules/a", "node_modules/a-darwin"));
    expect(missingPackage(onMac, LINUX)).toEqual({ why: "its packages are of darwin-arm64", foreign: true });
    expect(missingPackage(onMac, { ...LINUX, platform: "darwin", arch: "arm64" })).toBeNull();
  });

  it("lacks a binary where Node or the C library is another than when it was installed", () => {
    const folder = project(PACKAGES, whole);
    for (const node of ["20.18.3", "21.9.0", "22.11.0"]) expect(missingPackage(folder, { ...LINUX, node })).toBeNull();
    for (const node of ["20.19.0", "22.12.0", "24.0.0"])
      expect(missingPackage(folder, { ...LINUX, node })?.why).toBe("node_modules/a-new 1.0.0 is missing");
    expect(missingPackage(folder, { ...LINUX, libc: "musl" })?.why).toBe("node_modules/a-musl 1.0.0 is missing");
  });
});

/** The archive of a package `a`, and a registry on loopback that serves it and counts how often. */
async function registry() {
  const folder = mkdtempSync(join(tmpdir(), "registry-"));
  mkdirSync(join(folder, "package"));
  writeFileSync(join(folder, "package/package.json"), JSON.stringify({ name: "a", version: "1.0.0" }));
  execFileSync("tar", ["-czf", "a.tgz", "package"], { cwd: folder });
  const archive = readFileSync(join(folder, "a.tgz"));
  let served = 0;
  const server = createServer((_, response) => {
    served += 1;
    response.end(archive);
  });
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  closers.push(() => server.close());
  const resolved = `http://127.0.0.1:${(server.address() as AddressInfo).port}/a/-/a-1.0.0.tgz`;
  const integrity = `sha512-${createHash("sha512").update(archive).digest("base64")}`;
  return { pinned: { "node_modules/a": { version: "1.0.0", resolved, integrity, dev: true } }, served: () => served };
}

/** Runs install.js in a project, with a cache of its own. */
function install(folder: string, env: Readonly<Record<string, string>> = {}) {
  const cache = mkdtempSync(join(tmpdir(), "cache-"));
  const command = ["-c", `cd "${folder}" && exec "${process.execPath}" "${resolve("scripts/setup/install.js")}"`];
  return runCommand("sh", command, { npm_config_cache: cache, npm_config_fetch_retries: "0", ...env });
}

const OLD = { "node_modules/old": { version: "1.0.0" } };

describe("make install", () => {
  it.each([
    ["NODE_ENV=production", { NODE_ENV: "production" }],
    ["npm_config_omit=dev", { npm_config_omit: "dev" }],
    ["npm_config_production=true", { npm_config_production: "true" }],
  ])("installs everything with %s, and replaces what was there", async (_, env) => {
    const { pinned } = await registry();
    const folder = project(pinned, OLD);
    mkdirSync(join(folder, "node_modules/.cache"));
    const { exitCode, output } = await install(folder, env);
    expect(exitCode, output).toBe(0);
    expect(readdirSync(join(folder, "node_modules")).sort()).toEqual([".cache", ".package-lock.json", "a"]);
    expect(missingPackage(folder)).toBeNull();
  });

  it("leaves what is there where the registry cannot be reached, and says so in one sentence", async () => {
    const pinned = { "node_modules/a": { version: "1.0.0", resolved: "http://127.0.0.1:9/a.tgz", dev: true } };
    const folder = project(pinned, OLD);
    const { exitCode, output } = await install(folder);
    expect(exitCode).toBe(1);
    expect(output).toMatch(
      /could not be installed \(request to .*ECONNREFUSED.*\); what was there is left as it was\n$/,
    );
    expect(output).not.toContain("npm error");
    expect(readdirSync(join(folder, "node_modules")).sort()).toEqual([".package-lock.json", "old"]);
  });

  it("installs once where two processes want it, and both succeed", async () => {
    const { pinned, served } = await registry();
    const folder = project(pinned, OLD);
    const both = await Promise.all([install(folder), install(folder)]);
    expect(both.map(({ exitCode }) => exitCode)).toEqual([0, 0]);
    expect(served()).toBe(1);
    expect(readdirSync(join(folder, "node_modules")).sort()).toEqual([".package-lock.json", "a"]);
  });

  it("refuses the packages of another platform, says what to do, and leaves them", async () => {
    const other = { ...PACKAGES["node_modules/a-darwin"], os: ["aix"], cpu: ["ppc64"] };
    const binaries = { "node_modules/a-aix": other };
    const folder = project({ ...PACKAGES, ...binaries }, { ...pick("node_modules/a"), ...binaries });
    const { exitCode, output } = await install(folder);
    expect(exitCode).toBe(1);
    expect(output).toMatch(
      /expected packages for .*, but its packages are of aix-ppc64: .*docker run -v .*node_modules/,
    );
    expect(existsSync(join(folder, "node_modules/a-aix"))).toBe(true);
  });

  it("does and writes nothing where all is there", async () => {
    const folder = project(pick("node_modules/a"), pick("node_modules/a"));
    expect(await install(folder)).toEqual({ exitCode: 0, output: "" });
    expect(readdirSync(join(folder, "node_modules")).sort()).toEqual([".package-lock.json", "a"]);
  });
});
