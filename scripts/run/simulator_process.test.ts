import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { setTimeout as delay } from "node:timers/promises";

import { expect, it } from "vitest";

import { spawnSimulator } from "./simulator_process.ts";

const STARTS_AND_DIES = `
import { spawnSimulator } from "./scripts/run/simulator_process.ts";
const { pid } = await spawnSimulator([]);
console.log(pid);
process.kill(process.pid, "SIGKILL");
`;

it("a simulator ends when it is stopped", async () => {
  const simulator = await spawnSimulator([]);
  await simulator.stop();
  expect(existsSync(`/proc/${simulator.pid}`)).toBe(false);
});

it("a simulator ends with the process that started it, also when that is killed", async () => {
  const starter = spawn(process.execPath, ["--import", "tsx", "--input-type=module", "-e", STARTS_AND_DIES]);
  let printed = "";
  starter.stdout.on("data", (data) => (printed += String(data)));
  await new Promise((done) => starter.once("close", done));
  const pid = Number(printed);
  expect(pid, "its pid").toBeGreaterThan(0);
  for (const giveUpAtMs = Date.now() + 10_000; existsSync(`/proc/${pid}`) && Date.now() < giveUpAtMs; ) await delay(50);
  expect(existsSync(`/proc/${pid}`)).toBe(false);
});
