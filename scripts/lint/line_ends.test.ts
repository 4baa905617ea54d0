import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";

import { expect, it } from "vitest";

// Only a checkout of Git knows what is in its index.
it.skipIf(!existsSync(".git"))("every text file has LF line ends, in the index and in the checkout", () => {
  const files = execFileSync("git", ["ls-files", "--eol"], { encoding: "utf8" }).trim().split("\n");
  expect(
    files.filter((line) => !/^i\/(lf|-text|none) +w\/(lf|-text|none|) *attr\/(text=auto eol=lf|-text)/.test(line)),
  ).toEqual([]);
});
