import { spawn } from "node:child_process";

import { describe, expect, it } from "vitest";

import { untilListening } from "./listening.ts";

const printing = (text: string) => untilListening(spawn(process.execPath, ["-p", JSON.stringify(text)]), "the agent");

describe("a server that was started", () => {
  it.each(["listening on ws://127.0.0.1:7000", "a note\nlistening on wss://127.0.0.1:7000/ws"])(
    "listens where it says: %j",
    async (text) => {
      expect(await printing(text)).toBe("127.0.0.1:7000");
    },
  );

  it("is named where it ends before it listens", async () => {
    await expect(printing("no port is free")).rejects.toThrow("the agent: expected it to listen, got an exit");
  });
});
