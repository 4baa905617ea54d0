/**
 * Lists every option of `k6 run` (2.2), however it is given: as a flag, as a `K6_` variable or in k6's config file; and
 * says whether a make target passes it on or refuses it. docs/k6_options.md has the table that is generated from it.
 * Source of the names: `k6 run --help`, and lib/options.go, internal/cmd and cmd/state of go.k6.io/k6/v2 2.2.0.
 */

import { type K6Option, option, type Row } from "./k6_option.ts";

/** The values of Go's ParseBool that mean false. */
const FALSE = ["0", "f", "false"];

const isOn = (value: string) => !FALSE.includes(value.toLowerCase());
const isOff = (value: string) => FALSE.includes(value.toLowerCase());
const always = () => true;

const REPLACED = "refused (108)";
const LOAD = { refuses: always, effect: "replaces the load", plain: REPLACED };
const UNSEEN = "honoured by k6 alone";

const REFUSED: readonly Row[] = [
  { name: "vus", in: "FVC", short: "u", ...LOAD, instead: "set USERS" },
  { name: "duration", in: "FVC", short: "d", ...LOAD, instead: "set TIME" },
  { name: "iterations", in: "FVC", short: "i", ...LOAD, instead: "set TURNS_PER_USER and TIME" },
  { name: "stages", in: "VC", flag: "stage", short: "s", ...LOAD, instead: "set USERS, SPAWN_RATE and TIME" },
  { name: "scenarios", in: "VC", ...LOAD, instead: "set USERS, SPAWN_RATE and TIME", plain: "ignored by k6" },
  {
    name: "min-iteration-duration",
    in: "FVC",
    refuses: always,
    effect: "makes callers wait between calls",
    instead: "set CALLS_PER_SEC",
    plain: REPLACED,
  },
  {
    name: "paused",
    in: "FVC",
    short: "p",
    takes: "nothing",
    refuses: isOn,
    effect: "starts the run when somebody resumes it, which the time limit of the make targets does not know",
  },
  {
    name: "linger",
    in: "FVC",
    short: "l",
    takes: "nothing",
    refuses: isOn,
    effect: "keeps k6 from ending",
  },
  {
    name: "no-setup",
    in: "FVC",
    takes: "nothing",
    refuses: isOn,
    effect: "leaves out the checks before the first call and the first line of the log",
    plain: REPLACED,
  },
  {
    name: "throw",
    in: "FVC",
    short: "w",
    takes: "nothing",
    refuses: isOn,
    effect: "turns a refused dial into an error of this tool",
    plain: REPLACED,
  },
  {
    name: "env",
    in: "F",
    short: "e",
    refuses: always,
    effect: "tells a setting to k6 alone, so that run.json, the time limit and the gate have another",
    instead: "give the setting to make itself",
  },
  {
    name: "include-system-env-vars",
    in: "FV",
    takes: "nothing",
    refuses: isOff,
    effect: "keeps the settings from k6",
  },
  {
    name: "no-thresholds",
    in: "FV",
    takes: "nothing",
    refuses: isOn,
    effect: "switches the gate off",
    instead: "GATE chooses a tier",
    plain: "the variable is refused (107); with the flag the report says FAIL at the end, but k6's exit code is 0",
  },
  {
    name: "thresholds",
    in: "VC",
    refuses: always,
    effect: "replaces the gate",
    instead: "change thresholds.json",
    plain: REPLACED,
  },
  {
    name: "summary-mode",
    in: "FV",
    refuses: (value) => value.toLowerCase() === "disabled",
    effect: "leaves out summary.json and the report when it is `disabled`",
    plain: `${UNSEEN}: there is no report and no summary.json, and the exit code is that of the gate`,
  },
  {
    name: "summary-trend-stats",
    in: "FVC",
    refuses: always,
    effect: "takes numbers out of the report and the gate's rows",
    instead: "summary.json has all numbers",
    plain: REPLACED,
  },
  {
    name: "new-machine-readable-summary",
    in: "FV",
    takes: "nothing",
    refuses: isOn,
    effect: "hands over a summary without thresholds and counts, of which no report can be made",
    plain: "the variable is refused (107); with the flag one sentence is printed instead of the report",
  },
  {
    name: "handle-summary-timeout",
    in: "VC",
    refuses: always,
    effect: "may cut the report short",
    plain: UNSEEN,
  },
  {
    name: "system-tags",
    in: "FVC",
    refuses: always,
    effect: "changes the series that are counted (`ip` ends k6 at a refused dial)",
    plain: REPLACED,
  },
  {
    name: "console-output",
    in: "FV",
    refuses: always,
    effect: "moves the log of turns to where no report finds it",
    plain: "honoured: with TURN_LOG=true it is where the log goes",
  },
  {
    name: "log-output",
    in: "FV",
    refuses: (value) => !["", "none", "stderr"].includes(value),
    effect: "writes k6's own messages to where credentials in them are not masked",
    plain: "honoured: k6's own messages go there, and what they quote is not masked",
  },
  {
    name: "log-format",
    in: "FV",
    refuses: (value) => value !== "raw",
    effect: "changes the lines of the log, which must be `raw`",
    plain: "honoured: with TURN_LOG=true give `raw`",
  },
  {
    name: "type",
    in: "FV",
    short: "t",
    refuses: (value) => value !== "js",
    effect: "makes k6 read the bundle as something else",
  },
  {
    name: "http-debug",
    in: "FVC",
    takes: "attached value",
    refuses: always,
    effect: "prints the headers of the check of the pipeline, which may be secrets",
    plain: "honoured",
  },
  { name: "help", in: "F", short: "h", takes: "nothing", refuses: isOn, effect: "makes no run" },
];

