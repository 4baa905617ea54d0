/**
 * The bare loop of `make bench`: the smallest k6/ws script that holds calls. It sends the same frames at the same pace
 * as the scenarios and receives the same messages, but measures nothing and decides nothing, so its cost is that of k6
 * itself. Its callers come and leave as those of the scenarios do: spread evenly over SPREAD_SEC, each at its own point
 * of the frame and of its turn; after SEC one by one, each at its own point of LEAVE_SEC. With LAG=1 a caller also
 * records its send lag, and prints it in a line that is read like the call line of a scenario.
 */

import { SharedArray } from "k6/data";
import { b64encode } from "k6/encoding";
import exec from "k6/execution";
import ws from "k6/ws";

import { encodeMulaw } from "../../lib/audio/mulaw.ts";
import { resample } from "../../lib/audio/resample.ts";
import { staggerFraction, staggerWaitMs } from "../../lib/caller/stagger.ts";

const FRAME_MS = 20;
const { HOST, LAG, LEAVE_SEC, PCM, SEC, SILENCE_MS, SPREAD_SEC, USERS, WIRE } = __ENV;

const asPcm = (samples) => new Uint8Array(samples.buffer);
const sid = "0".repeat(32);

/** The wires: path, first messages, rate and coding of the audio, and the text around a frame (null: frames are binary). */
const WIRES = {
  acs_media: {
    path: "/api/v1/media/stream",
    hello: [
      '{"kind":"AudioMetadata","audioMetadata":{"subscriptionId":"0","encoding":"PCM","sampleRate":16000,"channels":1,"length":640}}',
    ],
    rateHz: 16000,
    code: asPcm,
    around: [
      '{"kind":"AudioData","audioData":{"timestamp":"2026-01-01T00:00:00.000Z","participantRawID":"8:acs:k6va-0","data":"',
      '","silent":false}}',
    ],
  },
  browser_conversation: {
    path: "/api/v1/realtime/conversation",
    hello: [],
    rateHz: 16000,
    code: asPcm,
    around: null,
  },
  twilio_media: {
    path: "/media-stream",
    hello: [
      '{"event":"connected","protocol":"Call","version":"1.0.0"}',
      `{"event":"start","sequenceNumber":"1","streamSid":"MZ${sid}","start":{"streamSid":"MZ${sid}","customParameters":{}}}`,
    ],
    rateHz: 8000,
    code: encodeMulaw,
    around: [
      '{"event":"media","sequenceNumber":"2","media":{"track":"inbound","chunk":"1","timestamp":"20","payload":"',
      `"},"streamSid":"MZ${sid}"}`,
    ],
  },
  openai_realtime: {
    path: "/v1/realtime?model=gpt-realtime",
    hello: ['{"type":"session.update","session":{"type":"realtime"}}', '{"type":"response.create"}'],
    rateHz: 24000,
    code: asPcm,
    around: ['{"type":"input_audio_buffer.append","audio":"', '"}'],
  },
};
const { around, code, hello, path, rateHz } = WIRES[WIRE];

const recorded = new Int16Array(open(PCM, "b"));
const sentAudio = () => code(rateHz === 16000 ? recorded : resample(recorded, rateHz)).slice().buffer;
const frameSamples = (rateHz * FRAME_MS) / 1000;
const silence = code(new Int16Array(frameSamples)).slice().buffer;
const frameBytes = silence.byteLength;
const frameChars = Math.ceil(frameBytes / 3) * 4;
const frames = Math.floor((recorded.length * rateHz) / 16000 / frameSamples);
const turnFrames = frames + Math.round(SILENCE_MS / FRAME_MS);
const frameOf = (audio, at) => audio.slice(at * frameBytes, (at + 1) * frameBytes);
// Resampled once, not by each caller.
const shared = new SharedArray("speech", () => {
  const audio = sentAudio();
  let packed = "";
  for (let at = 0; at < frames; at += 1) packed += b64encode(frameOf(audio, at));
  return [packed, b64encode(silence)];
});
const binary = around === null ? sentAudio() : null;

const url = `ws://${HOST}${path}`;
const [head, tail] = around ?? [];

const target = Number(USERS);
export const options = {
  scenarios: {
    callers: {
      executor: "ramping-vus",
      startVUs: 0,
      stages: [
        { duration: `${SPREAD_SEC}s`, target },
        { duration: `${SEC - SPREAD_SEC}s`, target },
      ],
      gracefulStop: "60s",
    },
  },
  systemTags: ["scenario", "group"],
};

export function setup() {
  if (LAG) console.log(JSON.stringify({ type: "run", startedAt: new Date().toISOString() }));
}

/** Records the worst lateness of each second of the call. */
function makeLagRecorder() {
  const dialAtMs = Date.now();
  const lagMs = [];
  let worstMs = 0;
  let second = 0;
  return {
    add(elapsedMs, lateMs) {
      if (Math.floor(elapsedMs / 1000) > second) {
        second = Math.floor(elapsedMs / 1000);
        lagMs.push(worstMs);
        worstMs = 0;
      }
      if (lateMs > worstMs) worstMs = lateMs;
    },
    print(connectedAtMs) {
      const ends = { dialAtMs, connectedAtMs, closedAtMs: Date.now(), closedBy: "caller", outcome: "ok" };
      console.log(JSON.stringify({ type: "call", vu: __VU, call: String(__VU), ...ends, lagMs }));
    },
  };
}

export default function () {
  const [packed, quietFrame] = [shared[0], shared[1]];
  const fraction = staggerFraction(__VU - 1);
  const firstSlot = Math.floor(fraction * turnFrames);
  const leavesAtMs = exec.scenario.startTime + SEC * 1000 + fraction * LEAVE_SEC * 1000;
  const lag = LAG ? makeLagRecorder() : null;
  ws.connect(url, (socket) => {
    let openedAtMs = 0;
    let sent = 0;
    const send = (slot) => {
      const at = slot % turnFrames;
      if (binary !== null) socket.sendBinary(at < frames ? frameOf(binary, at) : silence);
      else
        socket.send(
          head + (at < frames ? packed.substring(at * frameChars, (at + 1) * frameChars) : quietFrame) + tail,
        );
    };
    for (const message of hello) socket.send(message);
    socket.on("message", () => {});
    const close = () => {
      if (lag !== null) lag.print(openedAtMs);
      socket.close(1000);
    };
    const tick = () => {
      const nowMs = Date.now();
      const elapsedMs = nowMs - openedAtMs;
      if (lag !== null) lag.add(elapsedMs, elapsedMs - sent * FRAME_MS);
      // A frame is due half a frame early, because the timer and the clock drift apart.
      for (const due = elapsedMs / FRAME_MS + 0.5; sent <= due; sent += 1) send(firstSlot + sent);
      if (nowMs >= leavesAtMs) close();
    };
    const begin = () => {
      openedAtMs = Date.now();
      socket.setInterval(tick, FRAME_MS);
      tick();
    };
    socket.setTimeout(begin, staggerWaitMs(fraction, FRAME_MS, exec.instance.currentTestRunDuration));
  });
}
