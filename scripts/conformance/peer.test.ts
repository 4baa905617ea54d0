import { describe, expect, it } from "vitest";

import { isConformant, rowsOf } from "./peer.ts";
import { findingOf } from "./realtime_session.ts";

const REPORT = '{"events":3,"kinds":["error","session.created"],"problems":[]}';

describe("what a Python peer prints", () => {
  it("is its last line, whatever it warned of before", () => {
    expect(findingOf("a turn", 0, `a warning\n${REPORT}\n`, ["error"])).toEqual({
      what: "a turn",
      seen: "3 events, 2 types",
      problems: [],
    });
  });

  it("lacks the wanted events that were not seen", () => {
    expect(findingOf("a turn", 0, REPORT, ["error", "response.done"]).problems).toEqual([
      "response.done: expected one, got none",
    ]);
  });

  it("keeps the problems that the peer found", () => {
    const found = '{"events":1,"kinds":[],"problems":["error: missing"]}';
    expect(findingOf("a turn", 0, found, []).problems).toEqual(["error: missing"]);
  });

  it.each([
    [1, REPORT],
    [0, "Traceback: no such type"],
    [0, ""],
  ])("is a problem where it failed or reported nothing (%s, %s)", (exitCode, output) => {
    const finding = findingOf("a turn", exitCode, output, []);
    expect(finding.problems).toEqual([output]);
    expect(isConformant([finding])).toBe(false);
  });
});

describe("the findings of a peer", () => {
  const good = { what: "a turn", seen: "3 events", problems: [] };
  const bad = { what: "an error", seen: "1 events", problems: ["error.code: missing"] };

  it("conform when none has a problem; no findings prove nothing", () => {
    expect([isConformant([good]), isConformant([good, bad]), isConformant([])]).toEqual([true, false, false]);
  });

  it("have a row each, with the problems below it", () => {
    const rows = rowsOf("sdk 1.0", [good, bad]);
    expect(rows).toHaveLength(3);
    expect(rows[0]).toMatch(/^sdk 1\.0 +a turn +3 events +ok$/);
    expect(rows[1]).toMatch(/FAIL$/);
    expect(rows[2]).toBe("  error.code: missing");
  });
});
