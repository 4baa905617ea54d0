import { describe, expect, it } from "vitest";

import { STEP } from "../capacity/loads.ts";
import { AGENTS, exactAnswer } from "./virtual_agents.ts";
import { searchVirtually } from "./virtual_search.ts";

// One search each; `make bench_capacity` makes twenty.
describe("a seeded search of make capacity", () => {
  it.each(Object.entries(AGENTS))(
    "finds the limit of the agent with a %s within one step, in half an hour",
    (name, known) => {
      const limit = exactAnswer(known) ?? 0;
      const { answer, isConfirmed, probes, tookSec } = searchVirtually(
        known.agent,
        { start: 50, max: 400, unit: 1 },
        1800,
        2,
      );
      expect(isConfirmed).toBe(true);
      expect(answer * STEP).toBeGreaterThanOrEqual(limit);
      expect(answer).toBeLessThanOrEqual(limit * STEP);
      expect(tookSec).toBeLessThanOrEqual(1800);
      // Only the leak is hidden from short runs.
      const brokeLate = probes.filter(({ load, outcome, purpose }) => {
        const held = probes.some(
          (each) => each.load === load && each.purpose !== "confirm" && each.outcome === "holds",
        );
        return purpose === "confirm" && outcome === "breaks" && held;
      });
      expect(brokeLate.length > 0).toBe(name === "leak");
    },
  );
});
