/**
 * Masks secrets before they are printed or written to a file. Anything in a URL may be a credential, and a random one cannot
 * be told from a word, so a part of a URL is shown only if it is known to be none: the scheme, the host, the words that
 * routes are made of (`ROUTE_WORDS`), and the names of query parameters.
 */

import type { SecretKind } from "./setting_kinds.ts";
import type { Settings } from "./settings.ts";
import { urlParts } from "./url_parts.ts";

/** What stands for a secret. */
export const MASK = "***";

/** Shorter texts are no secret: a path may be `/ws` or `/x`, and in an error they occur by chance. */
const MIN_SECRET_CHARS = 4;

/** A code is a word or two, as the value of a header may be: only longer secrets are searched for in it. */
const MIN_SECRET_CHARS_IN_CODE = 8;

/** The words of a path that are shown: those of the wires' own paths, and those that other agents' routes are made of. */
const ROUTE_WORDS: ReadonlySet<string> = new Set(
  `acs agent agents api app apps audio backend bot bots bridge browser call callback callbacks calls channel chat client conn
  connect connection connections conversation conversations default demo dev echo event events gateway health inbound live media
  message messages mock openai outbound path phone pipeline prod production public realtime relay rtc server service services
  session sessions socket speech staging stream streaming streams telephony test tests twilio v voice voicelive voices ws wss
  websocket websockets`.split(/\s+/),
);

/** Schemes that are shown. */
const SCHEME = /^(?:(?:ws|http)s?:)?\/\/$/i;

/** Hosts that are shown, with their ports. What is no host may be the beginning of a password with an unescaped `/`. */
const HOST = /^(?:[\w.-]+|\[[\da-f:.]+\])(?::\d{0,5})?$/i;

/** Names of query parameters that are shown. */
const PARAMETER = /^[a-z][a-z._-]{0,31}$/i;

