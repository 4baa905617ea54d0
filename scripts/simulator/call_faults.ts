/** The faults of whole calls: how the upgrade request is answered, what happens to the socket, how the agent behaves. */

import type { WebSocket } from "ws";

import type { Behaviour } from "./behaviour.ts";

/** What a fault does to a call. */
export type CallFault =
  /** The upgrade is answered with an HTTP status. */
  | { readonly name: string; readonly type: "refuse"; readonly status: number; readonly headers: string }
  /** The upgrade is answered late. */
  | { readonly name: string; readonly type: "delayUpgrade"; readonly ms: number }
  /** Something is done to the socket as soon as it is open. */
  | {
      readonly name: string;
      readonly type: "socketAction";
      readonly action: (socket: WebSocket) => void;
      /** No agent runs on the call: nothing is sent, and messages are ignored. */
      readonly hasNoAgent?: boolean;
      /** Nothing is read from the socket. */
      readonly neverReads?: boolean;
    }
  /** The agent behaves differently on this call. */
  | { readonly name: string; readonly type: "changeBehaviour"; readonly behaviour: Partial<Behaviour> };

/**
 * Longer than the 10 s for which a caller by default waits for a connection or a greeting, and shorter than the 60 s for which
 * k6 waits for a handshake.
 */
const SLOW_START_MS = 12_000;

/** A slow reader reads during the first half of each such period only. */
const READ_PERIOD_MS = 300;

/** Reads late and in bursts, but reads everything, as a busy event loop does. */
function readSlowly(socket: WebSocket): void {
  let isReading = true;
  const timer = setInterval(() => {
    isReading = !isReading;
    if (isReading) socket.resume();
    else socket.pause();
  }, READ_PERIOD_MS / 2);
  socket.on("close", () => clearInterval(timer));
}

const refuse = (status: number, headers = ""): CallFault => ({
  name: `refuse_${status}`,
  type: "refuse",
  status,
  headers,
});

const onSocket = (name: string, action: (socket: WebSocket) => void): CallFault => ({
  name,
  type: "socketAction",
  action,
});

const withoutAgent = (name: string, action: (socket: WebSocket) => void): CallFault => ({
  name,
  type: "socketAction",
  action,
  hasNoAgent: true,
});

const FAULTS: readonly CallFault[] = [
  refuse(403),
  refuse(404),
  refuse(429, "Retry-After: 1\r\n"),
  refuse(500),
  refuse(502),
  refuse(503, "Retry-After: 1\r\n"),
  { name: "slow_start", type: "delayUpgrade", ms: SLOW_START_MS },
  withoutAgent("half_open", () => {}),
  withoutAgent("close_at_once", (socket) => socket.close(1000)),
  withoutAgent("capacity_1013", (socket) => socket.close(1013, "STT capacity unavailable")),
  onSocket("slow_reader", readSlowly),
  { name: "stops_reading", type: "socketAction", action: (socket) => socket.pause(), neverReads: true },
  onSocket("pings_unanswered", (socket) => Object.assign(socket, { _autoPong: false })),
  { name: "endless_greeting", type: "changeBehaviour", behaviour: { greetingMs: Number.POSITIVE_INFINITY } },
];

/** The faults of calls, by name. */
export const CALL_FAULTS: Readonly<Record<string, CallFault>> = Object.fromEntries(
  FAULTS.map((fault) => [fault.name, fault]),
);
