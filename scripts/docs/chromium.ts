/**
 * Finds Chromium and starts it headless. Run as a script, it installs Chromium where it can do so without asking (as
 * root on Debian), and prints advice elsewhere. Tests that need Chromium are skipped without it.
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
      const isExecutable = await access(path, constants.X_OK).then(
        () => true,
        () => false,
      );
      if (isExecutable) return path;
    }
  }
  return null;
}

/** Starts a headless Chromium. */
export function launchChromium(path: string): Promise<Browser> {
  // Chromium's sandbox does not work as root in a container, and only files of this project are opened.
  const sandbox = process.getuid?.() === 0 ? ["--no-sandbox"] : [];
  return puppeteer.launch({ executablePath: path, headless: true, args: [...sandbox, "--disable-gpu"] });
}

async function installChromium(): Promise<void> {
  if ((await findChromium()) !== null) return;
  const isRoot = process.getuid?.() === 0;
  if (isRoot && (await succeeds("apt-get", ["--version"]))) {
    console.error("no Chromium on this machine: installing Debian's, for the tests of the report page");
    await succeeds("apt-get", ["update", "-q"]);
    if (await succeeds("apt-get", ["install", "-y", "-q", "--no-install-recommends", "chromium"])) return;
  }
  console.error(
    "no Chromium on this machine: the tests of the report page are skipped. Install it, or point CHROMIUM at one.",
  );
}

/** True when a command exits with 0; its output is ignored. */
async function succeeds(command: string, args: readonly string[]): Promise<boolean> {
  const child = spawn(command, args, { stdio: "ignore", env: { ...process.env, DEBIAN_FRONTEND: "noninteractive" } });
  return new Promise((done) => {
    child.once("error", () => done(false));
    child.once("close", (code) => done(code === 0));
  });
}

if (import.meta.filename === process.argv[1]) await installChromium();
