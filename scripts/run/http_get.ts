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
  /** The longest wait for the answer to begin, in ms. */
  readonly timeoutMs: number;
  readonly env?: NodeJS.ProcessEnv;
}

/** Gets a URL (http or https), and follows redirects. Rejects where there is no answer in time. */
export async function httpGet(address: string, options: GetOptions, redirects = 0): Promise<HttpAnswer> {
  const { env = process.env, headers = {}, timeoutMs } = options;
  const url = new URL(address);
  const socket = await openSocket(url, env, timeoutMs);
  const { location, ...answer } = await new Promise<HttpAnswer & { readonly location: string | undefined }>(
    (done, failed) => {
      const request = requestHttp(url, {
        // The socket speaks TLS already where the URL has it.
        protocol: "http:",
        createConnection: () => socket,
        headers: { Host: url.host, ...headers },
        timeout: timeoutMs,
      });
      request.once("response", (response) => {
        request.setTimeout(0);
        const parts: Buffer[] = [];
        response.on("data", (part: Buffer) => parts.push(part));
        response.once("error", failed);
        response.once("end", () => {
          socket.destroy();
          done({ status: response.statusCode ?? 0, body: Buffer.concat(parts), location: response.headers.location });
        });
      });
      request.once("timeout", () => request.destroy(new Error(`expected an answer within ${timeoutMs} ms`)));
      request.once("error", failed);
      request.end();
    },
  );
  const isRedirect = answer.status >= 300 && answer.status < 400 && location !== undefined;
  if (!isRedirect || redirects === MAX_REDIRECTS) return answer;
  const next = new URL(location, url);
  return httpGet(next.href, next.host === url.host ? options : { timeoutMs, env }, redirects + 1);
}
