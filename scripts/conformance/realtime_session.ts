/** Lets a Python program hold sessions with a Realtime API of the simulator, and compares the events that it saw with the wanted ones. */

import { runCommand } from "../run/children.ts";
import { spawnSimulator } from "../run/simulator_process.ts";
import type { Finding } from "./peer.ts";

/** The agent of the sessions: short, with a greeting, and with a function call in each reply. */
const AGENT =
  "--silence-ms 300 --stt-ms 320 --llm-ms 50 --tts-ms 50 --greeting-ms 400 --reply-ms 1500 --sentences 2 --tool-ms 100";

/** What is held, what the program gets as its plan, and the fault of the agent's turns. */
const SESSIONS = [
  { what: "two turns, a function, an interruption", plan: "conversation", fault: "" },
  { what: "an error", plan: "error", fault: "null_code:1" },
  { what: "a response that fails (429)", plan: "failed", fault: "llm_429:1" },
  { what: "a response that is filtered", plan: "incomplete", fault: "llm_error:1" },
] as const;

/** What a program prints. */
interface Report {
  readonly events: number;
  readonly kinds: readonly string[];
  readonly problems: readonly string[];
}

/** Holds all sessions with a program, one after the other. `path` is that of the API, `wanted` the events of the conversation. */
export async function holdSessions(
  python: string,
  program: string,
  path: string,
  wanted: readonly string[],
): Promise<readonly Finding[]> {
  const findings: Finding[] = [];
  for (const { fault, plan, what } of SESSIONS) {
    const simulator = await spawnSimulator([...AGENT.split(" "), "--faults", fault]);
    try {
      const { exitCode, output } = await runCommand(python, [program, `ws://${simulator.host}${path}`, plan]);
      findings.push(findingOf(what, exitCode, output, plan === "conversation" ? wanted : []));
    } finally {
      await simulator.stop();
    }
  }
  return findings;
}

/** Reads what a program printed: its last line, unless it failed. */
export function findingOf(what: string, exitCode: number | null, output: string, wanted: readonly string[]): Finding {
  const [line = ""] = output.trim().split("\n").slice(-1);
  if (exitCode !== 0 || !line.startsWith("{")) return { what, seen: "no report", problems: [output.trim()] };
  const { events, kinds, problems } = JSON.parse(line) as Report;
  const missing = wanted.filter((kind) => !kinds.includes(kind)).map((kind) => `${kind}: expected one, got none`);
  return { what, seen: `${events} events, ${kinds.length} types`, problems: [...problems, ...missing] };
}
