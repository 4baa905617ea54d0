/**
 * `make release`: packs bundles, audio, thresholds and docs into one archive that runs without this repository, in the
 * layout that a bundle expects, and writes its SHA-256. The same sources give the same bytes.
 */

import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { cp, mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";

import { VERSION } from "../lib/report/version.ts";
import { buildAll } from "./run/bundle.ts";
import { fail } from "./run/terminal.ts";

const run = promisify(execFile);

/** The content of the archive beside the bundles. */
const CONTENT = ["audio/pcm", "thresholds.json", "README.md", "CHANGELOG.md", "LICENSE", "docs"];

/** Content that is packed where it exists: utterances at other rates than 16 kHz. */
const OPTIONAL = ["audio/pcm_8000", "audio/pcm_24000", "audio/pcm_24000_copy"];

/** Writes the archive and SHA256SUMS into a folder; returns the path of the archive. Throws when there is no audio. */
export async function release(into: string): Promise<string> {
  const name = `k6-voice-agent-${VERSION}`;
  const folder = join(into, name);
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
  await buildAll(join(folder, "dist"));
  for (const path of CONTENT) await cp(path, join(folder, path), { recursive: true });
  for (const path of OPTIONAL) await cp(path, join(folder, path), { recursive: true }).catch(ignoreMissing);
  const archive = join(into, `${name}.tar.gz`);
  const reproducible = [
    "--sort=name",
    "--owner=0",
    "--group=0",
    "--numeric-owner",
    "--mtime=2000-01-01 00:00Z",
    "--mode=u=rwX,go=rX",
  ];
  await run("tar", [...reproducible, "--use-compress-program=gzip -n", "-cf", archive, "-C", into, name]);
  const sum = createHash("sha256")
    .update(await readFile(archive))
    .digest("hex");
  await writeFile(join(into, "SHA256SUMS"), `${sum}  ${name}.tar.gz\n`);
  return archive;
}

function ignoreMissing(error: NodeJS.ErrnoException): void {
  if (error.code !== "ENOENT") throw error;
}

if (import.meta.filename === process.argv[1]) {
  await release("dist/release")
    .then((archive) => console.log(archive))
    .catch(fail);
}
