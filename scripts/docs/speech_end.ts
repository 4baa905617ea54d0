/** Prints the errors of the detection of ends of speech, as the table in docs/audio.md, on audio with known ends. */

import { FLITE_VOICES } from "../audio/flite.ts";
import { ENDINGS, endErrorsMs, makeLabelledAudio, SNRS_DB, speakTrimmed } from "../audio/labelled_speech.ts";
import { fail } from "../run/terminal.ts";

const TEXTS = [
  "Hello I would like to know the status of my car insurance claim",
  "My claim number is four four one seven two nine",
  "The repair shop says they are still waiting for your approval",
  "Please send me a confirmation by email today",
  "Does my home policy cover the cost of a new floor",
  "When can somebody come and look at the damage",
  "I took some photos and I can upload them this afternoon with the fish",
  "A pipe under the sink burst last night and the floor is ruined",
  "Yes please",
  "No thanks",
  "Six",
];

async function main(): Promise<void> {
  const speeches = await speakTrimmed(TEXTS, FLITE_VOICES);
  console.log("| noise | ending | files | median error, ms | worst early, ms | worst late, ms | above 60 ms |");
  console.log("| --- | --- | --- | --- | --- | --- | --- |");
  for (const snrDb of SNRS_DB) {
    const audio = makeLabelledAudio(speeches, snrDb);
    for (const ending of ["any", ...ENDINGS]) {
      const errors = endErrorsMs(audio.filter((each) => ending === "any" || each.ending === ending));
      const sizes = errors.map(Math.abs).sort((a, b) => a - b);
      const early = Math.max(0, -Math.min(...errors));
      const cells = [
        Number.isFinite(snrDb) ? `${snrDb} dB` : "clean",
        ending,
        errors.length,
        sizes[Math.floor(sizes.length / 2)]?.toFixed(0),
        early.toFixed(0),
        Math.max(0, ...errors).toFixed(0),
        sizes.filter((ms) => ms > 60).length,
      ];
      console.log(`| ${cells.join(" | ")} |`);
    }
  }
}

await main().catch(fail);
