/**
 * Classifies how a connection failed: a dial that got no WebSocket, and a connection that ended without the caller's
 * doing. All that is known is the error text of the runtime: of Go's `net`, `crypto/tls` and gorilla/websocket in k6, of
 * Node's `net`, `tls` and ws in `make call` and `make doctor`.
 */

import type { Fault, RateSource } from "../conversation/event.ts";
import { codeOf, rateSource } from "./faults.ts";

/** A failed dial: the HTTP answer to the upgrade, or status 0 and the runtime's error text. */
export interface FailedDial {
  readonly status: number;
  readonly error: string;
  readonly body: string;
  /** The URL that was dialled; an error that names another host or port comes from a proxy. */
  readonly url?: string;
}

/**
 * Resources of the load machine, and the errors that say that it ran out of them (`man 2 socket`, `man 2 connect`). The
 * texts follow a colon in Go and the code follows a space in Node; an agent's or a proxy's own words do not count.
 */
const LIMITS: readonly (readonly [RegExp, string])[] = [
  [/: too many open files|\bE[MN]FILE\b/, "open_files"],
  [
    /: (cannot|can't) assign requested address|: Only one usage of each socket|\bEADDR(NOTAVAIL|INUSE)\b/,
    "local_ports",
  ],
  [/: cannot allocate memory|: no buffer space available|lacked sufficient buffer space|\bENO(MEM|BUFS)\b/, "memory"],
];

/** How a dial failed, by the runtime's error text; the first that matches. */
const DIAL_ERRORS: readonly (readonly [RegExp, string])[] = [
  [/\b(x509|certificate|tls|SSL|EPROTO)\b|handshake failure|altnames/i, "tls"],
  [/no such host|lookup|getaddrinfo/i, "dns"],
  [/refused/i, "refused"],
  [/unreachable|no route to host|E(NET|HOST)UNREACH/i, "unreachable"],
  [/time(d )?-?out|deadline|ETIMEDOUT/i, "connect_timeout"],
  [/malformed HTTP|Parse Error/i, "not_http"],
  // An answer of 101 that is no upgrade; k6 gives its status instead.
  [/invalid (upgrade|sec-websocket-\w+) header/i, "http_101"],
  [/reset|broken pipe|EOF|EPIPE|hang up/i, "reset"],
];

/**
 * The reason phrases of a proxy's refusals: gorilla/websocket hands over no more of a proxy's answer to CONNECT. Some
 * proxies have their own words (tinyproxy: `Filtered`).
 */
const PROXY_PHRASES: readonly (readonly [RegExp, string])[] = [
  [/authentication required/i, "407"],
  [/forbidden|denied|filtered|not allowed by|violation/i, "403"],
  [/^bad request/i, "400"],
  [/^unauthorized/i, "401"],
  [/^not found/i, "404"],
  [/^method not allowed/i, "405"],
  [/^request time-?out/i, "408"],
  [/^too many requests/i, "429"],
  [/^internal server error/i, "500"],
  [/^bad gateway|unreachable|unresolved|dns/i, "502"],
  [/^service unavailable/i, "503"],
  [/^gateway time-?out/i, "504"],
];

/** The `proxy_...` kind of what happens on the way to a proxy. */
const PROXY_KINDS: Readonly<Record<string, string>> = { connect_timeout: "timeout", unreachable: "timeout" };

/**
 * Returns the faults of a failed dial: a `ws_error`, and a `rate_limit` where the status is 429 or the body reports
 * throttling; a `generator_limit` alone where the load machine could not dial.
 */
export function dialFaults(dial: FailedDial): Fault[] {
  const limit = dial.status === 0 ? generatorLimit(dial.error) : null;
  if (limit !== null) return [limit];
  const code = dial.status > 0 ? `http_${dial.status}` : dialError(dial.error, dial.url ?? "");
  const reported = throttlingIn(dial);
  const source = dial.status === 429 ? (reported ?? "unknown") : reported;
  const failed: Fault = { kind: "ws_error", code };
  return source === null ? [failed] : [failed, { kind: "rate_limit", source, code }];
}

/** Whose throttling the body of an error reports. A page for people does not: it has numbers and words of all kinds. */
function throttlingIn({ body, status }: FailedDial): RateSource | null {
  return status >= 400 && !/^\s*</.test(body) ? rateSource(body) : null;
}

/** Returns the `ws_error` kind for the runtime's error text. */
function dialError(text: string, url: string): string {
  // Errors of Go and Node name what failed, with a colon; a reason phrase is a few words that begin in upper case.
  const isPhrase =
    /^[A-Z][\w' -]*$/.test(text) && !/^Server sent|^Unexpected server|^WebSocket was|^Max redirects/.test(text);
  const refusal = isPhrase ? kindOf(PROXY_PHRASES, text) : null;
  if (refusal !== null) return `proxy_${refusal}`;
  if (/^proxy: |^socks /i.test(text)) return "proxy_other";
  const kind = kindOf(DIAL_ERRORS, text);
  if (kind === null) return isPhrase ? "proxy_other" : "other";
  const isOnTheWay = ["dns", "refused", "unreachable", "connect_timeout"].includes(kind);
  return isOnTheWay && namesAnotherHost(text, url) ? `proxy_${PROXY_KINDS[kind] ?? kind}` : kind;
}

/** True where the error names a host or a port that is not the URL's: the runtime then dialled a proxy. */
function namesAnotherHost(text: string, url: string): boolean {
  const [, scheme, name = "", urlPort] = /^(wss?):\/\/(?:[^/@]*@)?(\[[^\]]*\]|[^:/?#]*)(?::(\d+))?/i.exec(url) ?? [];
  if (scheme === undefined) return false;
  const host = name.replaceAll(/[[\]]/g, "").toLowerCase();
  const lookedUp = /(?:lookup|getaddrinfo \w+) ([^\s:]+)/.exec(text)?.[1];
  if (lookedUp !== undefined) return lookedUp.toLowerCase() !== host;
  const [, address = "", port] = /(?:dial tcp|connect E\w+) (\S+):(\d+)/.exec(text) ?? [];
  if (port === undefined) return false;
  const isAddress = /^[\d.]+$|:/.test(host);
  if (port !== (urlPort ?? (scheme.toLowerCase() === "wss" ? "443" : "80"))) return true;
  return isAddress && address.replaceAll(/[[\]]/g, "") !== host;
}

/** Returns the fault for an error text that says which resource the load machine ran out of; else null. */
function generatorLimit(text: string): Fault | null {
  const code = kindOf(LIMITS, text);
  return code === null ? null : { kind: "generator_limit", code };
}

function kindOf(table: readonly (readonly [RegExp, string])[], text: string): string | null {
  return table.find(([pattern]) => pattern.test(text))?.[1] ?? null;
}

/**
 * Returns the fault that a socket's error text reports by itself: the reason of a close, or a limit of the load machine;
 * null for any other, which `closeOf` explains once the close code has come. k6 writes a close as
 * `websocket: close 1013: REASON`. Agents of the newest generation (profile g5 of the simulator) write the reason as
 * `CODE: TEXT`.
 */
export function socketFault(error: string): Fault | null {
  const close = CLOSE_TEXT.exec(error);
  if (close === null) return generatorLimit(error);
  const reason = close[2] ?? "";
  const source = rateSource(reason);
  if (source !== null) return { kind: "rate_limit", source, code: codeOf(close[1]) };
  const named = /^([A-Za-z]\w+): /.exec(reason);
  return named === null ? null : { kind: "server_error", code: codeOf(named[1]) };
}

const CLOSE_TEXT = /^websocket: close (\d+)(?: \([^)]*\))?(?:: (.*))?$/s;

/** How a connection ended: its close code (RFC 6455, 7.4.1), and the fault where it broke instead of being closed. */
export interface ConnectionEnd {
  readonly code: number;
  readonly fault?: Fault;
}

/**
 * Returns how a connection ended, by the close code that the runtime reports and the last error text before it ("" where
 * there was none).
 *
 * k6/ws reports the code 1001 for every read error that is no close frame, such as a reset, and no error text of it. What
 * tells these from an agent's own 1001 is how k6's answer fares (its `closeConnection` sends a close frame). After a reset
 * that was read, writing fails with `broken pipe`; after a frame that breaks the protocol (a close code or a reason that
 * may not be sent, an unknown opcode) with `close sent`, since gorilla/websocket has answered it with 1002 by then. After
 * a close frame it works, or fails with `connection reset` where the agent closed its socket at once. Both are abnormal
 * closures, 1006.
 */
export function closeOf(code: number, error: string): ConnectionEnd {
  if (error === "" || CLOSE_TEXT.test(error)) return { code };
  const isOwnClose = code !== 1006 && (code !== 1001 || /connection reset/i.test(error));
  if (isOwnClose) return { code };
  const broken = /close sent|WebSocket frame|UTF-8/i.test(error) ? "protocol" : "reset";
  return { code: 1006, fault: { kind: "ws_error", code: broken } };
}
