/**
 * Where a Chromium is, and how to open a page in it without a window. Run as a script it sees to it that there is one,
 * where that needs no question: as root of a Debian. Elsewhere it says what to install; no test fails for want of one.
 */

import { spawn } from "node:child_process";
import { access, constants } from "node:fs/promises";
import { delimiter, join } from "node:path";

import puppeteer, { type Browser } from "puppeteer-core";

const NAMES = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"];

/** The path of a Chromium: `CHROMIUM` if set, else the first on PATH; null when there is none. */
export async function findChromium(env: NodeJS.ProcessEnv = process.env): Promise<string | null> {
  if (env.CHROMIUM) return env.CHROMIUM;
  for (const folder of (env.PATH ?? "").split(delimiter)) {
    for (const name of NAMES) {
      const path = join(folder, name);
      const runs = await access(path, constants.X_OK).then(
        () => true,
        () => false,
      );
      if (runs) return path;
    }
  }
  return null;
}

/** Starts a Chromium without a window. */
export function launchChromium(path: string): Promise<Browser> {
  // A container's root has no sandbox to be had, and all that is opened are files of our own.
  const sandbox = process.getuid?.() === 0 ? ["--no-sandbox"] : [];
  return puppeteer.launch({ executablePath: path, headless: true, args: [...sandbox, "--disable-gpu"] });
}

async function installChromium(): Promise<void> {
  if ((await findChromium()) !== null) return;
  const isRoot = process.getuid?.() === 0;
  if (isRoot && (await runs("apt-get", ["--version"]))) {
    console.error("no Chromium on this machine: installing Debian's, for the tests of the report page");
    await runs("apt-get", ["update", "-q"]);
    if (await runs("apt-get", ["install", "-y", "-q", "--no-install-recommends", "chromium"])) return;
  }
  console.error(
    "no Chromium on this machine: the tests of the report page are skipped. Install it, or point CHROMIUM at one.",
  );
}

/** True when a command ends well; what it prints is of no interest. */
async function runs(command: string, args: readonly string[]): Promise<boolean> {
  const child = spawn(command, args, { stdio: "ignore", env: { ...process.env, DEBIAN_FRONTEND: "noninteractive" } });
  return new Promise((done) => {
    child.once("error", () => done(false));
    child.once("close", (code) => done(code === 0));
  });
}

if (import.meta.filename === process.argv[1]) await installChromium();
