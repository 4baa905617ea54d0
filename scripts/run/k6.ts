/**
 * Finds or installs k6: `K6` if set, else a k6 of 2.2 or later on PATH, else `.bin/k6`. Where that is missing it is
 * installed once: built by Go from the module that scripts/k6/go.sum pins by hash, or without Go downloaded from k6's
 * releases and checked against the published SHA-256.
 */

import { execFile, spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdir, mkdtemp, readFile, rename, rm, writeFile } from "node:fs/promises";
import { arch, platform, tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { promisify } from "node:util";

import { replaceFile, uniquePart } from "../setup/files.js";
import { withLock } from "../setup/lock.js";
import { httpGet } from "./http_get.ts";
import { fail } from "./terminal.ts";

/** The oldest version that runs the scenarios: major, minor. */
const OLDEST = [2, 2] as const;

const OWN_FOLDER = ".bin";
const OWN_PATH = `${OWN_FOLDER}/k6`;
const MODULE_FOLDER = "scripts/k6";

/** The longest wait for the answer of a release server, in ms. */
const CONNECT_MS = 5000;

/** The URL of k6's releases. */
const RELEASES = "https://github.com/grafana/k6/releases/download";

const run = promisify(execFile);

/** A k6 that can run the scenarios. */
export interface K6 {
  readonly path: string;
  readonly version: string;
}

/** The k6 on PATH, else the installed one; null when there is none yet. */
export async function findK6(): Promise<K6 | null> {
  return (await usable("k6")) ?? (await usable(resolve(OWN_PATH)));
}

/** Finds k6, and installs it where there is none. Throws when `K6` is no k6, or when the installation fails. */
export async function ensureK6(): Promise<K6> {
  const chosen = process.env.K6;
  if (chosen) {
    const version = await versionOf(chosen);
    if (version === null) throw new Error(`K6: expected the path of k6 ${OLDEST.join(".")} or later, got "${chosen}"`);
    return { path: chosen, version };
  }
  const found = await findK6();
  if (found !== null) return found;
  // Of two runs at once, the second waits for the k6 of the first.
  const installed = await withLock(OWN_FOLDER, async () => {
    if ((await usable(resolve(OWN_PATH))) === null) await installK6();
    return usable(resolve(OWN_PATH));
  });
  if (installed === null) throw new Error(`${OWN_PATH}: expected k6 ${OLDEST.join(".")} or later, got something else`);
  return installed;
}

/**
 * Downloads k6 from its releases into a file.
 * Throws when the server does not answer within 5 s, or when the SHA-256 of the archive is not the published one.
 */
export async function downloadK6(version: string, into: string, releases = RELEASES): Promise<void> {
  const name = `k6-v${version}-${platform() === "darwin" ? "macos" : platform()}-${arch() === "x64" ? "amd64" : arch()}`;
  const file = `${name}.${platform() === "linux" ? "tar.gz" : "zip"}`;
  const sums = (await download(`${releases}/v${version}/k6-v${version}-checksums.txt`)).toString("utf8");
  const published = sums
    .split("\n")
    .find((line) => line.trim().endsWith(file))
    ?.slice(0, 64);
  const archive = await download(`${releases}/v${version}/${file}`);
  const got = createHash("sha256").update(archive).digest("hex");
  if (got !== published)
    throw new Error(`${file}: expected SHA-256 ${published ?? "in the published list"}, got ${got}`);
  const folder = await mkdtemp(join(tmpdir(), "k6-"));
  try {
    await writeFile(join(folder, file), archive);
    await run("tar", ["-xf", join(folder, file), "-C", folder]);
    await mkdir(join(into, ".."), { recursive: true });
    await replaceFile(into, await readFile(join(folder, name, "k6")), 0o755);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function installK6(): Promise<void> {
  const version = /k6\/v2 v(\S+)/.exec(await readFile(join(MODULE_FOLDER, "go.mod"), "utf8"))?.[1] ?? "";
  if (await succeeds("go", ["version"])) {
    console.error(`no k6 on this machine: building k6 ${version} with Go, once (about 70 s on 2 cores)`);
    await buildK6();
    return;
  }
  console.error(`no k6 and no Go on this machine: fetching k6 ${version}, once`);
  await downloadK6(version, resolve(OWN_PATH)).catch((error: unknown) => {
    throw new Error(`k6 could not be fetched (${String(error)}). ${INSTALL}`);
  });
}

/** Advice for errors. */
const INSTALL = [
  "Install it, or Go, and try again:",
  "  macOS          brew install k6",
  "  Debian, Ubuntu https://grafana.com/docs/k6/latest/set-up/install-k6/#debianubuntu",
  "  Windows        winget install k6 --source winget",
  "  or point K6 at one: make demo K6=/path/to/k6",
].join("\n");

/** Builds into a temporary name and renames, so that an interrupted build leaves no incomplete k6. */
async function buildK6(): Promise<void> {
  const part = resolve(`${OWN_PATH}.${uniquePart()}.part`);
  const build = spawn("go", ["build", "-trimpath", "-o", part, "go.k6.io/k6/v2"], {
    cwd: MODULE_FOLDER,
    stdio: "inherit",
  });
  const code = await new Promise((done) => build.once("close", done));
  if (code === 0) return rename(part, OWN_PATH);
  await rm(part, { force: true });
  throw new Error(`k6 could not be built: go build ended with ${code}. ${INSTALL}`);
}

async function usable(path: string): Promise<K6 | null> {
  const version = await versionOf(path);
  return version === null ? null : { path, version };
}

async function versionOf(path: string): Promise<string | null> {
  const { stdout } = await run(path, ["version"]).catch(() => ({ stdout: "" }));
  const [, version, major, minor] = /^k6(?:\.exe)? v((\d+)\.(\d+)\.\S+)/.exec(stdout) ?? [];
  const isRecent = Number(major) > OLDEST[0] || (Number(major) === OLDEST[0] && Number(minor) >= OLDEST[1]);
  return version !== undefined && isRecent ? version : null;
}

async function succeeds(command: string, args: string[]): Promise<boolean> {
  return run(command, args).then(
    () => true,
    () => false,
  );
}

async function download(url: string): Promise<Buffer> {
  const { body, status } = await httpGet(url, { timeoutMs: CONNECT_MS }).catch((error: Error) => {
    throw new Error(`${url}: ${error.message}`);
  });
  if (status !== 200) throw new Error(`${url}: expected 200, got ${status}`);
  return body;
}

if (import.meta.filename === process.argv[1]) {
  await ensureK6()
    .then(({ path }) => console.log(path))
    .catch(fail);
}
