// @ts-check
/**
 * `make install`: installs what package-lock.json pins, unless it is there. Goes by content: by the list that npm keeps of what
 * it installed, never by times of files, which a clone, a copy or a restored cache changes. Packages are installed beside those
 * that are there and take their place when they are complete, so an installation that fails leaves all as it was.
 */

import { spawn } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { copyFile, mkdir, readdir, rename, rm } from "node:fs/promises";
import { join } from "node:path";

import { uniquePart, writeError } from "./files.js";
import { withLock } from "./lock.js";

const MODULES = "node_modules";

/** npm's own list of what a folder holds. */
const INSTALLED = ".package-lock.json";

/** Whatever a user's .npmrc, npm_config_* or NODE_ENV says: all kinds of packages, as pinned, and none of their scripts. */
const FLAGS = [
  ...["--include=dev", "--include=optional", "--include=peer", "--package-lock", "--ignore-scripts"],
  ...["--bin-links", "--install-strategy=hoisted", "--no-global", "--no-dry-run", "--no-audit", "--no-fund"],
  ...["--fetch-retry-mintimeout=1000", "--fetch-retry-maxtimeout=5000", "--loglevel=error"],
];

/**
 * @typedef {{ version?: string, integrity?: string, optional?: boolean } & Limits} Package
 * @typedef {{ os?: string[], cpu?: string[], libc?: string[], engines?: { node?: string } }} Limits
 * @typedef {{ platform: string, arch: string, libc: string, node: string }} Machine
 */

/**
 * This machine, as package-lock.json names platforms.
 * @returns {Machine}
 */
function thisMachine() {
  const { arch, platform, versions } = process;
  return {
    platform,
    arch,
    node: versions.node,
    // A getter, since a report of the process takes as long as all else here.
    get libc() {
      const { header } = /** @type {{ header: object }} */ (process.report.getReport());
      return "glibcVersionRuntime" in header ? "glibc" : "musl";
    },
  };
}

/**
 * Compares what is installed with package-lock.json: null where all of it is there, else why not, and whether the packages are
 * those of another platform.
 * @param {string} root the folder of package-lock.json
 * @param {Machine} machine
 * @returns {{ why: string, foreign: boolean } | null}
 */
export function missingPackage(root, machine = thisMachine()) {
  const pinned = packagesOf(join(root, "package-lock.json"));
  const installed = packagesOf(join(root, MODULES, INSTALLED));
  const wrong = Object.entries(pinned).find(([path, entry]) => {
    const found = installed[path];
    if (found === undefined) return isNeeded(entry, machine);
    return found.version !== entry.version || found.integrity !== entry.integrity || !existsSync(join(root, path));
  });
  if (wrong === undefined) return null;
  const other = Object.values(installed).find((entry) => !fits(entry, machine));
  if (other === undefined) return { why: `${wrong[0]} ${wrong[1].version} is missing`, foreign: false };
  return { why: `its packages are of ${other.os}-${other.cpu}`, foreign: true };
}

/**
 * The packages of a lock file by path, that of the project itself left out; none where there is no lock file.
 * @param {string} path
 * @returns {Record<string, Package>}
 */
function packagesOf(path) {
  try {
    const { "": _, ...packages } = JSON.parse(readFileSync(path, "utf8")).packages;
    return packages;
  } catch {
    return {};
  }
}

/**
 * @param {Package} entry
 * @param {Machine} machine
 */
function fits({ cpu, os }, { arch, platform }) {
  return (os?.includes(platform) ?? true) && (cpu?.includes(arch) ?? true);
}

/**
 * Optional packages are the binaries for one platform each, and what those depend on. npm leaves out those that this Node cannot
 * run, so that a newer Node may need one more.
 * @param {Package} entry
 * @param {Machine} machine
 */
function isNeeded(entry, machine) {
  if (!entry.optional) return true;
  const { engines, libc, os } = entry;
  if (os === undefined || !fits(entry, machine)) return false;
  return (libc?.includes(machine.libc) ?? true) && includesVersion(engines?.node ?? ">=0", machine.node);
}

/**
 * Whether a version is in a range of the forms that are in package-lock.json: `>=1.2.3`, `^1.2.3`, and these with `||`.
 * @param {string} range
 * @param {string} version
 */
