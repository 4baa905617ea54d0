/** `make build`: bundles `scenarios/*.ts` into `dist/*.js`. */

import { buildAll } from "./run/bundle.ts";
import { fail } from "./run/terminal.ts";

await buildAll("dist").catch(fail);
