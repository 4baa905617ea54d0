import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { hostname, tmpdir } from "node:os";
import { join } from "node:path";

import { describe, expect, it } from "vitest";

import { replaceFile, withLock, writeError } from "./files.js";

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
});

describe("the lock of a folder", () => {
  it("lets one task run at a time, also when one fails, and is gone at the end", async () => {
    const folder = join(newFolder(), "new");
    const events: string[] = [];
    const task = (name: string) => () =>
      withLock(folder, async () => {
        events.push(`${name} begins`);
        await new Promise((done) => setImmediate(done));
        events.push(`${name} ends`);
        if (name === "a") throw new Error("a failed");
      });
    const results = await Promise.allSettled(["a", "b", "c"].map((name) => task(name)()));
    expect(results.map(({ status }) => status)).toEqual(["rejected", "fulfilled", "fulfilled"]);
    expect(events.map((event, index) => [event.split(" ")[0], index % 2 === 0 ? "begins" : "ends"].join(" "))).toEqual(
      events,
    );
    expect(readdirSync(folder)).toEqual([]);
  });

  it("is taken over when the process that held it has been killed", async () => {
    const folder = newFolder();
    const holder = spawn(process.execPath, [
      "--input-type=module",
      "-e",
      `import { withLock } from ${JSON.stringify(join(process.cwd(), "scripts/setup/files.js"))};
       await withLock(${JSON.stringify(folder)}, () => new Promise(() => { console.log("held"); setInterval(() => {}, 1000); }));`,
    ]);
    await once(holder.stdout, "data");
    holder.kill("SIGKILL");
    await once(holder, "close");
    expect(existsSync(join(folder, ".lock"))).toBe(true);
    expect(await withLock(folder, async () => "ran")).toBe("ran");
  });

  it("of a process that lives is waited for, until the wait is aborted", async () => {
    const folder = newFolder();
    writeFileSync(join(folder, ".lock"), `${process.pid} ${hostname()}`);
    const stop = new AbortController();
    const waiting = withLock(folder, async () => "ran", stop.signal);
    stop.abort(new Error("interrupted"));
    await expect(waiting).rejects.toThrow();
    expect(existsSync(join(folder, ".lock"))).toBe(true);
  });
});
