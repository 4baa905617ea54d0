/** Bundles `scenarios/*.ts` into `dist/*.js`: one readable file each, with nothing in it that is not ours. */

import { readdir } from "node:fs/promises";
import { join } from "node:path";

import { build } from "esbuild";

import { VERSION } from "../lib/version.ts";
import { fail } from "./terminal.ts";

const SCENARIOS = "scenarios";

/** Builds every scenario into a folder. Throws when a bundle would hold a file from outside scenarios/ and lib/. */
export async function buildAll(into: string): Promise<void> {
  const files = (await readdir(SCENARIOS)).filter((file) => file.endsWith(".ts") && !file.endsWith(".d.ts"));
  const { metafile } = await build({
    entryPoints: files.map((file) => join(SCENARIOS, file)),
    outdir: into,
    bundle: true,
    format: "esm",
    platform: "neutral",
    target: "es2022",
    external: ["k6", "k6/*"],
    banner: {
      js: `// k6-voice-agent ${VERSION}, MIT license. Made from TypeScript: change the source, not this file.`,
    },
    minify: false,
    charset: "utf8",
    metafile: true,
    logLevel: "warning",
  });
  const foreign = Object.keys(metafile.inputs).filter((input) => !/^(scenarios|lib)\//.test(input));
  if (foreign.length > 0)
    throw new Error(`bundle: expected files of scenarios/ and lib/ only, got ${foreign.join(", ")}`);
}

if (import.meta.filename === process.argv[1]) await buildAll("dist").catch(fail);
