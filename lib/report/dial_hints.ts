/**
 * What to check after a failed dial, by its kind (the `kind` tag of `ws_error`). The reasons of a verdict, `make doctor`
 * and `make call` give the same hints.
 */

/** What a hint may name. */
export interface DialHintFacts {
  /** The URL that was dialled; credentials are masked. */
  readonly url: string;
  /** What to try when the agent answers the upgrade with 403 or 404. */
  readonly pathHint: string;
  readonly connectTimeoutSec: number;
  /** Where a redirect leads to, with credentials masked; empty where it does not say, undefined where that is not known. */
  readonly location?: string;
}

/** Makes a hint; `status` is the number of an HTTP status, or its class where only that is known (`4xx`). */
type Hint = (facts: DialHintFacts, status: string) => string;

const answered = (meaning: string): Hint => {
  return (_, status) => `the agent, or an ingress before it, answered the upgrade with ${status}: ${meaning}`;
};
const proxySaid = (meaning: string): Hint => {
  return (_, status) => `the proxy (HTTP_PROXY, HTTPS_PROXY), not the agent, answered ${status}: ${meaning}`;
};

/** Where credentials come from: on every wire, to an agent behind Twilio, to a Realtime API. */
const CREDENTIALS = "WS_HEADERS, TWILIO_AUTH_TOKEN or REALTIME_API_KEY";

/** The hints by kind. A kind that is not here has the hint of its class (`http_4xx`, `proxy_other`), or none. */
const HINTS: Readonly<Record<string, Hint>> = {
  refused: ({ url }) =>
    `nothing listens at ${url}: is the agent running, and are HOST or WS_URL right?${loopback(url)}`,
  dns: ({ url }) => `the host of ${url} has no address: is HOST or WS_URL right?`,
  unreachable: ({ url }) => `no route leads to ${url}: is this machine in the agent's network?`,
  tls: ({ url }) =>
    `${url} failed the TLS handshake: is its certificate valid and its authority trusted here, and should this be ws://?`,
  connect_timeout: ({ connectTimeoutSec }) => `connecting took longer than CONNECT_TIMEOUT_SEC=${connectTimeoutSec}`,
  session_timeout: ({ connectTimeoutSec }) =>
    `the agent took the connection, and did not accept the session within CONNECT_TIMEOUT_SEC=${connectTimeoutSec}`,
  not_http: ({ url }) => `what listens at ${url} does not speak HTTP: is it TLS (wss://), or another service?`,
  reset: ({ url }) =>
    `connections to ${url} were reset, not closed: did the agent crash, did a balancer cut an idle connection, or is it no WebSocket server?`,
  protocol: ({ url }) =>
    `${url} sent what the WebSocket protocol forbids, such as a close code that must not be sent (1005, 1006, 1015)`,
  http_101: answered("without the headers of an upgrade; something in between removes them"),
  http_200: answered("it serves plain HTTP at this path: is the path right, and does the ingress pass upgrades on?"),
  http_2xx: answered("it serves plain HTTP at this path; is the path right?"),
  http_400: answered("it does not take these parameters, or the ingress removes the upgrade headers"),
  http_401: answered(`it wants credentials, see ${CREDENTIALS}`),
  http_403: ({ pathHint }) =>
    `the agent answered the upgrade with 403: a wrong path, or wrong credentials (${CREDENTIALS}); ${pathHint}`,
  http_404: ({ pathHint }) =>
    `the agent answered the upgrade with 404: the path is wrong; ${pathHint}; WS_URL sets another`,
  http_405: answered("it allows no GET at this path, so it takes no WebSocket there: see WS_PATH"),
  http_407: answered("a proxy before the agent wants credentials: see Proxy-Authorization in WS_HEADERS"),
  http_408: answered("it waited too long for the request: is it overloaded, or does a proxy hold requests back?"),
  http_410: answered("this path was removed: see WS_PATH"),
  http_414: answered("the URL is too long: see WS_URL and WS_PATH"),
  http_426: answered("the upgrade headers did not reach it: the ingress must pass on Upgrade and Connection"),
  http_429: answered("it throttles new calls: lower SPAWN_RATE, or raise its quota"),
  http_431: answered("the headers are too large: see WS_HEADERS"),
  http_4xx: answered("it does not take this request"),
  http_500: answered("it is broken, or full (its connection limit answers so)"),
  http_501: answered("it does not support upgrades"),
  http_502: () => "a gateway answered the upgrade with 502: the agent behind it is down",
  http_503: answered("it is starting, or full"),
  http_504: () => "a gateway answered the upgrade with 504: the agent behind it did not answer in time",
  http_5xx: answered("it is broken"),
  proxy_refused: () =>
    "nothing listens at the proxy that HTTP_PROXY or HTTPS_PROXY names; NO_PROXY leaves a host out of it",
  proxy_dns: () => "the proxy that HTTP_PROXY or HTTPS_PROXY names has no address; NO_PROXY leaves a host out of it",
  proxy_timeout: () =>
    "the proxy that HTTP_PROXY or HTTPS_PROXY names cannot be reached; NO_PROXY leaves a host out of it",
  proxy_401: proxySaid("put user:password@ into HTTP_PROXY or HTTPS_PROXY"),
  proxy_403: proxySaid("it does not allow this host and port; ask for it, or leave the host out with NO_PROXY"),
  proxy_405: proxySaid("it allows no CONNECT, which every WebSocket needs"),
  proxy_407: proxySaid("put user:password@ into HTTP_PROXY or HTTPS_PROXY"),
  proxy_429: proxySaid("it limits the number of connections"),
  proxy_502: proxySaid("it could not reach the agent's host"),
  proxy_503: proxySaid("it could not reach the agent's host, or is overloaded"),
  proxy_504: proxySaid("the agent's host did not answer it in time"),
  proxy_other: () =>
    "the proxy that HTTP_PROXY or HTTPS_PROXY names refused, or is of a kind that k6 cannot use (it takes http:// and socks5://)",
};

