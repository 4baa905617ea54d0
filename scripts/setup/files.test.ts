import { mkdtempSync, readdirSync, readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { describe, expect, it } from "vitest";

import { fileProblem, replaceFile, writeError } from "./files.js";

const newFolder = () => mkdtempSync(join(tmpdir(), "files-"));

describe("a file that several processes write at the same time", () => {
  it("is whole, is one of those that were written, and leaves no other behind", async () => {
    const folder = newFolder();
    const path = join(folder, "file");
    const texts = ["a", "b", "c", "d"].map((letter) => letter.repeat(1e6));
    await Promise.all(texts.map((text) => replaceFile(path, text)));
    expect(texts).toContain(readFileSync(path, "utf8"));
    expect(readdirSync(folder)).toEqual(["file"]);
  });

  it("that cannot be written is named, with who cannot", () => {
    const refused = (code: string) => writeError("results/", Object.assign(new Error(code), { code })).message;
    expect(refused("EACCES")).toBe(`results/: cannot be written by uid ${process.getuid?.()} (EACCES)`);
    expect(refused("EROFS")).toBe("results/: cannot be written by anyone, the file system is read-only (EROFS)");
    expect(refused("ENOSPC")).toBe("ENOSPC");
  });

  it("keeps the code and the cause of the system, which say why in words, and is named once", () => {
    const cause = Object.assign(new Error("EACCES: permission denied, open 'a'"), { code: "EACCES" });
    const error = writeError("a", cause);
    expect(error).toMatchObject({ code: "EACCES", cause });
    expect(fileProblem(error)).toBe(fileProblem(cause));
    expect(fileProblem(error)).toBe(`permission denied for uid ${process.getuid?.()} (EACCES)`);
    expect(writeError("the folder of a", error)).toBe(error);
    expect(fileProblem(new Error("something else"))).toBe("something else");
  });
});
