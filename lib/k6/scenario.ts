/** Makes a k6 scenario of a wire: what the files of scenarios/ export to k6. */

import { sleep } from "k6";
import exec from "k6/execution";

import { Caller, type Phone, type SharedUtterances } from "../caller/caller.ts";
import { companionOf } from "../metrics/companion.ts";
import { loadMasking } from "../settings/masking.lazy.ts";
import type { Transport } from "../wire/codec.ts";
import type { ScenarioName } from "../wire/wires.ts";
import type { AddSample } from "./metrics.lazy.ts";
import { type CallerConfig, loadRun } from "./run.lazy.ts";
import { makeRun, type Run, refuseOtherOptions, runPlanOf, type SharedInput } from "./run.ts";
import { base64, dial, hmacSha1, makeMetrics, makeSharedTexts, scriptFiles } from "./runtime.ts";
import { CALLER_CONFIG, CONVERSATIONS, fileIndex, firstPieceIndex } from "./shared_texts.ts";

/** What a scenario exports to k6; without the run's part where the script is read for a caller. */
export interface Scenario extends Partial<Run> {
  call(): void;
}

/** Builds the scenario `name` on its wire. Throws when an input is wrong, after it has printed every problem. */
export function voiceScenario(name: ScenarioName, transport: Transport, env: Record<string, string>): Scenario {
  const textAt = makeSharedTexts(`texts of ${name}`, () =>
    loadRun().prepare({ name, env, files: scriptFiles(), base64 }),
  );
  const shared = { name, transport, textAt, callerConfig: JSON.parse(textAt(CALLER_CONFIG) ?? "") as CallerConfig };
  // k6 reads a script for the run, as VU 0, and again for each caller, which would keep all that only the run needs.
  const run = __VU === 0 ? makeRun(shared) : {};
  const metrics = makeMetrics();
  let caller: Caller | null = null;
  return {
    ...run,
    call() {
      // Checked again here, because k6 can be told to leave out the setup.
      if (caller === null && exec.vu.idInInstance === 1) refuseOtherOptions(runPlanOf(textAt));
      caller ??= makeCaller(shared, metrics);
      caller.call();
    },
  };
}

function makeCaller(
  { name, transport, textAt, callerConfig }: SharedInput,
  metrics: Readonly<Record<string, AddSample>>,
): Caller {
  const { firstPieces, frames, quiet, rateHz, session, settings, url, wordless } = callerConfig;
  const pieces = firstPieceIndex(frames.length);
  const utterances: SharedUtterances = {
    frames,
    wordless,
    quiet,
    rateHz,
    conversations: () => JSON.parse(textAt(CONVERSATIONS) ?? "") as string[],
    fileOf: (utterance) => textAt(fileIndex(utterance)),
    piece: (utterance, at) => textAt(pieces + (firstPieces[utterance] ?? 0) + at) ?? "",
  };
  // Kept, because fetching it anew for each reading of the clock costs 25 times as much.
  const { instance } = exec;
  const epochOffsetMs = Date.now() - instance.currentTestRunDuration;
  const run = settings.RESULTS_DIR.split("/").at(-1) ?? "";
  const vu = exec.vu.idInTest;
  let lines = 0;
  const phone: Phone = {
    epochOffsetMs,
    base64,
    hmacSha1,
    now: () => instance.currentTestRunDuration,
    sleep,
    random: Math.random,
    uuid: () => crypto.randomUUID(),
    dial,
    add({ metric, value, tags }) {
      metrics[metric]?.(value, tags);
      metrics[companionOf(metric)]?.(1, tags);
    },
    log({ type, ...line }) {
      if (!settings.TURN_LOG) {
        // The report of a run without a log has numbers only, so one caller says what it could not read.
        if (vu === 1 && line.unread) console.warn(`note: not read: ${JSON.stringify(line.unread)}`);
        return;
      }
      metrics.log_lines?.(1);
      // Numbered, so that a reader sees what is missing between two lines, also in a log that was cut off.
      lines += 1;
      const origin = { run, scenario: name, pipeline: settings.PIPELINE, vu, line: lines };
      const faults = line.faults as readonly string[] | undefined;
      const masked = faults?.length ? { faults: loadMasking().maskCodes(faults, settings) } : {};
      console.log(JSON.stringify({ type, ...origin, ...line, ...masked }));
    },
  };
  const timeEndsAtMs = exec.scenario.startTime + settings.TIME * 1000 - epochOffsetMs;
  return new Caller({ settings, url, session, transport, utterances, phone, index: vu - 1, timeEndsAtMs });
}
