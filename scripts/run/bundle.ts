/** Bundles `scenarios/*.ts` into `dist/*.js`: one readable file each, with no code from outside this project. */

import { readdir, readFile } from "node:fs/promises";
import { basename, join } from "node:path";

import { type BuildOptions, build, type Plugin } from "esbuild";

import { VERSION } from "../../lib/report/version.ts";
import { makeFolder, replaceFile } from "../setup/files.js";

const SCENARIOS = "scenarios";

/** What every bundle is built with. */
const COMMON = {
  bundle: true,
  platform: "neutral",
  target: "es2022",
  minify: false,
  charset: "utf8",
  metafile: true,
  logLevel: "warning",
} as const satisfies BuildOptions;

/**
 * Wraps each lazy module (`*.lazy.ts`) in the one function that it exports, `loadX`. Nothing of the module exists until `loadX`
 * is called, and it is collected when its caller drops the result. k6 keeps every other function of a script in each caller, at
 * about 0.85 kB and eight objects.
 */
const lazyModules: Plugin = {
  name: "lazy-modules",
  setup({ onLoad }) {
    onLoad({ filter: /[\\/]lib[\\/].*\.lazy\.ts$/ }, async ({ path }) => {
      const { metafile, outputFiles } = await build({ ...COMMON, entryPoints: [path], format: "esm", write: false });
      refuseForeign(Object.keys(metafile.inputs));
      const [, body, load] = /^(.*)export \{\s*(\w+)\s*\};\s*$/s.exec(outputFiles[0]?.text ?? "") ?? [];
      if (load === undefined)
        throw new Error(`${path}: expected one export, a function that loads it, got something else`);
      return { contents: `export function ${load}() {\n${body}return ${load}();\n}\n`, loader: "js" };
    });
  },
};

/**
 * Builds every scenario into a folder; writes nothing where the folder has these bundles already. Throws when a bundle would hold
 * a file from outside scenarios/ and lib/, or when the folder cannot be written.
 */
export async function buildAll(into: string): Promise<void> {
  const files = (await readdir(SCENARIOS)).filter((file) => file.endsWith(".ts") && !file.endsWith(".d.ts"));
  const { metafile, outputFiles } = await build({
    ...COMMON,
    entryPoints: files.map((file) => join(SCENARIOS, file)),
    outdir: into,
    write: false,
    format: "esm",
    external: ["k6", "k6/*"],
    plugins: [lazyModules],
    banner: {
      js: `// k6-voice-agent ${VERSION}, MIT license. Made from TypeScript: change the source, not this file.`,
    },
  });
  refuseForeign(Object.keys(metafile.inputs));
  for (const { contents, path } of outputFiles) {
    const target = join(into, basename(path));
    const before = await readFile(target).catch(() => null);
    if (before?.equals(contents)) continue;
    await makeFolder(into);
    await replaceFile(target, contents);
  }
}

function refuseForeign(inputs: readonly string[]): void {
  const foreign = inputs.filter((input) => !/^(scenarios|lib)\//.test(input));
  if (foreign.length > 0)
    throw new Error(`bundle: expected files of scenarios/ and lib/ only, got ${foreign.join(", ")}`);
}