/** URLs within a text, but not those of k6's own documentation. */
const URL_IN_TEXT = /\b(?:ws|http)s?:\/\/(?!(?:[\w-]+\.)*(?:grafana\.com|k6\.io)\/)[^\s"'<>]+/gi;

/** Query parameters within a text. */
const PARAMETER_IN_TEXT = /([?&][\w.-]+=)[^\s&#"'<>]+/g;

/** A piece of a URL; a hidden one is shown as `***`. */
interface Piece {
  readonly text: string;
  readonly hidden: boolean;
}

/** Masks a URL: user info, fragment, every query value and every segment of the path that is no word of a route. */
export function maskUrl(url: string): string {
  return shown(piecesOfUrl(url));
}

/** Masks a path with or without a query, as `maskUrl` does: a path may begin with `//`, which is no host. */
export function maskPath(path: string): string {
  return shown(piecesOfPath(path));
}

/** Returns the settings as they may be shown. */
export function shownSettings(settings: Settings): Readonly<Record<string, unknown>> {
  const { HOST: host, REALTIME_API_KEY, STREAM_PARAMETERS, TWILIO_AUTH_TOKEN, WS_HEADERS, WS_PATH, WS_URL } = settings;
  const valuesMasked = (texts: Readonly<Record<string, string>>) =>
    Object.fromEntries(Object.keys(texts).map((name) => [name, MASK]));
  const masked = (text: string) => (text === "" ? "" : MASK);
  return {
    ...settings,
    HOST: maskUrl(host),
    WS_URL: maskUrl(WS_URL),
    WS_PATH: maskPath(WS_PATH),
    WS_HEADERS: valuesMasked(WS_HEADERS),
    STREAM_PARAMETERS: valuesMasked(STREAM_PARAMETERS),
    TWILIO_AUTH_TOKEN: masked(TWILIO_AUTH_TOKEN),
    REALTIME_API_KEY: masked(REALTIME_API_KEY),
  };
}

/** Quotes the text of a setting for a message about it. */
export function shownText(kind: SecretKind | undefined, text: string): string {
  if (kind === "all") return "something else (not shown)";
  const mask = kind === undefined ? String : { url: maskUrl, path: maskPath }[kind];
  return JSON.stringify(mask(text));
}

/** Returns every secret of the settings, in the spellings in which errors of others may quote it, the longest first. */
export function secretsOf(settings: Settings): readonly string[] {
  const { HOST: host, REALTIME_API_KEY, STREAM_PARAMETERS, TWILIO_AUTH_TOKEN, WS_HEADERS, WS_PATH, WS_URL } = settings;
  const pieces = [...piecesOfUrl(WS_URL), ...piecesOfPath(WS_PATH), ...piecesOfUrl(host)];
  const hidden = pieces.filter((piece) => piece.hidden).map(({ text }) => text);
  // A value may be a list, as that of a cookie is: each of its words may be the secret.
  const values = Object.values(WS_HEADERS).flatMap((value) => [
    value,
    ...value.split(/\s+/),
    ...value.split(/[\s;,="]+/),
  ]);
  const others = [...Object.values(STREAM_PARAMETERS), TWILIO_AUTH_TOKEN, REALTIME_API_KEY];
  return spellings([...hidden, ...values, ...others].flatMap(partsOf));
}

/**
 * Masks a text of somebody else, such as an error of the agent or of k6: every one of `secrets` (those of `secretsOf`), every
 * URL in the text, and the value of every query parameter.
 */
export function maskText(text: string, secrets: readonly string[]): string {
  let masked = text;
  for (const secret of secrets) masked = masked.replaceAll(secret, MASK);
  return masked.replaceAll(URL_IN_TEXT, maskUrl).replaceAll(PARAMETER_IN_TEXT, `$1${MASK}`);
}

/**
 * Masks the secrets of the settings in codes that an agent gave its errors, where a URL may stand instead of a code. A code is
 * cut to 40 characters, so it may end with the beginning of a secret.
 */
export function maskCodes(codes: readonly string[], settings: Settings): readonly string[] {
  const secrets = secretsOf(settings).filter((text) => text.length >= MIN_SECRET_CHARS_IN_CODE);
  return codes.map((code) => secrets.reduce(maskInCode, code));
}

function maskInCode(code: string, secret: string): string {
  const masked = code.replaceAll(secret, MASK);
  for (let length = Math.min(secret.length, masked.length); length >= MIN_SECRET_CHARS_IN_CODE; length -= 1) {
    if (masked.endsWith(secret.slice(0, length))) return masked.slice(0, -length) + MASK;
  }
  return masked;
}

function shown(pieces: readonly Piece[]): string {
  return pieces.map(({ hidden, text }) => (hidden ? MASK : text)).join("");
}

function piecesOfUrl(url: string): Piece[] {
  const { fragment, host, path, query, scheme, userInfo } = urlParts(url);
  return [
    ...(SCHEME.test(scheme) || scheme === "" ? [open(scheme)] : [secret(scheme.slice(0, -3)), open("://")]),
    ...(userInfo === null ? [] : [secret(userInfo), open("@")]),
    host === "" || HOST.test(host) ? open(host) : secret(host),
    ...piecesOfRest(path, query, fragment),
  ];
}

function piecesOfPath(text: string): Piece[] {
  const [, path = "", query = null, fragment = null] = /^([^?#]*)(?:\?([^#]*))?(?:#(.*))?$/s.exec(text) ?? [];
  return piecesOfRest(path, query, fragment);
}

function piecesOfRest(path: string, query: string | null, fragment: string | null): Piece[] {
  return [
    ...path.split(/(\/)/).map((text) => (text === "/" || isRoute(text) ? open(text) : secret(text))),
    ...(query === null ? [] : [open("?"), ...query.split(/(&)/).flatMap(piecesOfParameter)]),
    ...(fragment === null ? [] : [open("#"), isRoute(fragment) ? open(fragment) : secret(fragment)]),
  ];
}

/** A parameter without a name may be a token, and one whose value is nothing but `=` may be a token in base64. */
function piecesOfParameter(text: string): Piece[] {
  if (text === "&" || text === "") return [open(text)];
  const [, name = "", value = ""] = /^([^=]*)=(.*[^=].*)$/s.exec(text) ?? [];
  return PARAMETER.test(name) ? [open(`${name}=`), secret(value)] : [secret(text)];
}

/** True for a segment of a path that is known to be no secret: words of routes, a version, or up to three characters. */
function isRoute(segment: string): boolean {
  if (segment.length < MIN_SECRET_CHARS) return true;
  return segment.split(/[-_.]/).every((word) => ROUTE_WORDS.has(word.toLowerCase()) || /^v\d{1,2}$/i.test(word));
}

/** A secret, and what it is made of: `user:password`, `access_token=...&state=...` of a fragment, base64 with its padding. */
function partsOf(text: string): string[] {
  const parameters = text.split("&");
  const values = parameters.flatMap((each) => [each, each.replace(/^[^=]*=/, ""), each.replace(/=+$/, "")]);
  return [text, ...text.split(/:(.*)/s), ...values];
}

/** Adds the forms in which a URL, JSON and a sanitised error code spell a secret, and sorts by length. */
function spellings(secrets: readonly string[]): string[] {
  const all = secrets.flatMap((text) => {
    const plain = tried(decodeURIComponent, text);
    // A form writes a space as `+` (WHATWG URL, application/x-www-form-urlencoded).
    const ofForm = tried(decodeURIComponent, text.replaceAll("+", " "));
    const quoted = JSON.stringify(plain).slice(1, -1);
    const forms = [text, plain, ofForm, tried(encodeURIComponent, plain), tried(encodeURI, plain), quoted];
    return [...forms, ...forms.map((form) => form.replaceAll(/[^\w.-]/g, "_"))];
  });
  return [...new Set(all)].filter((text) => text.length >= MIN_SECRET_CHARS).sort((a, b) => b.length - a.length);
}

const open = (text: string): Piece => ({ text, hidden: false });
const secret = (text: string): Piece => ({ text, hidden: true });

/** Converts a text; returns it as it is where it has no such form. */
function tried(convert: (text: string) => string, text: string): string {
  try {
    return convert(text);
  } catch {
    return text;
  }
}
