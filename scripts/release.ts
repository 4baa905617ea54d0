/**
 * `make release`: one archive of what runs without this repository (bundles, audio, thresholds, docs) in the layout in
 * which a bundle finds them, and the SHA-256 of what is released. The same sources give the same bytes.
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

/** What a user gets beside the bundles. */
const CONTENT = ["audio/pcm", "thresholds.json", "README.md", "CHANGELOG.md", "LICENSE", "docs"];

/** Speech that was made for 24 kHz, where somebody did. */
const OPTIONAL = ["audio/pcm_24000"];

/** Makes the archive and its sums in a folder; returns the archive's path. Throws when there is no audio. */
export async function release(into: string): Promise<string> {
  const name = `k6-voice-agent-${VERSION}`;
  const folder = join(into, name);
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
  await buildAll(join(folder, "dist"));
  for (const path of CONTENT) await cp(path, join(folder, path), { recursive: true });
  for (const path of OPTIONAL) await cp(path, join(folder, path), { recursive: true }).catch(onlyMissing);
  const archive = join(into, `${name}.tar.gz`);
  const same = [
    "--sort=name",
    "--owner=0",
    "--group=0",
    "--numeric-owner",
    "--mtime=2000-01-01 00:00Z",
    "--mode=u=rwX,go=rX",
  ];
  await run("tar", [...same, "--use-compress-program=gzip -n", "-cf", archive, "-C", into, name]);
  const sum = createHash("sha256")
    .update(await readFile(archive))
    .digest("hex");
  await writeFile(join(into, "SHA256SUMS"), `${sum}  ${name}.tar.gz\n`);
  return archive;
}

function onlyMissing(error: NodeJS.ErrnoException): void {
  if (error.code !== "ENOENT") throw error;
}

if (import.meta.filename === process.argv[1]) {
  await release("dist/release")
    .then((archive) => console.log(archive))
    .catch(fail);
}
