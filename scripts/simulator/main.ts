/** Runs the simulator, a voice agent with known answers, as a command. Its first line of output is the URL it listens on. */

import { followInterrupts } from "../run/interrupts.ts";
import { fail } from "../run/terminal.ts";
import { help, readOptions } from "./options.ts";
import { startSimulator } from "./server.ts";

async function main(): Promise<void> {
  const options = readOptions(process.argv.slice(2));
  if (options === "help") {
    console.log(help());
    return;
  }
  const simulator = await startSimulator(options);
  console.log(`listening on ${options.tls === null ? "ws" : "wss"}://127.0.0.1:${simulator.port}`);
  const stop = () => {
    // A standard input that is being read keeps the process alive.
    process.stdin.destroy();
    return simulator.stop().catch(fail);
  };
  if (options.untilStdinEnds) {
    // The program at the other end of the pipe outlives a terminal that closes, until its calls are hung up.
    process.once("SIGTERM", stop);
    process.once("SIGINT", stop);
    process.stdin.resume().once("end", stop);
    return;
  }
  const stopFollowing = followInterrupts(() => {
    stopFollowing();
    stop();
  });
}

await main().catch(fail);
