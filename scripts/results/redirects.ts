/** Says where a run's dials were redirected to: the log knows, and k6's own counts do not. */

import { dialHint } from "../../lib/report/dial_hints.ts";
import type { RunSummary } from "../../lib/report/run_summary.ts";
import { WIRES } from "../../lib/wire/wires.ts";
import type { RunFile } from "./run_folder.ts";

/** More targets than this are not listed. */
const MAX_TARGETS = 3;

/** A line of the log about a call, as far as it is needed here. */
interface RedirectedCall {
  readonly faults: readonly string[];
  readonly location?: string;
}

/** Returns one reason for each status and target of a redirect, with its count; the most frequent ones first. */
export function redirectReasons(
  calls: readonly RedirectedCall[],
  { scenario }: Pick<RunFile, "scenario">,
  { settings, url }: Pick<RunSummary, "settings" | "url">,
): string[] {
  const counts = new Map<string, { readonly kind: string; readonly location: string; count: number }>();
  for (const { faults, location } of calls) {
    const kind = faults.find((fault) => fault.startsWith("ws_error:http_3"))?.slice("ws_error:".length);
    if (kind === undefined || location === undefined) continue;
    const key = `${kind} ${location}`;
    const target = counts.get(key) ?? { kind, location, count: 0 };
    counts.set(key, { ...target, count: target.count + 1 });
  }
  const facts = { url, pathHint: WIRES[scenario].pathHint, connectTimeoutSec: settings.CONNECT_TIMEOUT_SEC };
  return [...counts.values()]
    .sort((a, b) => b.count - a.count)
    .slice(0, MAX_TARGETS)
    .map(({ count, kind, location }) => `${count} x ws/error/${kind}: ${dialHint(kind, { ...facts, location })}`);
}
