/**
 * `make conformance` (`conformance.ts [NAME ...]`): holds sessions between foreign code and ours, and prints what is wrong. A peer has
 * a file of its own; NAME picks those whose name begins so.
 */

import { fail } from "../run/terminal.ts";
import { openaiTypes } from "./openai_types.ts";
import { isConformant, type Peer, rowsOf } from "./peer.ts";
import { pipecat } from "./pipecat.ts";
import { ensurePython } from "./python_env.ts";
import { voiceLive } from "./voice_live.ts";

const PEERS: readonly Peer[] = [openaiTypes, voiceLive, pipecat];

async function conformance(names: readonly string[]): Promise<boolean> {
  const picked = PEERS.filter(({ name }) => names.length === 0 || names.some((start) => name.startsWith(start)));
  if (picked.length === 0)
    throw new Error(`NAMES: expected ${PEERS.map(({ name }) => name).join(", ")}, got "${names.join(" ")}"`);
  let good = true;
  for (const peer of picked) {
    const findings = await peer.check(await ensurePython(peer.requirements));
    for (const row of rowsOf(peer.name, findings)) console.log(row);
    good &&= isConformant(findings);
  }
  return good;
}

await conformance(process.argv.slice(2))
  .then((good) => {
    if (!good) process.exitCode = 1;
  })
  .catch(fail);
