/**
 * Decides which faults are injected, from names and chances such as `llm_429:0.2`. Faults have a random stream of their own,
 * so they do not change the delays that a seed gives. The truth names each injected fault.
 */

import { CALL_FAULTS, type CallFault } from "./call_faults.ts";
import type { Random } from "./random.ts";
import { TURN_FAULTS, type TurnFault } from "./turn_faults.ts";

/** One fault of `--faults`. */
export interface FaultPlan {
  readonly name: string;
  /** In [0, 1]. */
  readonly chance: number;
}

/** Parses `llm_429:0.2,close_4501`. A fault without a chance is always injected. Returns a text when something is wrong. */
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
  const withoutChance = plans.find(({ chance }) => Number.isNaN(chance));
  return withoutChance === undefined ? plans : `expected a chance from 0 to 1 after "${withoutChance.name}:"`;
}

/** Draws the faults of one call and of its turns. */
export class Faults {
  private readonly plans: readonly FaultPlan[];
  private readonly random: Random;

  constructor(plans: readonly FaultPlan[], random: Random) {
    this.plans = plans;
    this.random = random;
  }

  /** The fault of this call, or null. */
  drawCallFault(): CallFault | null {
    return CALL_FAULTS[this.draw(CALL_FAULTS) ?? ""] ?? null;
  }

  /** The fault of the next turn, or null. */
  drawTurnFault(): TurnFault | null {
    return TURN_FAULTS[this.draw(TURN_FAULTS) ?? ""] ?? null;
  }

  /** The first planned fault of a table whose chance comes up. */
  private draw(faults: Readonly<Record<string, unknown>>): string | null {
    const plan = this.plans.filter(({ name }) => name in faults).find(({ chance }) => this.random() < chance);
    return plan?.name ?? null;
  }
}