/** Returns what to check after a dial that failed in this way; null where nothing is known. */
export function dialHint(kind: string, facts: DialHintFacts): string | null {
  const [, group = "", status = ""] = /^(http|proxy)_(\d..)$/.exec(kind) ?? [];
  if (/^http_3/.test(kind)) return redirectHint(status, facts);
  const ofClass = group === "proxy" ? "proxy_other" : `http_${status[0]}xx`;
  return (HINTS[kind] ?? HINTS[ofClass])?.(facts, status) ?? null;
}

/** Says where a redirect leads and what to set then. Callers follow none: a WebSocket client need not (RFC 6455, 4.1). */
function redirectHint(status: string, { location, url }: DialHintFacts): string {
  const answer = `the ingress answered the upgrade with ${status}, a redirect`;
  const [, scheme = "", authority = ""] = /^(\w+):\/\/(?:[^/@]*@)?([^/?#]*)/.exec(url) ?? [];
  const host = authority.replace(/:\d+$/, "");
  const isPlain = scheme.toLowerCase() === "ws";
  if (location === undefined) {
    const guess = isPlain ? `if it leads to https, say HOST=wss://${host}` : "a login page, or another path";
    return `${answer}; the log's call lines say where to (location): ${guess}`;
  }
  if (location === "") return `${answer} that does not say where to`;
  const [, toScheme = "", toAuthority = ""] = /^(?:(\w+):)?\/\/(?:[^/@]*@)?([^/?#]*)/.exec(location) ?? [];
  const isSameHost = toAuthority.replace(/:\d+$/, "").toLowerCase() === host.toLowerCase();
  if (isPlain && isSameHost && /^(https|wss)$/i.test(toScheme))
    return `the ingress redirects to https: it answered the upgrade with ${status} to ${location}; say HOST=wss://${toAuthority}`;
  return `${answer} to ${location}: a login page (credentials go into WS_HEADERS), or another path or host (WS_URL)`;
}

/** What to try where nothing listens at `localhost`: it has addresses of both families, and k6 dials the IPv4 one only. */
function loopback(url: string): string {
  const [, port] = /^wss?:\/\/localhost(|:\d+)(?:[/?#]|$)/i.exec(url) ?? [];
  return port === undefined
    ? ""
    : ` k6 dials 127.0.0.1 for localhost; where the agent listens on ::1 only, say HOST=[::1]${port}`;
}
