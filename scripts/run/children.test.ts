import { spawn } from "node:child_process";
import { once } from "node:events";

import { describe, expect, it } from "vitest";

import { childOf } from "./children.ts";

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
