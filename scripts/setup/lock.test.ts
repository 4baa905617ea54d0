import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { once } from "node:events";
import { existsSync, mkdtempSync, readdirSync, readFileSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { afterEach, describe, expect, it, vi } from "vitest";

import { withLock } from "./lock.js";

const newFolder = () => mkdtempSync(join(tmpdir(), "lock-"));
const lockOf = (folder: string) => join(folder, ".lock");

/** What a lock says whose process was killed. */
async function textOfKilledHolder(): Promise<string> {
  const folder = newFolder();
  const holder = spawn(process.execPath, [
    "--input-type=module",
    "-e",
    `import { withLock } from ${JSON.stringify(join(process.cwd(), "scripts/setup/lock.js"))};
     await withLock(${JSON.stringify(folder)}, () => new Promise(() => { console.log("held"); setInterval(() => {}, 1000); }));`,
  ]);
  await once(holder.stdout, "data");
  holder.kill("SIGKILL");
  await once(holder, "close");
  return readFileSync(lockOf(folder), "utf8");
}

/** What the lock of this process says. */
async function textOfThisProcess(): Promise<string> {
  const folder = newFolder();
  return withLock(folder, async () => readFileSync(lockOf(folder), "utf8"));
}

/** True where a process that finds this lock waits for it instead of taking it over. */
async function isWaitedFor(folder: string): Promise<boolean> {
  const stop = new AbortController();
  const waiting = withLock(folder, async () => false, stop.signal).catch(() => true);
  stop.abort(new Error("interrupted"));
  return waiting;
}

afterEach(() => vi.restoreAllMocks());

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

  it("is taken over when the process that held it has been killed, by one process at a time", async () => {
    const text = await textOfKilledHolder();
    const most = await Promise.all(
      Array.from({ length: 20 }, async () => {
        const folder = newFolder();
        writeFileSync(lockOf(folder), text);
        let [running, together] = [0, 0];
        const task = async () => {
          running += 1;
          together = Math.max(together, running);
          for (let turn = 0; turn < 50; turn += 1) await new Promise((done) => setImmediate(done));
          running -= 1;
        };
        await Promise.all(Array.from({ length: 6 }, () => withLock(folder, task)));
        expect(readdirSync(folder)).toEqual([]);
        return together;
      }),
    );
    expect(Math.max(...most)).toBe(1);
  });

  it("is left alone where another process has taken it over since it was found left over", async () => {
    const folder = newFolder();
    const next = await textOfThisProcess();
    writeFileSync(lockOf(folder), await textOfKilledHolder());
    vi.spyOn(process, "kill").mockImplementationOnce(() => {
      writeFileSync(lockOf(folder), next);
      throw Object.assign(new Error("no such process"), { code: "ESRCH" });
    });
    expect(await isWaitedFor(folder)).toBe(true);
    expect(readFileSync(lockOf(folder), "utf8")).toBe(next);
    expect(readdirSync(folder)).toEqual([".lock"]);
  });

  it("is taken over where the process that took it over was killed, too", async () => {
    const text = await textOfKilledHolder();
    const folder = newFolder();
    writeFileSync(lockOf(folder), text);
    const name = createHash("sha256")
      .update(`${lockOf(folder)}\n${text}`)
      .digest("hex")
      .slice(0, 16);
    writeFileSync(`${lockOf(folder)}.${name}`, await textOfKilledHolder());
    expect(await withLock(folder, async () => "ran")).toBe("ran");
    expect(readdirSync(folder)).toEqual([]);
  });

  it("of a process that lives is waited for, until the wait is aborted", async () => {
    const folder = newFolder();
    writeFileSync(lockOf(folder), await textOfThisProcess());
    expect(await isWaitedFor(folder)).toBe(true);
    expect(existsSync(lockOf(folder))).toBe(true);
  });

  it("of another container or boot is waited for, even where no process has its number here", async () => {
    const text = await textOfKilledHolder();
    const [pid, place = "", unique] = text.split(" ");
    for (const other of [`${place}0`, place.split("/")[0]]) {
      const folder = newFolder();
      writeFileSync(lockOf(folder), `${pid} ${other} ${unique}`);
      expect(await isWaitedFor(folder)).toBe(true);
      expect(existsSync(lockOf(folder))).toBe(true);
    }
  });

  it("is left over only after it was seen to be silent, however long the waiting process has run", async () => {
    const sinceStartMs = performance.now();
    vi.spyOn(performance, "now").mockReturnValue(sinceStartMs + 3_600_000);
    const folder = newFolder();
    writeFileSync(lockOf(folder), await textOfThisProcess());
    utimesSync(lockOf(folder), 0, 0);
    expect(await isWaitedFor(folder)).toBe(true);
  });

  it("is not removed at the end of a task where another process has taken it over", async () => {
    const folder = newFolder();
    await withLock(folder, async () => writeFileSync(lockOf(folder), "1 other"));
    expect(readFileSync(lockOf(folder), "utf8")).toBe("1 other");
  });
});
