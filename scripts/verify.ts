/** `make verify`: prints how far each metric of a run is from the truth; fails when a turn has no partner. */

import { isProven, verifyRun } from "./proof/proof.ts";
import { proofText } from "./proof/proof_text.ts";
import { fail } from "./run/terminal.ts";

const folder = process.argv[2] ?? "";
await verifyRun(folder)
  .then((proof) => {
    console.log(proofText(proof));
    if (!isProven(proof)) process.exitCode = 1;
  })
  .catch(fail);
