import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { setTimeout as delay } from "node:timers/promises";

import { afterEach, describe, expect, it } from "vitest";

import { childOf, runCommand } from "./children.ts";

describe("a child process", () => {
  it("is found by its parent and its name", async () => {
    const child = spawn("cat", { stdio: ["pipe", "pipe", "ignore"] });
    child.stdin.write("up\n");
    await once(child.stdout, "data");
    expect(await childOf(process.pid, "cat")).toBe(child.pid);
    expect(await childOf(process.pid, "k6")).toBeNull();
    child.stdin.end();
    await once(child, "close");
    expect(await childOf(process.pid, "cat")).toBeNull();
  });
});

/** Starts a guarded child as a command does, prints its pid and, where it is asked to, waits. */
const starter = (script: string, end: string) => `
import { spawn } from "node:child_process";
import { guarded } from "./scripts/run/children.ts";
const options = { stdio: ["ignore", "pipe", "ignore"], detached: true };
const child = guarded(() => spawn("sh", ["-c", ${JSON.stringify(script)}], options));
child.stdout.once("data", () => { console.log(child.pid); ${end} });
`;

/** Runs a starter to its end; resolves with the pid of its child, and kills that if a test fails. */
async function pidLeftBy(script: string, end: string): Promise<number> {
  const flags = ["--import", "tsx", "--input-type=module", "-e", starter(script, end)];
  const { output } = await runCommand(process.execPath, flags);
  const pid = Number(output);
  expect(pid, output).toBeGreaterThan(0);
  closers.push(() => isRunning(pid) && process.kill(pid, "SIGKILL"));
  return pid;
}

const closers: (() => void)[] = [];

afterEach(() => {
  for (const close of closers.splice(0)) close();
});

function isRunning(pid: number): boolean {
  try {
    // An ended process of which no parent has taken the exit code yet is there, but runs no more.
    return !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, "utf8"));
  } catch {
    return false;
  }
}

async function hasEndedWithin(sec: number, pid: number): Promise<boolean> {
  for (const giveUpAtMs = Date.now() + sec * 1000; Date.now() < giveUpAtMs; await delay(50))
    if (!isRunning(pid)) return true;
  return false;
}

describe("a guarded child", () => {
  const WAITS = "echo up; while true; do sleep 0.1; done";

  it.each([
    ["is killed", 'process.kill(process.pid, "SIGKILL");'],
    ["hangs up", 'process.kill(process.pid, "SIGHUP");'],
    ["leaves", "process.exit(0);"],
  ])("ends when its parent %s", async (_, end) => {
    expect(await hasEndedWithin(10, await pidLeftBy(WAITS, end))).toBe(true);
  });

  it("that ignores being interrupted is killed", async () => {
    const pid = await pidLeftBy(`trap '' INT; ${WAITS}`, 'process.kill(process.pid, "SIGKILL");');
    expect(await hasEndedWithin(25, pid)).toBe(true);
  });

  it("has the exit code of its command, and leaves no guard behind", async () => {
    expect(await runCommand("sh", ["-c", "echo out; exit 7"])).toEqual({ exitCode: 7, output: "out\n" });
    for (
      const giveUpAtMs = Date.now() + 10_000;
      (await childOf(process.pid, "sh")) !== null && Date.now() < giveUpAtMs;
    )
      await delay(50);
    expect(await childOf(process.pid, "sh")).toBeNull();
  });

  it("that does not exist is an error", async () => {
    await expect(runCommand("/nowhere/k6", [])).rejects.toThrow("ENOENT");
  });
});
