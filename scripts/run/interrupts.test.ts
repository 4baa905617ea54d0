import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { setTimeout as delay } from "node:timers/promises";

import { describe, expect, it } from "vitest";

import { guarded, runCommand } from "./children.ts";
import { ignoresHangUp } from "./interrupts.ts";

/** A run that prints each interrupt, and ends itself when it got `last`, or when its parent has been killed. */
const RUN = `
import { followInterrupts } from "./scripts/run/interrupts.ts";
let count = 0;
const stop = followInterrupts(() => console.log("interrupt", ++count));
const alive = setInterval(() => {}, 1000);
const end = () => { stop(); clearInterval(alive); };
`;

/** Runs the script of a run, with the statements that follow. */
async function interruptsOf(statements: string): Promise<string[]> {
  const { output } = await runCommand(process.execPath, [
    "--import",
    "tsx",
    "--input-type=module",
    "-e",
    RUN + statements,
  ]);
  return output.trim().split("\n");
}

/** Sends signals one after the other, each when the one before has arrived. */
const send = (...signals: string[]) =>
  `for (const signal of ${JSON.stringify(signals)}) {
     await new Promise((done) => { process.once(signal, () => setImmediate(done)); process.kill(process.pid, signal); });
   }
   end();`;

describe("a run is to end", () => {
  it("with each interrupt and termination", async () => {
    expect(await interruptsOf(send("SIGINT", "SIGTERM", "SIGINT"))).toEqual([
      "interrupt 1",
      "interrupt 2",
      "interrupt 3",
    ]);
  });

  it("once when its terminal closes, though the signal comes from the kernel and from the shell", async () => {
    expect(await interruptsOf(send("SIGHUP", "SIGHUP"))).toEqual(["interrupt 1"]);
  });

  it("when the make that started it has been killed", async () => {
    const run = `console.log("up"); const timer = setInterval(() => { if (count > 0) { clearInterval(timer); end(); } }, 20);`;
    const script = JSON.stringify(RUN + run);
    // The shell stands for make: it is killed as soon as the run is up.
    const make = `const { spawn } = await import("node:child_process");
      const make = spawn("sh", ["-c", '"$@"; true', "make", process.execPath, "--import", "tsx", "--input-type=module", "-e", ${script}],
        { env: { ...process.env, MAKELEVEL: "1" }, stdio: ["ignore", "pipe", "inherit"] });
      make.stdout.on("data", (text) => { process.stdout.write(text); if (String(text).includes("up")) make.kill("SIGKILL"); });`;
    const { output } = await runCommand(process.execPath, ["--input-type=module", "-e", make]);
    expect(output).toBe("up\ninterrupt 1\n");
  });
});

const hasScript = spawnSync("script", ["--version"]).status === 0;

describe.skipIf(!hasScript)("a run in a terminal of its own", () => {
  it("is to end when the terminal closes, also where only make gets the signal", async () => {
    const folder = mkdtempSync(join(tmpdir(), "terminal-"));
    const run = `import { writeFileSync } from "node:fs";
      import { followInterrupts } from "./scripts/run/interrupts.ts";
      followInterrupts(() => { writeFileSync(${JSON.stringify(join(folder, "interrupted"))}, ""); process.exit(); });
      setInterval(() => {}, 1000);
      console.log("up");`;
    writeFileSync(join(folder, "run.mts"), run.replace("./scripts", resolve("scripts")));
    // The shell stands for make: it is the leader of the terminal's session, and waits for its child.
    const leader = `trap : HUP; "${process.execPath}" --import tsx "${join(folder, "run.mts")}"; true`;
    const terminal = guarded(() =>
      spawn("script", ["-qefc", leader, "/dev/null"], { stdio: ["ignore", "pipe", "ignore"] }),
    );
    await once(terminal.stdout, "data");
    terminal.kill("SIGKILL");
    const giveUpAtMs = Date.now() + 10_000;
    while (!existsSync(join(folder, "interrupted")) && Date.now() < giveUpAtMs) await delay(50);
    expect(existsSync(join(folder, "interrupted"))).toBe(true);
  });
});

describe("a process that ignores a closing terminal", () => {
  it("is known by the first bit of its ignored signals", () => {
    const status = (ignored: string) => () => `Name:\tmake\nSigIgn:\t${ignored}\nSigCgt:\t0000000000000003\n`;
    expect(ignoresHangUp(1, status("0000000000001001"))).toBe(true);
    expect(ignoresHangUp(1, status("0000000000001000"))).toBe(false);
    expect(ignoresHangUp(1, () => "")).toBe(false);
  });
});
