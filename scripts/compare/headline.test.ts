import { expect, it } from "vitest";

import { headline } from "./headline.ts";
import type { ComparedRow } from "./rows.ts";

const row = (change: Partial<ComparedRow>) =>
  ({
    unit: "ms",
    verdict: "slower",
    gated: false,
    relative: null,
    interval: null,
    margin: 50,
    ...change,
  }) as ComparedRow;

const TTFB_P50 = row({ name: "ttfb P50", series: "ttfb", difference: 90 });
const MODEL = row({ name: "llm + tts P50", series: "llm_tts", difference: 140 });

it("begins with a row that the gate judges, then with one of a series that it judges, then with the largest change", () => {
  const slower = row({ name: "ttfb P95", series: "ttfb", gated: true, difference: 60 });
  const open = { ...slower, verdict: "cannot_tell" } as ComparedRow;
  expect(headline("slower", [MODEL, TTFB_P50, slower], [])).toMatch(/^ttfb P95 \+60 ms, slower; 2 more slower; /);
  expect(headline("slower", [MODEL, TTFB_P50, open], [])).toMatch(/^ttfb P50 \+90 ms, slower; 1 more slower; /);
  expect(headline("slower", [TTFB_P50, MODEL], [])).toMatch(/^llm \+ tts P50 \+140 ms, slower; /);
});
