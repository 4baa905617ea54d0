/** Opens a connection to the host of a URL as k6 does: the same address, the same proxy, the same certificate authorities. */

import { connect as connectTcp, isIP, type Socket } from "node:net";
import { connect as connectTls, type TLSSocket } from "node:tls";

import { hostOf, openTunnel, portOf, proxyFor } from "./proxy.ts";
import { resolveAsK6 } from "./resolve.ts";
import { trustedRoots } from "./trusted_roots.ts";

/** Opens a TCP connection to an address. Rejects with the socket's error, or after the timeout. */
export async function openTcp(address: string, port: number, timeoutMs: number): Promise<Socket> {
  const socket = connectTcp({ host: address, port, timeout: timeoutMs });
  await opened(socket, "connect", timeoutMs);
  return socket;
}

/** Opens a connection to the host of a URL, directly or through the proxy that k6 takes; without TLS. */
export async function openRoute(url: URL, env: NodeJS.ProcessEnv, timeoutMs: number): Promise<Socket> {
  const proxy = proxyFor(url, env);
  if (proxy !== null) return openTunnel(proxy, hostOf(url), portOf(url), timeoutMs);
  const { address } = await resolveAsK6(hostOf(url));
  return openTcp(address, portOf(url), timeoutMs);
}

/** Speaks TLS over a connection to the host of a URL. Rejects where the certificate is not trusted. */
export async function startTls(
  socket: Socket,
  url: URL,
  env: NodeJS.ProcessEnv,
  timeoutMs: number,
): Promise<TLSSocket> {
  const ca = trustedRoots(env);
  const host = hostOf(url);
  const secure = connectTls({ socket, host, servername: isIP(host) === 0 ? host : "", ...(ca && { ca }) });
  secure.setTimeout(timeoutMs);
  await opened(secure, "secureConnect", timeoutMs);
  return secure;
}

/** Opens a connection to the host of a URL (http, https, ws or wss), with TLS where the URL has it. */
export async function openSocket(url: URL, env: NodeJS.ProcessEnv, timeoutMs: number): Promise<Socket> {
  const socket = await openRoute(url, env, timeoutMs);
  const isTls = url.protocol === "wss:" || url.protocol === "https:";
  return isTls ? startTls(socket, url, env, timeoutMs) : socket;
}

/** Waits for an event of a socket. Rejects, and destroys the socket, with what came instead. */
async function opened(socket: Socket, event: string, timeoutMs: number): Promise<void> {
  await new Promise<void>((done, failed) => {
    const fail = (error: NodeJS.ErrnoException) => {
      socket.destroy();
      failed(new Error(error.message.trim() || (error.code ?? "failed")));
    };
    socket.once(event, () => {
      socket.setTimeout(0);
      socket.off("error", fail);
      done();
    });
    socket.once("error", fail);
    socket.once("timeout", () => fail(new Error(`no answer within ${timeoutMs / 1000} s: i/o timeout`)));
    socket.once("end", () => fail(new Error("the other side hung up")));
  });
}
