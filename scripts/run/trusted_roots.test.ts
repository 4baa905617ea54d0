import { mkdirSync, mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { describe, expect, it } from "vitest";

import { trustAdvice, trustedRoots } from "./trusted_roots.ts";

const certificate = (text: string) => `-----BEGIN CERTIFICATE-----\n${text}\n-----END CERTIFICATE-----`;

/** A folder with a file of two certificates and a folder of one, which is in the file too, and of another. */
function store() {
  const folder = mkdtempSync(join(tmpdir(), "roots-"));
  mkdirSync(join(folder, "certs"));
  writeFileSync(join(folder, "ca.pem"), `# mine\n${certificate("a")}\ntext\n${certificate("b")}\n`);
  writeFileSync(join(folder, "certs", "1.pem"), certificate("b"));
  writeFileSync(join(folder, "certs", "2.pem"), certificate("c"));
  return { SSL_CERT_FILE: join(folder, "ca.pem"), SSL_CERT_DIR: `${join(folder, "certs")}:/nonexistent` };
}

describe("the authorities that k6 trusts on Linux", () => {
  it("are those of SSL_CERT_FILE and of SSL_CERT_DIR, each once", () => {
    expect(trustedRoots(store(), "linux")).toEqual(["a", "b", "c"].map(certificate));
  });

  it("are those of the folders too where only SSL_CERT_FILE is set", () => {
    const { SSL_CERT_FILE } = store();
    const alone = trustedRoots({ SSL_CERT_FILE, SSL_CERT_DIR: "/nonexistent" }, "linux");
    expect(alone).toEqual(["a", "b"].map(certificate));
    expect(trustedRoots({ SSL_CERT_FILE }, "linux")).toEqual(expect.arrayContaining(alone ?? []));
  });

  it("are none where neither can be read", () => {
    expect(trustedRoots({ SSL_CERT_FILE: "/nonexistent", SSL_CERT_DIR: "/nonexistent" }, "linux")).toEqual([]);
  });
});

describe("on macOS and Windows", () => {
  it("the system decides, and the advice says so instead of SSL_CERT_FILE", () => {
    expect(trustedRoots(store(), "darwin")).toBeUndefined();
    expect(trustAdvice("darwin")).toMatch(/keychain .*NODE_EXTRA_CA_CERTS/);
    expect(trustAdvice("win32")).toMatch(/certificate store .*NODE_EXTRA_CA_CERTS/);
    expect(trustAdvice("linux")).toMatch(/SSL_CERT_FILE=ca.pem/);
  });
});
