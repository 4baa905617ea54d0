/** Reads COMPARE_MARGIN: how large a rise must be to matter. */

/** The smallest rise that matters. Of `share` and `ms`, the larger one counts; a part that is not given is null. */
export interface Margin {
  /** Of the base's time. */
  readonly share: number | null;
  readonly ms: number | null;
  /** For shares such as turn_success: a difference of shares, 0.02 for two percentage points. */
  readonly points: number;
}

/** What counts unless COMPARE_MARGIN is set. */
export const DEFAULT_MARGIN = "5%,50ms,2pp";

/** The parts of a margin: a number and its unit. */
const PART = /^(\d+(?:\.\d+)?)\s*(%|ms|pp)$/;

/** Reads the text of a margin; empty is the default. Throws when it is not one. */
export function readMargin(text: string): Margin {
  const given = parts(text.trim() === "" ? DEFAULT_MARGIN : text, text);
  const byDefault = parts(DEFAULT_MARGIN, DEFAULT_MARGIN);
  const times = given["%"] === undefined && given.ms === undefined ? byDefault : given;
  const [percent, points] = [times["%"], given.pp ?? byDefault.pp ?? 0];
  return { share: percent === undefined ? null : percent / 100, ms: times.ms ?? null, points: points / 100 };
}

/** The margin of a row whose base has this value: in ms for a time, else a difference of shares. */
export function marginOf({ ms, points, share }: Margin, base: number, unit: "ms" | "share"): number {
  return unit === "share" ? points : Math.max(ms ?? 0, (share ?? 0) * base);
}

/** The margin as one would set it. */
export function marginText({ ms, points, share }: Margin): string {
  const rounded = (value: number) => Number(value.toFixed(6));
  return [
    ...(share === null ? [] : [`${rounded(share * 100)}%`]),
    ...(ms === null ? [] : [`${ms}ms`]),
    `${rounded(points * 100)}pp`,
  ].join(",");
}

function parts(text: string, given: string): Partial<Record<string, number>> {
  const found = new Map<string, number>();
  for (const part of text.split(",")) {
    const [, number, unit = ""] = PART.exec(part.trim()) ?? [];
    if (number === undefined || found.has(unit)) {
      throw new Error(
        `COMPARE_MARGIN: expected a share of a time, a time and percentage points of a rate, each once at most, such as 5%, 100ms or ${DEFAULT_MARGIN}, got ${JSON.stringify(given)}`,
      );
    }
    found.set(unit, Number(number));
  }
  return Object.fromEntries(found);
}
