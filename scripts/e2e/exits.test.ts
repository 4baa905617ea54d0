import { describe, it } from "vitest";

import { EXITS, type ExitName } from "../run/exit_codes.ts";
import { expectExit } from "./exit_cases.ts";

/** Every exit except that of a hung agent, which has its own test file because it takes two minutes. */
const CASES = Object.entries(EXITS)
  .map(([name, exit]) => ({ name: name as ExitName, ...exit }))
  .filter(({ name }) => name !== "hung");

describe.concurrent("a run ends with", () => {
  it.each(CASES)("$code when $when", ({ name }) => expectExit(name));
});