const NETWORK = "reaches the callers of a run, but not make doctor and make call";

const HONOURED: readonly Row[] = [
  { name: "execution-segment", in: "FC", effect: "makes a part of the load (scale_out.md)" },
  { name: "execution-segment-sequence", in: "FC", effect: "makes a part of the load (scale_out.md)" },
  { name: "insecure-skip-tls-verify", in: "FVC", takes: "nothing", effect: "is the first note of the report" },
  {
    name: "tags",
    in: "VC",
    flag: "tag",
    effect: "adds tags for the outputs of `--out`; no series of the report has them",
  },
  { name: "out", in: "FVC", short: "o", effect: "sends the samples elsewhere too" },
  { name: "web-dashboard", in: "VC", effect: "shows k6's own page too" },
  { name: "summary-export", in: "FV", effect: "writes k6's own summary too" },
  { name: "summary-time-unit", in: "FVC", effect: "changes k6's own summary only" },
  { name: "config", in: "FV", short: "c", effect: "names the config file, which is checked against this table" },
  { name: "quiet", in: "F", short: "q", takes: "nothing", effect: "is set already" },
  { name: "verbose", in: "F", short: "v", takes: "nothing", effect: "prints more of k6's own messages" },
  { name: "no-color", in: "FV", takes: "nothing", effect: "takes the colours out of k6's own messages" },
  { name: "no-teardown", in: "FVC", takes: "nothing", effect: "changes nothing: there is no teardown" },
  {
    name: "setup-timeout",
    in: "VC",
    effect: "ends a run before its first call when the check of the pipeline takes longer",
  },
  { name: "teardown-timeout", in: "VC", effect: "changes nothing: there is no teardown" },
  { name: "rps", in: "FVC", effect: "changes nothing: it limits HTTP requests" },
  { name: "batch", in: "FVC", effect: "changes nothing: it limits HTTP requests" },
  { name: "batch-per-host", in: "FVC", effect: "changes nothing: it limits HTTP requests" },
  { name: "max-redirects", in: "FVC", effect: "changes nothing: an upgrade follows no redirect" },
  { name: "user-agent", in: "FVC", effect: NETWORK },
  {
    name: "no-connection-reuse",
    in: "FVC",
    takes: "nothing",
    effect: "changes nothing: each call has its own connection",
  },
  {
    name: "no-vu-connection-reuse",
    in: "FVC",
    takes: "nothing",
    effect: "changes nothing: each call has its own connection",
  },
  { name: "no-cookies-reset", in: "VC", effect: NETWORK },
  { name: "discard-response-bodies", in: "FVC", takes: "nothing", effect: "leaves out the check of the pipeline" },
  { name: "blacklist-ips", in: "VC", flag: "blacklist-ip", effect: NETWORK },
  { name: "block-hostnames", in: "FVC", effect: NETWORK },
  { name: "hosts", in: "VC", effect: NETWORK },
  { name: "dns", in: "FVC", effect: NETWORK },
  { name: "local-ips", in: "FV", effect: NETWORK },
  { name: "tls-auth", in: "VC", variable: "K6_TLSAUTH", effect: NETWORK },
  { name: "tls-cipher-suites", in: "VC", effect: NETWORK },
  { name: "tls-version", in: "C", effect: NETWORK },
  { name: "metric-samples-buffer-size", in: "VC", effect: "changes k6's memory only" },
  { name: "compatibility-mode", in: "FV", effect: "changes nothing: the bundle needs no `global`" },
  { name: "traces-output", in: "FV", effect: "sends traces of HTTP requests" },
  { name: "no-usage-report", in: "FVC", takes: "nothing", effect: "is set already" },
  { name: "features", in: "FVC", effect: "changes the outputs of `--out`" },
  { name: "address", in: "FV", short: "a", effect: "opens k6's API; a run that it stops is INTERRUPTED" },
  { name: "profiling-enabled", in: "FV", takes: "nothing", effect: "opens pages of k6's API" },
  { name: "secret-source", in: "FV", effect: "changes nothing: the scripts read no secrets from it" },
];

/** Every option of `k6 run`, the refused ones first. */
export const K6_OPTIONS: readonly K6Option[] = [...REFUSED, ...HONOURED].map(option);