function includesVersion(range, version) {
  return range.split("||").some((part) => {
    const [, kind, least = ""] = /^(\^|>=) *([\d.]+)$/.exec(part.trim()) ?? [];
    const [wanted, got] = [least, version].map((text) => text.split(".").map(Number));
    if (kind === undefined || (kind === "^" && wanted?.[0] !== got?.[0])) return false;
    const differs = [0, 1, 2].find((index) => (wanted?.[index] ?? 0) !== got?.[index]);
    return differs === undefined || Number(got?.[differs]) > Number(wanted?.[differs] ?? 0);
  });
}

/** Installs beside what is there, then puts each package in its place. */
async function install() {
  const unique = uniquePart();
  const staging = join(MODULES, `.new-${unique}`);
  const old = join(MODULES, `.old-${unique}`);
  try {
    await Promise.all((await readdir(MODULES)).filter(isLeftOver).map((name) => remove(join(MODULES, name))));
    await mkdir(staging);
    for (const name of ["package.json", "package-lock.json", ".npmrc"])
      await copyFile(name, join(staging, name)).catch((error) =>
        name === ".npmrc" ? undefined : Promise.reject(error),
      );
    await runNpm(staging);
    await mkdir(old);
    // npm's list goes first and comes last, so that an exchange that is cut short does not count as installed.
    const [before, after] = [await contentOf(MODULES), (await contentOf(join(staging, MODULES))).reverse()];
    for (const name of before) await rename(join(MODULES, name), join(old, name));
    for (const name of after) await rename(join(staging, MODULES, name), join(MODULES, name));
  } catch (error) {
    throw writeError(MODULES, error);
  } finally {
    await Promise.all([remove(staging), remove(old)]);
  }
}

/** @param {string} path */
function remove(path) {
  return rm(path, { recursive: true, force: true }).catch(() => {});
}

/** @param {string} name */
function isLeftOver(name) {
  return /^\.(new|old)-/.test(name);
}

/**
 * What npm installs into a folder, its own list first; caches and locks of others are left out.
 * @param {string} folder
 */
async function contentOf(folder) {
  const names = (await readdir(folder)).filter((name) => name === ".bin" || !name.startsWith("."));
  return existsSync(join(folder, INSTALLED)) ? [INSTALLED, ...names] : names;
}

/**
 * Throws one sentence where the registry cannot be reached; else npm's own output comes before it.
 * @param {string} folder
 */
async function runNpm(folder) {
  const child = spawn("npm", ["ci", ...FLAGS], { cwd: folder, stdio: ["ignore", "pipe", "pipe"] });
  let output = "";
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (data) => (output += String(data)));
  const code = await new Promise((done, failed) => {
    child.once("error", failed);
    child.once("close", done);
  }).catch(() => Promise.reject(new Error("npm: expected it beside node on PATH, got none")));
  if (code === 0) return;
  const request = /^npm error .*(request to .*)$/m.exec(output)?.[1];
  if (request === undefined) console.error(output.trimEnd());
  const why = request ?? `npm ci ended with ${code}`;
  throw new Error(`${MODULES}: package-lock.json could not be installed (${why}); what was there is left as it was`);
}

async function main() {
  const missing = missingPackage(".");
  if (missing === null) return;
  const { arch, platform } = process;
  if (missing.foreign)
    throw new Error(
      `${MODULES}: expected packages for ${platform}-${arch}, but ${missing.why}: give a container a node_modules of its own ` +
        `(docker run -v ${process.cwd()}/${MODULES} ...), or remove the folder and run make again`,
    );
  await withLock(MODULES, async () => {
    const still = missingPackage(".");
    if (still === null) return;
    const isNew = Object.keys(packagesOf(join(MODULES, INSTALLED))).length === 0;
    console.error(`${MODULES}: ${isNew ? "no packages yet" : still.why}; installing what package-lock.json pins`);
    await install();
    const after = missingPackage(".");
    if (after !== null) throw new Error(`${MODULES}: expected all of package-lock.json after npm ci, but ${after.why}`);
  });
}

if (import.meta.filename === process.argv[1]) {
  await main().catch((error) => {
    console.error(error.message);
    process.exitCode = 1;
  });
}
