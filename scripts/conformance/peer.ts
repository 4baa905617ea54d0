/** What `make conformance` asks of a peer: foreign code that speaks one of the wires, and what is wrong on it. */

/** One check of a peer. */
export interface Finding {
  /** What was held: a session, a call. */
  readonly what: string;
  /** What was seen, such as the number of events. */
  readonly seen: string;
  /** What is wrong, a sentence each; empty where nothing is. */
  readonly problems: readonly string[];
}

/** Foreign code, at pinned versions. */
export interface Peer {
  readonly name: string;
  /** The file of pinned Python packages that the peer runs with. */
  readonly requirements: string;
  /** Runs the peer with this Python, whose packages are those of `requirements`. */
  check(python: string): Promise<readonly Finding[]>;
}

/** The lines of the table of a peer, its problems below the rows that have them. */
export function rowsOf(peer: string, findings: readonly Finding[]): readonly string[] {
  return findings.flatMap(({ problems, seen, what }) => [
    `${peer.padEnd(26)}${what.padEnd(42)}${seen.padEnd(24)}${problems.length === 0 ? "ok" : "FAIL"}`,
    ...problems.map((problem) => `  ${problem}`),
  ]);
}

/** True when there are findings, all without problems. */
export function isConformant(findings: readonly Finding[]): boolean {
  return findings.length > 0 && findings.every(({ problems }) => problems.length === 0);
}
