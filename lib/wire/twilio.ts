/**
 * The wire of a phone call over Twilio Media Streams, bidirectional (`<Connect><Stream>`), seen from Twilio's side: JSON text
 * frames, audio as base64 of 8 kHz mu-law in `media`. The agent sends `media` of any length, `mark`, which comes back to it when
 * the audio before it has been played, and `clear`, which drops what has not been played: that is its stop. The messages are
 * those of Twilio's documentation, "Media Streams - WebSocket Messages".
 */

import { encodeMulaw } from "../audio/mulaw.ts";
import type { Event } from "../conversation/event.ts";
import { QUIET } from "../conversation/slot.ts";
import { readMedia } from "./audio_message.ts";
import { audioTemplate } from "./audio_template.ts";
import { packedFrameChars, packFrames } from "./base64.ts";
import type { Codec, CodecOptions, Dial, DialOptions, Transport } from "./codec.ts";
import { decodeMessage } from "./envelope.ts";
import { asObject, type Json, parseJson } from "./json.ts";
import { makePlayer } from "./player.ts";
import { MULAW, makeSoundCheck } from "./sound.ts";
import { loadUnread } from "./unread.lazy.ts";

const TWILIO_HZ = 8000;

const NO_PRESSES: readonly string[] = [];
const NO_FRAME = -1;

const NOTHING: readonly Event[] = [];
const STOP: readonly Event[] = [{ type: "stop" }];

/** What Twilio's upgrades call themselves, by what others have seen of real ones; no document says it. Some agents look at it. */
const USER_AGENT = "Twilio.TmeWs/1.0";

/** The custom parameter that holds the id of the call, so that a test's calls are found in the agent's logs. */
const CALL_ID = "call_id";

/** Twilio's wire. */
export const twilio: Transport = {
  path: "/media-stream",
  pathHint: "an agent serves its stream where its TwiML says, such as WS_PATH=/ws or WS_PATH=/media-stream",
  statusPath: null,
  hasPipelines: false,
  sendsDtmf: true,
  textLeadsAudio: () => false,
  stopOwedAfterEnd: () => true,
  sampleRateHz: () => TWILIO_HZ,
  dial,
  pack: (pcm, frameBytes, base64) =>
    packFrames(encodeMulaw(new Int16Array(pcm.slice().buffer)), frameBytes / 2, base64),
  codec: twilioCodec,
};

/**
 * Signs the upgrade where the account's token is known: `X-Twilio-Signature` is the HMAC-SHA1 of the whole URL by the token, as
 * base64 (Twilio's documentation, "Webhooks Security"; an upgrade has no form parameters).
 */
function dial({ hmacSha1, url, wireSettings: { authToken } }: DialOptions): Dial {
  const signature = authToken === "" ? {} : { "X-Twilio-Signature": hmacSha1(authToken, url) };
  return { url, headers: { "User-Agent": USER_AGENT, ...signature } };
}

