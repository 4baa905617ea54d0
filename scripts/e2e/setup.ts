/**
 * Prepares the end-to-end tests: builds k6, the bundles and the compiled commands, and makes utterances of about a
 * second.
 */

import { mkdir, writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";

import { build } from "esbuild";
import { generateAudio } from "../audio/generate_audio.ts";
import { buildAll } from "../run/bundle.ts";
import { ensureK6 } from "../run/k6.ts";

/** The folder of the compiled commands: within node_modules, so that they find the packages that they import. */
const COMPILED = "node_modules/.cache/e2e";

/**
 * The arguments with which Node runs a command that many tests start. It is compiled once, because reading TypeScript
 * would take half a second of CPU at each start, from callers of other tests.
 */
export const COMMANDS = {
  run: [resolve(COMPILED, "run.js")],
  simulator: [resolve(COMPILED, "main.js")],
};

/** The folder of the short utterances. */
export const SHORT_AUDIO = "node_modules/.cache/e2e-audio/pcm";

const SHORT = {
  name: "short",
  turns: [{ text: "What is the status" }, { text: "My claim number please" }, { text: "How long will it take" }],
};

export default async function setup(): Promise<void> {
  const folder = join(SHORT_AUDIO, "../conversations");
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, "short.json"), JSON.stringify(SHORT));
  await generateAudio(folder, SHORT_AUDIO);
  await buildAll("dist");
  await compileCommands();
  await ensureK6();
}

async function compileCommands(): Promise<void> {
  await build({
    entryPoints: ["scripts/run.ts", "scripts/simulator/main.ts"],
    outdir: COMPILED,
    entryNames: "[name]",
    bundle: true,
    packages: "external",
    // Otherwise these would be those of the compiled file: an imported module could take itself for the command, and
    // readers could not find the script of the report page from their folder.
    define: { "import.meta.filename": '""', "import.meta.dirname": JSON.stringify(resolve("scripts/readers")) },
    platform: "node",
    format: "esm",
    logLevel: "warning",
  });
}
