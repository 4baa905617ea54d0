/** What can go wrong with a whole call: how its upgrade is answered, how its socket behaves, and how its agent does. */

import type { WebSocket } from "ws";

import type { Behaviour } from "./options.ts";

/** What becomes of a call. */
export type CallFault =
  /** The upgrade is answered with an HTTP status. */
  | { readonly name: string; readonly do: "refuse"; readonly status: number; readonly headers: string }
  /** The upgrade is answered late. */
  | { readonly name: string; readonly do: "delay"; readonly ms: number }
  /** Something is done to the socket as soon as it is open; `mute`: nothing is ever said on it, `deaf`: nothing is read. */
  | {
      readonly name: string;
      readonly do: "hit";
      readonly how: (socket: WebSocket) => void;
      readonly mute?: boolean;
      readonly deaf?: boolean;
    }
  /** The agent behaves otherwise in this call. */
  | { readonly name: string; readonly do: "behave"; readonly as: Partial<Behaviour> };

/** Longer than the seed's patience with a greeting, and shorter than k6's with a handshake. */
const SLOW_START_MS = 12_000;

/** A slow reader reads in the first half of each such time only, in ms. */
const READS_EVERY_MS = 300;

/** Reads late and in gulps, but reads all: what a busy event loop does. */
function readSlowly(socket: WebSocket): void {
  let reads = true;
  const timer = setInterval(() => {
    reads = !reads;
    if (reads) socket.resume();
    else socket.pause();
  }, READS_EVERY_MS / 2);
  socket.on("close", () => clearInterval(timer));
}

const refuse = (status: number, headers = ""): CallFault => ({
  name: `refuse_${status}`,
  do: "refuse",
  status,
  headers,
});

const FAULTS: readonly CallFault[] = [
  refuse(403),
  refuse(404),
  refuse(429, "Retry-After: 1\r\n"),
  refuse(500),
  refuse(502),
  refuse(503, "Retry-After: 1\r\n"),
  { name: "slow_start", do: "delay", ms: SLOW_START_MS },
  { name: "half_open", do: "hit", how: () => {}, mute: true },
  { name: "close_at_once", do: "hit", how: (socket) => socket.close(1000), mute: true },
  { name: "capacity_1013", do: "hit", how: (socket) => socket.close(1013, "STT capacity unavailable"), mute: true },
  { name: "slow_reader", do: "hit", how: readSlowly },
  { name: "stops_reading", do: "hit", how: (socket) => socket.pause(), deaf: true },
  { name: "pings_unanswered", do: "hit", how: (socket) => Object.assign(socket, { _autoPong: false }) },
  { name: "endless_greeting", do: "behave", as: { greetingMs: Number.POSITIVE_INFINITY } },
];

/** The faults of calls, by name. */
export const CALL_FAULTS: Readonly<Record<string, CallFault>> = Object.fromEntries(
  FAULTS.map((fault) => [fault.name, fault]),
);
