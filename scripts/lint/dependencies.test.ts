import { readFileSync } from "node:fs";

import { describe, expect, it } from "vitest";

interface Locked {
  readonly version?: string;
  readonly integrity?: string;
  readonly license?: string;
  readonly hasInstallScript?: boolean;
}

const { packages } = JSON.parse(readFileSync("package-lock.json", "utf8")) as { packages: Record<string, Locked> };
const installed = Object.entries(packages).filter(([path]) => path !== "");
const { devDependencies, dependencies } = JSON.parse(readFileSync("package.json", "utf8")) as {
  devDependencies: Record<string, string>;
  dependencies?: Record<string, string>;
};

/** Licences that let this project be MIT: permissive ones, and a weak copyleft under a test tool. */
const ALLOWED =
  /^\(?(MIT|ISC|0BSD|Apache-2\.0|BSD-[234]-Clause|MPL-2\.0|BlueOak-1\.0\.0)( (OR|AND) (MIT|Apache-2\.0))?\)?$/;

describe("what is installed", () => {
  it("has a hash and a permissive licence, every package", () => {
    for (const [path, { integrity, license }] of installed) {
      expect(integrity, path).toMatch(/^sha512-/);
      expect(license, path).toMatch(ALLOWED);
    }
  });

  it("runs no scripts when it is installed", () => {
    expect(readFileSync(".npmrc", "utf8")).toMatch(/^ignore-scripts=true$/m);
  });

  it("is pinned to the byte, and nothing of it is shipped but what a bundle holds", () => {
    expect(dependencies).toBeUndefined();
    for (const [name, version] of Object.entries(devDependencies)) expect(version, name).toMatch(/^\d+\.\d+\.\d+$/);
  });

  it("is listed with its licence in the documents, what is asked for by name", () => {
    const listed = readFileSync("docs/licences.md", "utf8");
    for (const name of Object.keys(devDependencies)) expect(listed).toContain(`| \`${name}\` |`);
  });
});
