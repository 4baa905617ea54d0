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

/** Licences that are compatible with MIT: permissive ones, and the weak copyleft (MPL) of a test tool. */
const ALLOWED =
  /^\(?(MIT|ISC|0BSD|Apache-2\.0|BSD-[234]-Clause|MPL-2\.0|BlueOak-1\.0\.0)( (OR|AND) (MIT|Apache-2\.0))?\)?$/;

describe("the dependencies", () => {
  it("have a hash and an allowed licence each", () => {
    for (const [path, { integrity, license }] of installed) {
      expect(integrity, path).toMatch(/^sha512-/);
      expect(license, path).toMatch(ALLOWED);
    }
  });

  it("run no scripts at installation", () => {
    expect(readFileSync(".npmrc", "utf8")).toMatch(/^ignore-scripts=true$/m);
  });

  it("have exact versions, and are all devDependencies", () => {
    expect(dependencies).toBeUndefined();
    for (const [name, version] of Object.entries(devDependencies)) expect(version, name).toMatch(/^\d+\.\d+\.\d+$/);
  });

  it("are listed with their licences in docs/licences.md, where package.json names them", () => {
    const listed = readFileSync("docs/licences.md", "utf8");
    for (const name of Object.keys(devDependencies)) expect(listed).toContain(`| \`${name}\` |`);
  });
});
