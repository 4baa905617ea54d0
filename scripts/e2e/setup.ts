/** Before the end-to-end tests: a k6, fresh bundles, and utterances of about a second, so that turns are short. */

import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";

import { buildAll } from "../build.ts";
import { generateAudio } from "../generate_audio.ts";
import { ensureK6 } from "../run/k6.ts";

/** Where the short utterances are. */
export const SHORT_AUDIO = "node_modules/.cache/e2e-audio/pcm";

const SHORT = {
  name: "short",
  turns: [{ text: "What is the status" }, { text: "My claim number please" }, { text: "How long will it take" }],
};

export default async function setup(): Promise<void> {
  const folder = join(SHORT_AUDIO, "../conversations");
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, "short.json"), JSON.stringify(SHORT));
  await generateAudio(folder, SHORT_AUDIO);
  await buildAll("dist");
  await ensureK6();
}
