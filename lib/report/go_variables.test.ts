import { describe, expect, it } from "vitest";

import { differentGo, type GoVariables, goText, goVariables, isGoVariables } from "./go_variables.ts";

const PATH = "/usr/bin";
const UNSET: GoVariables = { GOGC: null, GOMEMLIMIT: null, GOMAXPROCS: null };

describe("the variables of Go that a script finds in its environment", () => {
  it("are those that k6 was started with, and no others", () => {
    const env = { PATH, GOGC: "1600", GOMEMLIMIT: "18000MiB", GOMAXPROCS: "4", GODEBUG: "x", WS_HEADERS: "s3cret" };
    expect(goVariables(env)).toEqual({ GOGC: "1600", GOMEMLIMIT: "18000MiB", GOMAXPROCS: "4" });
  });

  it("are not set where they are absent or empty, as Go has it", () => {
    expect(goVariables({ PATH, GOGC: "" })).toEqual(UNSET);
  });

  it("are not known where k6 did not pass on its environment", () => {
    expect(goVariables({ HOST: "agent", GOGC: "400" })).toBeNull();
    expect(goVariables({ Path: "C:\\Windows", GOGC: "400" })).toEqual({ ...UNSET, GOGC: "400" });
  });

  it.each([
    ["GOGC", ["off", "50", "-1"], ["40O", " 400", "400%", "s3cret-token"]],
    ["GOMEMLIMIT", ["off", "1073741824", "512B", "4GiB"], ["4GB", "4 GiB", "https://me:s3cret@host"]],
    ["GOMAXPROCS", ["2", "64"], ["two", "-1", "2\u001b[31m"]],
  ] as const)("show a value of %s only if Go takes it", (name, taken, others) => {
    for (const value of taken) expect(goVariables({ PATH, [name]: value })).toEqual({ ...UNSET, [name]: value });
    for (const value of others) expect(goVariables({ PATH, [name]: value })).toEqual({ ...UNSET, [name]: "***" });
  });
});

describe("the variables of Go in a record", () => {
  it("are three, each a text or null", () => {
    expect([UNSET, { ...UNSET, GOGC: "400" }].map(isGoVariables)).toEqual([true, true]);
    expect([null, "400", {}, { ...UNSET, GOGC: 400 }, { GOGC: "400" }].map(isGoVariables)).not.toContain(true);
  });
});

describe("the variables of several processes", () => {
  it("are each combination once, without what is not known", () => {
    const used = { ...UNSET, GOGC: "400" };
    expect(differentGo([null, used, UNSET, { ...used }, null])).toEqual([used, UNSET]);
  });
});

describe("the line on Go's variables", () => {
  const used: GoVariables = { GOGC: "1600", GOMEMLIMIT: "18000MiB", GOMAXPROCS: "4" };

  it("has the values that were used", () => {
    expect(goText([used])).toBe("GOGC=1600  GOMEMLIMIT=18000MiB  GOMAXPROCS=4");
  });

  it("names Go's default where GOGC is not set", () => {
    expect(goText([UNSET])).toBe("GOGC=100 (Go's default)  GOMEMLIMIT not set  GOMAXPROCS not set");
  });

  it("says that Go ignores a value that is not shown", () => {
    expect(goText([{ ...used, GOGC: "***" }])).toMatch(/^GOGC=\*\*\* \(no value that Go takes\) {2}GOMEMLIMIT=/);
  });

  it("has the values of the first process, and says how many differ", () => {
    expect(goText([used, UNSET])).toMatch(/^GOGC=1600 .* \(the first of 2 that differ between processes\)$/);
  });

  it("says that they are not known", () => {
    expect(goText([])).toMatch(/^not known: k6 did not pass on its environment/);
  });
});
