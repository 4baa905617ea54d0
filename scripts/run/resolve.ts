/** Resolves a host as k6 does: it prefers IPv4, dials one address, and tries no other when that one does not answer. */

import { lookup } from "node:dns/promises";

/** The addresses of a host. */
export interface Resolved {
  /** The address to dial. */
  readonly address: string;
  /** All addresses of the family that k6 dials; of more than one it takes any. */
  readonly candidates: readonly string[];
  /** The addresses of the other family, which k6 does not dial. */
  readonly others: readonly string[];
}

/** Resolves a host name or an address. Rejects where it has none. */
export async function resolveAsK6(host: string): Promise<Resolved> {
  const found = await lookup(host, { all: true });
  const isOfFamily = (wanted: number) => found.filter(({ family }) => family === wanted).map(({ address }) => address);
  const [v4, v6] = [unique(isOfFamily(4)), unique(isOfFamily(6))];
  const [candidates, others] = v4.length > 0 ? [v4, v6] : [v6, v4];
  return { address: candidates[0] ?? host, candidates, others };
}

function unique(addresses: readonly string[]): string[] {
  return [...new Set(addresses)];
}
