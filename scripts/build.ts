/** `make build`: bundles `scenarios/*.ts` into `dist/*.js`. */

import { writeFile } from "node:fs/promises";

import { buildAll } from "./run/bundle.ts";
import { fail } from "./run/terminal.ts";

/** Its time tells make when the bundles were last compared with their sources. */
const STAMP = "dist/.built";

await buildAll("dist")
  // In a checkout that may only be read the bundles are right all the same: they are compared again each time.
  .then(() => writeFile(STAMP, "").catch(() => {}))
  .catch(fail);
