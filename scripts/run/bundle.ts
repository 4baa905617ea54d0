/** Bundles `scenarios/*.ts` into `dist/*.js`: one readable file each, with nothing in it that is not ours. */

import { readdir } from "node:fs/promises";
import { join } from "node:path";

import { type BuildOptions, build, type Plugin } from "esbuild";

import { VERSION } from "../../lib/report/version.ts";

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
 * Puts each room into a function: what is in it comes to be only where it is opened, and goes when that is done. k6 keeps
 * each function of a script in each caller, at about 0.85 kB.
 */
const rooms: Plugin = {
  name: "rooms",
  setup({ onLoad }) {
    onLoad({ filter: /[\\/]lib[\\/].*\.lazy\.ts$/ }, async ({ path }) => {
      const { metafile, outputFiles } = await build({ ...COMMON, entryPoints: [path], format: "esm", write: false });
      refuseForeign(Object.keys(metafile.inputs));
      const [, body, open] = /^(.*)export \{\s*(\w+)\s*\};\s*$/s.exec(outputFiles[0]?.text ?? "") ?? [];
      if (open === undefined)
        throw new Error(`${path}: expected a room that exports what opens it, got something else`);
      return { contents: `export function ${open}() {\n${body}return ${open}();\n}\n`, loader: "js" };
    });
  },
};

/** Builds every scenario into a folder. Throws when a bundle would hold a file from outside scenarios/ and lib/. */
export async function buildAll(into: string): Promise<void> {
  const files = (await readdir(SCENARIOS)).filter((file) => file.endsWith(".ts") && !file.endsWith(".d.ts"));
  const { metafile } = await build({
    ...COMMON,
    entryPoints: files.map((file) => join(SCENARIOS, file)),
    outdir: into,
    format: "esm",
    external: ["k6", "k6/*"],
    plugins: [rooms],
    banner: {
      js: `// k6-voice-agent ${VERSION}, MIT license. Made from TypeScript: change the source, not this file.`,
    },
  });
  refuseForeign(Object.keys(metafile.inputs));
}

function refuseForeign(inputs: readonly string[]): void {
  const foreign = inputs.filter((input) => !/^(scenarios|lib)\//.test(input));
  if (foreign.length > 0)
    throw new Error(`bundle: expected files of scenarios/ and lib/ only, got ${foreign.join(", ")}`);
}
