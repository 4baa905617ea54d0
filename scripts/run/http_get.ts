/** Gets a URL by the road that k6 takes (scripts/run/open_socket.ts). Node's own `fetch` knows no proxies. */

import { request as requestHttp } from "node:http";

import { openSocket } from "./open_socket.ts";

/** More redirects than this are a circle. */
const MAX_REDIRECTS = 10;

/** The answer to a GET. */
export interface HttpAnswer {
  readonly status: number;
  readonly body: Buffer;
}

/** What a GET is made with. */
export interface GetOptions {
  readonly headers?: Readonly<Record<string, string>>;
  /** The longest wait for each step until the answer begins, in ms. */
  readonly timeoutMs: number;
  /** The longest silence within the answer, in ms; 30 s by default. */
  readonly idleMs?: number;
  /** The longest answer that is taken, in bytes; any by default. */
  readonly maxBytes?: number;
  /** Ends the GET: `AbortSignal.timeout(ms)` limits all of it, with its redirects. */
  readonly signal?: AbortSignal;
  readonly env?: NodeJS.ProcessEnv;
}

/** Downloads may take any time, but an answer that stands still for so long, in ms, will not end. */
const IDLE_MS = 30_000;

/** Gets a URL (http or https), and follows redirects. Rejects where the answer does not come in time, or is too long. */
export async function httpGet(address: string, options: GetOptions, redirects = 0): Promise<HttpAnswer> {
  const { env = process.env, headers = {}, idleMs = IDLE_MS, maxBytes = Infinity, signal, timeoutMs } = options;
  const url = new URL(address);
  const socket = await openSocket(url, env, timeoutMs);
  const { location, ...answer } = await new Promise<HttpAnswer & { readonly location: string | undefined }>(
    (done, reject) => {
      const failed = (error: Error) => {
        socket.destroy();
        reject(error);
      };
      const request = requestHttp(url, {
        // The socket speaks TLS already where the URL has it.
        protocol: "http:",
        createConnection: () => socket,
        headers: { Host: url.host, ...headers },
        timeout: timeoutMs,
        ...(signal && { signal }),
      });
      let limitMs = timeoutMs;
      request.once("response", (response) => {
        limitMs = idleMs;
        request.setTimeout(idleMs);
        const parts: Buffer[] = [];
        let bytes = 0;
        response.on("data", (part: Buffer) => {
          bytes += part.length;
          if (bytes > maxBytes) failed(new Error(`expected an answer of at most ${maxBytes} bytes`));
          else parts.push(part);
        });
        response.once("error", failed);
        response.once("end", () => {
          socket.destroy();
          done({ status: response.statusCode ?? 0, body: Buffer.concat(parts), location: response.headers.location });
        });
      });
      request.once("timeout", () => failed(new Error(`expected an answer within ${limitMs} ms`)));
      request.once("error", failed);
      request.end();
    },
  );
  const isRedirect = answer.status >= 300 && answer.status < 400 && location !== undefined;
  if (!isRedirect || redirects === MAX_REDIRECTS) return answer;
  const next = new URL(location, url);
  return httpGet(next.href, next.host === url.host ? options : { ...options, headers: {} }, redirects + 1);
}
