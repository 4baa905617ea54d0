/**
 * `make call` (`call.ts SCENARIO`): makes one call in Node, with the conversation and codecs of a load test, and prints
 * its events as they happen. With `TRANSCRIPTS=true` it prints the texts of messages too.
 */

import { randomUUID } from "node:crypto";
import { driveCall } from "../lib/caller/call.ts";
import { rulesFromSettings } from "../lib/caller/rules_from_settings.ts";
import { wireSettingsOf } from "../lib/caller/wire_settings.ts";
import { Conversation } from "../lib/conversation/conversation.ts";
import { loadJournal } from "../lib/metrics/journal.lazy.ts";
import type { TurnRecord } from "../lib/metrics/records.ts";
import { maskText, maskUrl } from "../lib/settings/masking.ts";
import { targetUrl } from "../lib/settings/target_url.ts";
import { WIRES } from "../lib/wire/wires.ts";
import { CallPrinter } from "./live/call_printer.ts";
import { dialConnection } from "./live/connection.ts";
import { explainFailedDial } from "./live/failed_dial.ts";
import { dialRequest, parseScenario } from "./live/target.ts";
import { followInterrupts } from "./run/interrupts.ts";
import { originNotes } from "./run/make_settings.ts";
import { BASE64, prepare, targetSecrets } from "./run/prepare.ts";
import { ignoredProxy } from "./run/proxy.ts";
import { fail } from "./run/terminal.ts";

/** The default of TURNS_PER_USER for this command. */
const TURNS = "3";

/** The exit code of a call that was interrupted, as of a run. */
const INTERRUPTED = 105;

/** Makes the call; returns the exit code: 0 when every turn was ok. */
async function makeCall(name: string): Promise<number> {
  const scenario = parseScenario(name);
  const transport = WIRES[scenario];
  const { problems, session, settings, utterances } = prepare(scenario, { TURNS_PER_USER: TURNS, ...process.env });
  if (problems.length > 0) throw new Error(problems.join("\n"));
  const ignored = ignoredProxy(new URL(targetUrl(settings, transport.path)), process.env);
  for (const note of [...originNotes(process.env), ...(ignored === null ? [] : [ignored])])
    console.error(`note  ${note}`);
  const startedAtMs = performance.now();
  const now = () => performance.now() - startedAtMs;
  const secrets = targetSecrets(settings);
  const printer = new CallPrinter({
    writeLine: (line) => console.log(line),
    mask: (text) => maskText(text, secrets),
    colour: process.stdout.isTTY === true && process.env.NO_COLOR === undefined,
    transcripts: process.env.TRANSCRIPTS === "true",
    quietMs: settings.BARGE_QUIET_MS,
    now,
  });
  const callId = settings.SESSION_PREFIX + randomUUID();
  const dial = dialRequest(scenario, settings, callId);
  printer.print("caller", `dials ${maskUrl(targetUrl(settings, transport.path))} as ${callId}`);
  const dialled = await dialConnection(dial);
  if (dialled.connection === null) {
    for (const { advice, found, name } of explainFailedDial(scenario, settings, dialled)) {
      printer.print("problem", `fault  ${name}  ${found}`);
      printer.print("problem", `       ${advice}`);
    }
    printer.print("result", "no call was made: make doctor checks each step");
    return 1;
  }
  printer.print("agent", "has accepted the call");
  const outcomes: string[] = [];
  const output = {
    add() {},
    log(line: Readonly<Record<string, unknown>>) {
      if (line.type === "turn") outcomes.push(printTurn(printer, line as unknown as TurnRecord));
    },
  };
  const epochOffsetMs = Date.now() - now();
  const textLeadsAudio = transport.textLeadsAudio(settings.PIPELINE);
  const journal = new (loadJournal().Journal)(output, {
    callId,
    epochOffsetMs,
    fileOf: (utterance) => utterances.files[utterance],
    warmupTurns: 0,
    textLeadsAudio,
  });
  let speakingIndex = 0;
  const codec = transport.codec({
    socket: dialled.connection,
    callId,
    base64: BASE64,
    epochMs: () => now() + epochOffsetMs,
    rateHz: utterances.rateHz,
    frameMs: settings.CHUNK_MS,
    quiet: utterances.quiet,
    tokens: { response: settings.RESPONSE_TOKENS, end: settings.END_TOKENS },
    wireSettings: wireSettingsOf(settings, session),
  });
  const piece = (utterance: number, at: number) => {
    speakingIndex = utterance;
    return utterances.pieces[(utterances.firstPieces[utterance] ?? 0) + at] ?? "";
  };
  const timeEndsAtMs = settings.TIME * 1000;
  const { frames, wordless } = utterances;
  const known = { frames, wordless, conversations: () => utterances.conversations };
  const call = driveCall({
    connection: dialled.connection,
    codec: printer.wrapCodec(codec, () => ({
      name: utterances.files[speakingIndex] ?? "",
      frames: utterances.frames[speakingIndex] ?? 0,
    })),
    journal,
    conversation: new Conversation(
      rulesFromSettings({ settings, transport, index: 0, utterances: known, timeEndsAtMs }),
    ),
    now,
    epochOffsetMs,
    frameMs: settings.CHUNK_MS,
    firstFrameInMs: () => settings.CHUNK_MS,
    acceptTimeoutMs: settings.CONNECT_TIMEOUT_SEC * 1000,
    piece,
  });
  await dialled.closed;
  const { closedBy, code, outcome } = call.record ?? { closedBy: "agent", code: null, outcome: "closed" };
  printer.print("result", `call ${outcome}: closed with ${code} by the ${closedBy}`);
  return outcome === "ok" && outcomes.length > 0 && outcomes.every((each) => each === "ok") ? 0 : 1;
}

/** Prints the result of a turn; returns its outcome. */
function printTurn(
  printer: CallPrinter,
  { bargeMs, faults, outcome, sttMs, stallMs, ttfbMs, turn, turnMs }: TurnRecord,
): string {
  const times = Object.entries({ stt: sttMs, ttfb: ttfbMs, barge: bargeMs, turn: turnMs, stall: stallMs || null });
  const shown = times.flatMap(([name, ms]) => (ms === null ? [] : [`${name} ${Math.round(ms)} ms`]));
  const parts = [`turn ${String(turn).padStart(2, "0")} ${outcome}`, ...shown, ...faults];
  printer.print(outcome === "ok" ? "result" : "problem", parts.join("  "));
  return outcome;
}

// A call ends with its terminal and with the make that started it.
followInterrupts(() => process.exit(INTERRUPTED));
await makeCall(process.argv[2] ?? "")
  .then((exitCode) => {
    process.exitCode = exitCode;
  })
  .catch(fail);