/** Makes the codec of one call, of closures over local variables: property lookups are slow in k6 (see acs.ts). */
function twilioCodec(options: CodecOptions): Codec {
  const { base64, callId, epochMs, frameMs, quiet, rateHz, tokens } = options;
  const { sendText } = options.socket;
  const frameChars = packedFrameChars((frameMs * rateHz) / 1000);
  const { callSid, streamSid } = sidsOf(callId);
  const closing = `"},"streamSid":"${streamSid}"}`;
  const player = makePlayer();
  const { eventsAt, read, samplesAt } = audioTemplate(
    (message) => readMedia(message, rateHz),
    makeSoundCheck(base64, MULAW),
  );
  /** Marks that wait for the audio before them, in order. */
  const marks: { readonly name: string; readonly atMs: number }[] = [];
  let packed = "";
  /** The digits that are left to press in the piece, each as `frame:digit`, and the frame of the next one. */
  let presses: readonly string[] = [];
  let pressAt = NO_FRAME;
  let firstFrame = 0;
  let quietAt = 0;
  let sequence = 0;
  let chunk = 0;
  let startedAtMs = 0;

  const sendEvent = (event: string, content: object) => {
    sequence += 1;
    sendText(JSON.stringify({ event, sequenceNumber: String(sequence), streamSid, ...content }));
  };

  const setPresses = (left: readonly string[]) => {
    presses = left;
    pressAt = left[0] === undefined ? NO_FRAME : Number.parseInt(left[0], 10);
  };

  const press = () => {
    sendEvent("dtmf", { dtmf: { track: "inbound_track", digit: presses[0]?.at(-1) } });
    setPresses(presses.slice(1));
  };

  const answerMarks = (untilMs: number) => {
    while (marks.length > 0 && (marks[0]?.atMs ?? 0) <= untilMs)
      sendEvent("mark", { mark: { name: marks.shift()?.name } });
  };

  /** Counts audio as queued for the caller's ear. */
  const queued = (events: readonly Event[]) => {
    for (const event of events) if (event.type === "audio" || event.type === "silence") player.add(event.ms, epochMs());
    return events;
  };

  const decodeOther = (message: Json): readonly Event[] => {
    if (message.event === "mark") {
      const nowMs = epochMs();
      marks.push({ name: String(asObject(message.mark).name ?? ""), atMs: player.endsAtMs });
      answerMarks(nowMs);
      return NOTHING;
    }
    if (message.event === "media") return NOTHING;
    if (message.event !== "clear") return decodeMessage(message, tokens);
    player.clear(epochMs());
    answerMarks(Number.POSITIVE_INFINITY);
    return STOP;
  };

  return {
    open(atMs) {
      startedAtMs = atMs;
      sendText('{"event":"connected","protocol":"Call","version":"1.0.0"}');
      const { accountSid, streamParameters } = options.wireSettings;
      const customParameters = { ...streamParameters, [CALL_ID]: callId };
      const mediaFormat = { encoding: "audio/x-mulaw", sampleRate: rateHz, channels: 1 };
      const tracks = ["inbound"];
      sendEvent("start", { start: { accountSid, streamSid, callSid, tracks, mediaFormat, customParameters } });
      return true;
    },
    close() {
      sendEvent("stop", { stop: { accountSid: options.wireSettings.accountSid, callSid } });
    },
    setPiece(piece, first) {
      packed = piece;
      firstFrame = first;
      const pressesFrom = piece.indexOf(",");
      setPresses(pressesFrom < 0 ? NO_PRESSES : piece.slice(pressesFrom + 1).split(","));
    },
    send(frame, atMs) {
      if (marks.length > 0) answerMarks(atMs);
      let data: string;
      if (frame === QUIET) {
        data = quiet.substring(quietAt, quietAt + frameChars);
        quietAt += frameChars;
        if (quietAt >= quiet.length) quietAt = 0;
      } else {
        if (frame === pressAt) press();
        const at = (frame - firstFrame) * frameChars;
        data = packed.substring(at, at + frameChars);
      }
      sequence += 1;
      chunk += 1;
      sendText(
        `{"event":"media","sequenceNumber":"${sequence}","media":{"track":"inbound","chunk":"${chunk}","timestamp":"${(atMs - startedAtMs) | 0}","payload":"${data}${closing}`,
      );
    },
    decode(message, closely = true) {
      const at = samplesAt(message);
      if (at >= 0) return queued(eventsAt(message, at, closely));
      try {
        const events = message.includes('"payload"') ? read(message, closely) : NOTHING;
        return events.length > 0 ? queued(events) : decodeOther(asObject(parseJson(message)));
      } catch {
        return loadUnread().badJsonEvents(message);
      }
    },
  };
}

/** The ids of a call and of its stream: `CA` and `MZ` with 32 hexadecimal digits, those of the call's UUID. */
function sidsOf(callId: string): { readonly callSid: string; readonly streamSid: string } {
  const digits = callId
    .toLowerCase()
    .replaceAll(/[^\da-f]/g, "")
    .slice(-32)
    .padStart(32, "0");
  return { callSid: `CA${digits}`, streamSid: `MZ${digits}` };
}
