/**
 * `call.ts SCENARIO`: makes one call as a load's callers do, with the same machine and the same codecs, and tells it live.
 * `TRANSCRIPTS=true` shows what is said, too.
 */

import { randomUUID } from "node:crypto";
import { driveCall } from "../lib/caller/call.ts";
import { rulesFromSettings } from "../lib/caller/rules_from_settings.ts";
import { Conversation } from "../lib/conversation/conversation.ts";
import { faultName } from "../lib/conversation/turn.ts";
import { loadJournal } from "../lib/metrics/journal.lazy.ts";
import type { TurnRecord } from "../lib/metrics/records.ts";
import { dialFaults } from "../lib/wire/faults.ts";
import { WIRES } from "../lib/wire/wires.ts";
import { Teller } from "./live/call_printer.ts";
import { dialLine } from "./live/connection.ts";
import { dialOf, scenarioOf } from "./live/target.ts";
import { BASE64, prepare } from "./run/prepare.ts";
import { fail } from "./run/terminal.ts";

/** Turns of a call that is made to be watched. */
const TURNS = "3";

/** Makes the call; returns the exit code: 0 when every turn was ok. */
async function call(name: string): Promise<number> {
  const scenario = scenarioOf(name);
  const transport = WIRES[scenario];
  const { problems, script, settings } = prepare(scenario, { TURNS_PER_USER: TURNS, ...process.env });
  if (problems.length > 0) throw new Error(problems.join("\n"));
  const startedAtMs = performance.now();
  const now = () => performance.now() - startedAtMs;
  const teller = new Teller({
    print: (line) => console.log(line),
    colour: process.stdout.isTTY === true && process.env.NO_COLOR === undefined,
    transcripts: process.env.TRANSCRIPTS === "true",
    quietMs: settings.BARGE_QUIET_MS,
    now,
  });
  const callId = settings.SESSION_PREFIX + randomUUID();
  const dial = dialOf(scenario, settings, callId);
  teller.tell("caller", `dials ${new URL(dial.url).origin}${new URL(dial.url).pathname} as ${callId}`);
  const dialled = await dialLine(dial);
  if (dialled.line === null) {
    for (const fault of dialFaults(dialled)) teller.tell("wrong", `fault  ${faultName(fault)}  ${dialled.error}`);
    teller.tell("result", "no call was made: make doctor says what to check");
    return 1;
  }
  teller.tell("agent", "has accepted the call");
  const outcomes: string[] = [];
  const ledger = {
    add() {},
    log(line: Readonly<Record<string, unknown>>) {
      if (line.type === "turn") outcomes.push(tellTurn(teller, line as unknown as TurnRecord));
    },
  };
  const epochOffsetMs = Date.now() - now();
  const textLeadsAudio = settings.PIPELINE === "voicelive";
  const journal = new (loadJournal().Journal)(ledger, {
    callId,
    epochOffsetMs,
    fileOf: (utterance) => script.files[utterance],
    warmupTurns: 0,
    textLeadsAudio,
  });
  let spoken = 0;
  const codec = transport.codec({
    socket: dialled.line,
    callId,
    base64: BASE64,
    rateHz: script.rateHz,
    frameMs: settings.CHUNK_MS,
    quiet: script.quiet,
    tokens: { response: settings.RESPONSE_TOKENS, end: settings.END_TOKENS },
  });
  const piece = (utterance: number, at: number) => {
    spoken = utterance;
    return script.pieces[(script.firstPieces[utterance] ?? 0) + at] ?? "";
  };
  const timeUpAtMs = settings.TIME * 1000;
  const said = { frames: script.frames, conversations: () => script.conversations };
  const made = driveCall({
    connection: dialled.line,
    codec: teller.over(codec, () => ({ name: script.files[spoken] ?? "", frames: script.frames[spoken] ?? 0 })),
    journal,
    conversation: new Conversation(rulesFromSettings({ settings, transport, index: 0, utterances: said, timeUpAtMs })),
    now,
    epochOffsetMs,
    frameMs: settings.CHUNK_MS,
    firstFrameInMs: settings.CHUNK_MS,
    piece,
  });
  await dialled.closed;
  const { closedBy, code, outcome } = made.record ?? { closedBy: "agent", code: null, outcome: "closed" };
  teller.tell("result", `call ${outcome}: closed with ${code} by the ${closedBy}`);
  return outcome === "ok" && outcomes.length > 0 && outcomes.every((word) => word === "ok") ? 0 : 1;
}

function tellTurn(
  teller: Teller,
  { bargeMs, faults, outcome, sttMs, stallMs, ttfbMs, turn, turnMs }: TurnRecord,
): string {
  const times = Object.entries({ stt: sttMs, ttfb: ttfbMs, barge: bargeMs, turn: turnMs, stall: stallMs || null });
  const shown = times.flatMap(([name, ms]) => (ms === null ? [] : [`${name} ${Math.round(ms)} ms`]));
  const words = [`turn ${String(turn).padStart(2, "0")} ${outcome}`, ...shown, ...faults];
  teller.tell(outcome === "ok" ? "result" : "wrong", words.join("  "));
  return outcome;
}

await call(process.argv[2] ?? "")
  .then((exitCode) => {
    process.exitCode = exitCode;
  })
  .catch(fail);
