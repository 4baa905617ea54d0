/** Where the answer to a dial redirects to. Callers follow no redirect, but its target says what to change. */

import { maskUrl } from "../settings/masking.ts";

/** The longest target that is kept, in characters: login pages carry their whole state in it. */
const LONGEST = 300;

/** Returns the `Location` of a redirect (a status of 300 to 399) with credentials masked; nothing for any other answer. */
export function redirectOf({ location, status }: { readonly location: string; readonly status: number }): {
  readonly location?: string;
} {
  if (status < 300 || status > 399 || location === "") return {};
  return { location: maskUrl(location).slice(0, LONGEST) };
}
