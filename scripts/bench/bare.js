/**
 * The bare loop of `make bench`: the smallest k6/ws script that holds calls. It sends the same frames at the same pace
 * as the scenarios and receives the same messages, but measures nothing and decides nothing, so its cost is that of k6
 * itself. Its callers start spread over SPREAD_SEC, each at another point of its turn, as those of the scenarios do.
 * With LAG=1 a caller also records its send lag, and prints it as one line of JSON when it closes its call.
 */

import { sleep } from "k6";
import { SharedArray } from "k6/data";
import { b64encode } from "k6/encoding";
import ws from "k6/ws";

const FRAME_MS = 20;
const { CALLS, HOST, LAG, PCM, SEC, SILENCE_MS, SPREAD_SEC = "0", WIRE } = __ENV;
const phone = WIRE === "acs_media";
const frameBytes = 640;
const frameChars = 856;

const pcm = open(PCM, "b");
const frames = Math.floor(pcm.byteLength / frameBytes);
const turnFrames = frames + Math.round(SILENCE_MS / FRAME_MS);
const shared = new SharedArray("speech", () => {
  let packed = "";
  for (let at = 0; at < frames; at += 1) packed += b64encode(pcm.slice(at * frameBytes, (at + 1) * frameBytes));
  return [packed, b64encode(new ArrayBuffer(frameBytes))];
});
const silence = new ArrayBuffer(frameBytes);

const url = `ws://${HOST}/api/v1/${phone ? "media/stream" : "realtime/conversation"}`;
const head =
  '{"kind":"AudioData","audioData":{"timestamp":"2026-01-01T00:00:00.000Z","participantRawID":"8:acs:k6va-0","data":"';
const tail = '","silent":false}}';
const hello =
  '{"kind":"AudioMetadata","audioMetadata":{"subscriptionId":"0","encoding":"PCM","sampleRate":16000,"channels":1,"length":640}}';

export const options = {
  scenarios: {
    callers: { executor: "per-vu-iterations", vus: Number(CALLS), iterations: 1, maxDuration: `${Number(SEC) + 60}s` },
  },
  systemTags: ["scenario", "group"],
};

/** Records the worst lateness of each second after the ramp-up. */
function makeLagRecorder(rampUpMs) {
  const lagMs = [];
  let worstMs = 0;
  let second = 0;
  return {
    add(elapsedMs, lateMs) {
      if (Math.floor(elapsedMs / 1000) > second) {
        second = Math.floor(elapsedMs / 1000);
        if (elapsedMs > rampUpMs) lagMs.push(worstMs);
        worstMs = 0;
      }
      if (lateMs > worstMs) worstMs = lateMs;
    },
    print: () => console.log(JSON.stringify({ lagMs })),
  };
}

/**
 * Waits until this caller's start within SPREAD_SEC; returns the frame of the turn to start with, and a recorder with
 * LAG=1.
 */
function waitForStart() {
  const offsetSec = ((__VU - 1) / CALLS) * SPREAD_SEC + (Math.random() * FRAME_MS) / 1000;
  if (SPREAD_SEC > 0) sleep(offsetSec);
  const firstSlot = SPREAD_SEC > 0 ? Math.floor(Math.random() * turnFrames) : 0;
  return { firstSlot, lag: LAG ? makeLagRecorder((SPREAD_SEC - offsetSec) * 1000) : null };
}

export default function () {
  const [packed, quietFrame] = [shared[0], shared[1]];
  const { firstSlot, lag } = waitForStart();
  ws.connect(url, (socket) => {
    let openedAtMs = 0;
    let sent = 0;
    const send = (slot) => {
      const at = slot % turnFrames;
      if (!phone) socket.sendBinary(at < frames ? pcm.slice(at * frameBytes, (at + 1) * frameBytes) : silence);
      else
        socket.send(
          head + (at < frames ? packed.substring(at * frameChars, (at + 1) * frameChars) : quietFrame) + tail,
        );
    };
    if (phone) socket.send(hello);
    socket.on("message", () => {});
    const close = () => {
      if (lag !== null) lag.print();
      socket.close(1000);
    };
    const tick = () => {
      const nowMs = Date.now();
      if (openedAtMs === 0) openedAtMs = nowMs;
      const elapsedMs = nowMs - openedAtMs;
      if (lag !== null) lag.add(elapsedMs, elapsedMs - sent * FRAME_MS);
      // A frame is due half a frame early, because the timer and the clock drift apart.
      for (const due = elapsedMs / FRAME_MS + 0.5; sent <= due; sent += 1) send(firstSlot + sent);
      if (elapsedMs >= SEC * 1000) close();
    };
    socket.setInterval(tick, FRAME_MS);
  });
}
