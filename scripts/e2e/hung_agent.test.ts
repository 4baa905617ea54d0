import { it } from "vitest";

import { EXITS } from "../run/exit_codes.ts";
import { expectExit } from "./exit_cases.ts";

// k6 stays blocked until the watchdog stops it, 30 s after the longest time that the run may take: about two minutes.
it(`a run ends with ${EXITS.hung.code} when ${EXITS.hung.when}`, () => expectExit("hung"));
