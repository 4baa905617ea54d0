/**
 * Finds the certificate authorities that k6 trusts, so that `make doctor` and `make call` trust the same ones. On Linux,
 * Go reads them from files (crypto/x509, root_unix.go and root_linux.go): SSL_CERT_FILE takes the place of the system's
 * file and SSL_CERT_DIR that of its folders. Elsewhere Go asks the system, which Node cannot.
 */

import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

/** The first of these that can be read is used. */
const FILES = [
  "/etc/ssl/certs/ca-certificates.crt",
  "/etc/pki/tls/certs/ca-bundle.crt",
  "/etc/ssl/ca-bundle.pem",
  "/etc/pki/tls/cacert.pem",
  "/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem",
  "/etc/ssl/cert.pem",
];

/** All files in all of these are read. */
const FOLDERS = ["/etc/ssl/certs", "/etc/pki/tls/certs"];

const CERTIFICATE = /-----BEGIN CERTIFICATE-----[\s\S]*?-----END CERTIFICATE-----/g;

/** Returns the certificates (PEM) that Go trusts on Linux; undefined on another system, for what Node trusts itself. */
export function trustedRoots(env: NodeJS.ProcessEnv, system: NodeJS.Platform = process.platform): string[] | undefined {
  if (system !== "linux") return undefined;
  const files = env.SSL_CERT_FILE ? [env.SSL_CERT_FILE] : FILES;
  const folders = env.SSL_CERT_DIR ? env.SSL_CERT_DIR.split(":") : FOLDERS;
  const file = files.map(textOf).find((text) => text !== null) ?? "";
  const texts = folders.flatMap((folder) => namesIn(folder).map((name) => textOf(join(folder, name)) ?? ""));
  return [...new Set([file, ...texts].flatMap((text) => text.match(CERTIFICATE) ?? []))];
}

/** What to do where an authority is not trusted, by system. */
export function trustAdvice(system: NodeJS.Platform = process.platform): string {
  if (system === "linux")
    return "trust its authority with SSL_CERT_FILE=ca.pem (k6, make doctor and make call read it), or renew the certificate";
  const store =
    system === "darwin"
      ? "keychain (k6 does not read SSL_CERT_FILE on macOS)"
      : "certificate store (k6 does not read SSL_CERT_FILE here)";
  return `add its authority to the system's ${store}; make doctor and make call read NODE_EXTRA_CA_CERTS=ca.pem instead; or renew the certificate`;
}

function textOf(path: string): string | null {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return null;
  }
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}
