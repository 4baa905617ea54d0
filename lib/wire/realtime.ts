/**
 * The wire of a Realtime API: OpenAI's, that of Azure OpenAI, and Azure Voice Live. JSON text frames in both directions, audio as
 * base64 of 24 kHz PCM. The agent accepts the session before the call begins; `input_audio_buffer.speech_started` is its stop, and
 * the caller answers it with how much of the reply it has played (`conversation.item.truncate`), as real clients do, because the
 * agent remembers what was heard.
 */

import type { Event } from "../conversation/event.ts";
import { QUIET } from "../conversation/slot.ts";
import { readAudioDelta } from "./audio_message.ts";
import { audioTemplate, EVENT_ID } from "./audio_template.ts";
import { packedFrameChars, packFrames } from "./base64.ts";
import type { Codec, CodecOptions, Transport } from "./codec.ts";
import { asObject, type Json, parseJson } from "./json.ts";
import { makePlayer } from "./player.ts";
import { decodeServerEvent, functionCalls } from "./realtime_events.ts";
import { askedSession, dialRealtime, REALTIME_HZ } from "./realtime_session.ts";
import { makeSoundCheck } from "./sound.ts";
import { loadUnread } from "./unread.lazy.ts";

const NOTHING: readonly Event[] = [];
const OPEN: readonly Event[] = [{ type: "open" }];

/** The wire of a Realtime API. */
export const realtime: Transport = {
  path: "/v1/realtime",
  pathHint:
    "OpenAI serves it at /v1/realtime, Azure OpenAI at WS_PATH=/openai/v1/realtime, Voice Live at WS_PATH=/voice-live/realtime",
  statusPath: null,
  hasPipelines: false,
  sendsDtmf: false,
  textLeadsAudio: () => true,
  stopOwedAfterEnd: () => true,
  sampleRateHz: () => REALTIME_HZ,
  dial: dialRealtime,
  pack: packFrames,
  codec: realtimeCodec,
};

/** Makes the codec of one call, of closures over local variables: property lookups are slow in k6 (see acs.ts). */
function realtimeCodec({ base64, epochMs, frameMs, quiet, rateHz, socket, wireSettings }: CodecOptions): Codec {
  const { sendText } = socket;
  const frameChars = packedFrameChars((frameMs * rateHz * 2) / 1000);
  const player = makePlayer();
  const readMessage = (message: string) => readAudioDelta(message, rateHz);
  const { eventsAt, read, samplesAt } = audioTemplate(readMessage, makeSoundCheck(base64), EVENT_ID);
  let packed = "";
  let firstFrame = 0;
  let quietAt = 0;
  let isAccepted = false;
  let truncatesItself = false;
  /** The item whose audio arrives, and how much of it has arrived. */
  let itemId = "";
  let itemMs = 0;

  const sendEvent = (event: object) => sendText(JSON.stringify(event));

  const queued = (events: readonly Event[]) => {
    for (const event of events) {
      if (event.type !== "audio" && event.type !== "silence") continue;
      itemMs += event.ms;
      player.add(event.ms, epochMs());
    }
    return events;
  };

  const accept = () => {
    if (isAccepted) return NOTHING;
    isAccepted = true;
    if (wireSettings.asksForGreeting) sendEvent({ type: "response.create" });
    return OPEN;
  };

  /**
   * Drops what was not played, and tells the agent how much of the last item was. Not of an item that was heard to its end, whose
   * transcript the agent would delete for nothing, nor of one of which nothing was heard.
   */
  const truncate = () => {
    const droppedMs = player.clear(epochMs());
    const playedMs = Math.floor(itemMs - droppedMs);
    if (droppedMs === 0 || playedMs <= 0 || truncatesItself) return;
    sendEvent({ type: "conversation.item.truncate", item_id: itemId, content_index: 0, audio_end_ms: playedMs });
  };

  /** Answers each call of a function with the same output, and asks for the reply that follows. */
  const answerCalls = (ids: readonly string[]): readonly Event[] => {
    for (const id of ids) {
      const item = { type: "function_call_output", call_id: id, output: wireSettings.toolOutput };
      sendEvent({ type: "conversation.item.create", item });
    }
    sendEvent({ type: "response.create" });
    return [{ type: "toolStart" }, { type: "replyEnd" }, { type: "toolEnd" }];
  };

  const decodeOther = (message: Json): readonly Event[] => {
    switch (message.type) {
      case "session.updated":
        return accept();
      case "input_audio_buffer.speech_started":
        truncate();
        break;
      case "response.output_item.added":
        if (asObject(message.item).type !== "message") break;
        itemId = String(asObject(message.item).id ?? "");
        itemMs = 0;
        break;
      case "response.done": {
        const response = asObject(message.response);
        const calls = response.status === "completed" ? functionCalls(response) : [];
        if (calls.length > 0) return answerCalls(calls);
      }
    }
    return decodeServerEvent(message);
  };

  return {
    open() {
      const asked = askedSession(wireSettings);
      truncatesItself = asked.truncatesItself;
      sendText(asked.update);
      return false;
    },
    setPiece(piece, first) {
      packed = piece;
      firstFrame = first;
    },
    send(frame) {
      let data: string;
      if (frame === QUIET) {
        data = quiet.substring(quietAt, quietAt + frameChars);
        quietAt += frameChars;
        if (quietAt >= quiet.length) quietAt = 0;
      } else {
        const at = (frame - firstFrame) * frameChars;
        data = packed.substring(at, at + frameChars);
      }
      sendText(`{"type":"input_audio_buffer.append","audio":"${data}"}`);
    },
    decode(message, closely = true) {
      const at = samplesAt(message);
      if (at >= 0) return queued(eventsAt(message, at, closely));
      try {
        const events = message.includes('audio.delta"') ? read(message, closely) : NOTHING;
        return events.length > 0 ? queued(events) : decodeOther(asObject(parseJson(message)));
      } catch {
        return loadUnread().badJsonEvents(message);
      }
    },
  };
}
