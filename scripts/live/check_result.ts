/** The result of one check of `make doctor`. */

/** A check that passed or failed. */
export interface CheckResult {
  readonly name: string;
  readonly ok: boolean;
  readonly found: string;
  /** What to do about a failed check; empty when `ok`. */
  readonly advice: string;
}

/** A check that passed. */
export const passed = (name: string, found: string): CheckResult => ({ name, ok: true, found, advice: "" });

/** A check that failed, and what to do. */
export const failed = (name: string, found: string, advice: string): CheckResult => ({
  name,
  ok: false,
  found,
  advice,
});
