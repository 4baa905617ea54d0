/**
 * What can be made to go wrong, by name: in a turn or with a whole call. Chance is drawn from a stream of its own, so
 * that faults do not change the delays of a seed. What was done stands in the truth, by the same name.
 */

import { CALL_FAULTS, type CallFault } from "./call_faults.ts";
import type { Random } from "./random.ts";
import { TURN_FAULTS, type TurnFault } from "./turn_faults.ts";

/** One fault that was asked for. */
export interface FaultPlan {
  readonly name: string;
  /** In [0, 1]. */
  readonly chance: number;
}

/** Reads `llm_429:0.2,close_4501`; a fault without a chance always comes. Returns what is wrong as text. */
export function parseFaults(text: string): readonly FaultPlan[] | string {
  const plans = text
    .split(",")
    .filter((part) => part.trim() !== "")
    .map((part) => {
      const [name = "", chance = "1"] = part.trim().split(":");
      return { name, chance: /^(0?\.\d+|0|1)$/.test(chance) ? Number(chance) : Number.NaN };
    });
  const names = [...Object.keys(TURN_FAULTS), ...Object.keys(CALL_FAULTS)];
  const unknown = plans.find(({ name }) => !names.includes(name));
  if (unknown !== undefined) return `expected names of faults (${names.join(", ")}), got "${unknown.name}"`;
  const odd = plans.find(({ chance }) => Number.isNaN(chance));
  return odd === undefined ? plans : `expected a chance from 0 to 1 after "${odd.name}:"`;
}

/** Decides what goes wrong on one call. */
export class Faults {
  private readonly plans: readonly FaultPlan[];
  private readonly random: Random;

  constructor(plans: readonly FaultPlan[], random: Random) {
    this.plans = plans;
    this.random = random;
  }

  /** What goes wrong with this call, or null. */
  call(): CallFault | null {
    return CALL_FAULTS[this.draw(CALL_FAULTS) ?? ""] ?? null;
  }

  /** What goes wrong in the next turn, or null. */
  turn(): TurnFault | null {
    return TURN_FAULTS[this.draw(TURN_FAULTS) ?? ""] ?? null;
  }

  private draw(kinds: Readonly<Record<string, unknown>>): string | null {
    const hit = this.plans.filter(({ name }) => name in kinds).find(({ chance }) => this.random() < chance);
    return hit?.name ?? null;
  }
}
