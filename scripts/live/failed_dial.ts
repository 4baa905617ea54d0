/** Explains a failed dial in the words of a load test: the kind of its `ws_error`, and what to check. */

import type { Answer } from "../../lib/caller/caller.ts";
import { redirectOf } from "../../lib/caller/redirect.ts";
import type { Fault } from "../../lib/conversation/event.ts";
import { faultName } from "../../lib/conversation/turn.ts";
import { type DialHintFacts, dialHint } from "../../lib/report/dial_hints.ts";
import { limitText } from "../../lib/report/verdict.ts";
import { maskUrl } from "../../lib/settings/masking.ts";
import type { Settings } from "../../lib/settings/settings.ts";
import { targetUrl } from "../../lib/settings/target_url.ts";
import { dialFaults } from "../../lib/wire/connection_faults.ts";
import { type ScenarioName, WIRES } from "../../lib/wire/wires.ts";

/** What to check after an error on the road to a URL. */
export function adviceForError(error: string, url: string): string {
  const [fault] = dialFaults({ status: 0, error, body: "", url });
  return (fault && adviceFor(fault, { url: maskUrl(url), pathHint: "", connectTimeoutSec: 0 })) ?? LAST_ADVICE;
}

const LAST_ADVICE = "look into the agent's logs";

function adviceFor(fault: Fault, facts: DialHintFacts): string | null {
  return fault.kind === "generator_limit" ? limitText(fault.code, facts.url) : dialHint(fault.code, facts);
}

/** One fault of a failed dial. */
export interface DialProblem {
  /** The fault as records name it: `ws_error:http_301`. */
  readonly name: string;
  /** What came: the status with the first words of the body, or the error; and a redirect's target. Credentials are masked. */
  readonly found: string;
  /** What to check. */
  readonly advice: string;
}

/** Returns the faults of a failed dial to the target of the settings. */
export function explainFailedDial(scenario: ScenarioName, settings: Settings, answer: Answer): DialProblem[] {
  const { path, pathHint } = WIRES[scenario];
  const target = targetUrl(settings, path);
  const url = maskUrl(target);
  const { location } = redirectOf(answer);
  const facts = { url, pathHint, connectTimeoutSec: settings.CONNECT_TIMEOUT_SEC, location: location ?? "" };
  const said = answer.status > 0 ? `${answer.status} ${answer.body.trim().slice(0, 120)}` : answer.error;
  const found = [said.trim(), location === undefined ? "" : `to ${location}`].filter((text) => text !== "").join(" ");
  return dialFaults({ ...answer, url: target }).map((fault) => ({
    name: faultName(fault),
    found,
    advice: adviceFor(fault, facts) ?? LAST_ADVICE,
  }));
}
