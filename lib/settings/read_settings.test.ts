import { describe, expect, it } from "vitest";
import { maskUrl, shownSettings } from "./masking.ts";
import { readSettings } from "./read_settings.ts";
import { targetUrl } from "./target_url.ts";

const problems = (env: Record<string, string>) => readSettings(env).problems;
const settings = (env: Record<string, string>) => readSettings(env).settings;

describe("settings", () => {
  it("keep their inherited names and defaults", () => {
    expect(settings({})).toMatchObject({
      HOST: "localhost:8010",
      USERS: 15,
      SPAWN_RATE: 2,
      TIME: 90,
      PIPELINE: "cascade",
      TURNS_PER_USER: 60,
      CHUNK_MS: 20,
      FIRST_BYTE_TIMEOUT_SEC: 5,
      BARGE_QUIET_MS: 400,
      TURN_TIMEOUT_SEC: 15,
      PAUSE_BETWEEN_TURNS_SEC: 1.5,
      WS_IGNORE_CLOSE_EXCEPTIONS: true,
      WS_MAX_SSL_FAILS: 4,
      WS_RECONNECT_BACKOFF_BASE_SEC: 0.2,
      WS_RECONNECT_BACKOFF_FACTOR: 1.8,
      WS_RECONNECT_BACKOFF_MAX_SEC: 3,
      RESPONSE_TOKENS: ["recognizer", "greeting", "response", "transcript", "result"],
      END_TOKENS: ["final", "end", "completed", "stopped", "barge"],
    });
  });

  it("count an empty value as absent, because make and CI pass unset variables as empty ones", () => {
    expect(readSettings({ USERS: "", TIME: " " })).toMatchObject({ problems: [], settings: { USERS: 15, TIME: 90 } });
  });

  it.each([
    ["TIME", "1h30m", 5400],
    ["TIME", "90s", 90],
    ["TIME", "1.5s", 1.5],
    ["AGENT_STOPS", "No", false],
    ["PIPELINE", "VoiceLive", "voicelive"],
    ["PIPELINE", "realtime", "voicelive"],
    ["END_TOKENS", "Done, OVER ,", ["done", "over"]],
    ["WS_HEADERS", '{"Authorization":"Bearer x"}', { Authorization: "Bearer x" }],
  ] as const)("read %s=%s", (name, text, value) => {
    expect(settings({ [name]: text })[name]).toEqual(value);
  });

  it.each([
    ["USERS", "ten", 'USERS: expected a whole number >= 1, got "ten"'],
    ["USERS", "0", 'USERS: expected a whole number >= 1, got "0"'],
    ["USERS", "1.5", 'USERS: expected a whole number >= 1, got "1.5"'],
    ["TIME", "90", 'TIME: expected a duration > 0 such as 90s, 5m or 1h30m, got "90"'],
    ["TIME", "0s", 'TIME: expected a duration > 0 such as 90s, 5m or 1h30m, got "0s"'],
    ["SPAWN_RATE", "-1", 'SPAWN_RATE: expected a number > 0, got "-1"'],
    ["PIPELINE", "both", 'PIPELINE: expected one of cascade, voicelive, got "both"'],
    ["HOST", "agent/path", 'HOST: expected host[:port] without a path, got "agent/path"'],
    ["WS_URL", "https://agent", 'WS_URL: expected a ws:// or wss:// URL, got "https://agent"'],
    ["SESSION_PREFIX", 'a"b', 'SESSION_PREFIX: expected letters, digits, _ . or -, got "a\\"b"'],
    ["AGENT_STOPS", "maybe", 'AGENT_STOPS: expected true or false, got "maybe"'],
    ["RAMP_UP_COUNTS", "constructor", 'RAMP_UP_COUNTS: expected true or false, got "constructor"'],
    ["CAPACITY", "huge", 'CAPACITY: expected one of development, staging, production, got "huge"'],
  ])('refuse %s=%s in the form "NAME: expected ..., got ..."', (name, text, problem) => {
    expect(problems({ [name]: text })).toEqual([problem]);
  });

  it("report all problems at once", () => {
    expect(problems({ USERS: "ten", TIME: "soon", GATE: "high" })).toHaveLength(3);
  });

  it("never show a secret, not even one that is not valid", () => {
    expect(problems({ WS_HEADERS: "Bearer s3cret" }).join()).not.toContain("s3cret");
    const shown = JSON.stringify(
      shownSettings(settings({ WS_HEADERS: '{"Authorization":"s3cret"}', WS_URL: "wss://u:s3cret@a/b?key=s3cret" })),
    );
    expect(shown).not.toContain("s3cret");
    expect(shown).toContain("Authorization");
  });

  it("report a name that is one edit away from a setting", () => {
    expect(problems({ PIPLINE: "voicelive" })).toEqual(["PIPLINE is not a setting; did you mean PIPELINE?"]);
    expect(problems({ PIPELIEN: "x" })).toEqual(["PIPELIEN is not a setting; did you mean PIPELINE?"]);
    expect(problems({ PIPELINES: "x" })).toEqual(["PIPELINES is not a setting; did you mean PIPELINE?"]);
    expect(problems({ PIPEKINE: "x" })).toEqual(["PIPEKINE is not a setting; did you mean PIPELINE?"]);
  });

  it("ignore the variables of the shell", () => {
    expect(problems({ USER: "root", TIMES: "1", HOSTNAME: "h", PATH: "/bin", PWD: "/", TERM: "xterm" })).toEqual([]);
  });

  it("accept the older spellings of VoiceLive with a remark", () => {
    expect(readSettings({ PIPELINE: "realtime" })).toMatchObject({
      settings: { PIPELINE: "voicelive" },
      remarks: [expect.stringContaining("PIPELINE=realtime is understood as voicelive")],
    });
    expect(readSettings({ PIPELINE: "VoiceLive" }).remarks).toEqual([]);
    expect(readSettings({}).remarks).toEqual([]);
  });

  it("refuse more callers than can start within the test", () => {
    expect(problems({ USERS: "500", SPAWN_RATE: "2", TIME: "90s" })).toEqual([
      "USERS: expected at most SPAWN_RATE x TIME = 180, got 500",
    ]);
  });

  it("check the ramp of the open model against CALLS_RAMP_SEC, not SPAWN_RATE", () => {
    expect(problems({ CALLS_PER_SEC: "1", USERS: "500", TIME: "90s" })).toEqual([]);
    expect(problems({ CALLS_PER_SEC: "1", CALLS_RAMP_SEC: "91", TIME: "90s" })).toEqual([
      "CALLS_RAMP_SEC: expected at most TIME = 90, got 91",
    ]);
    expect(problems({ CALLS_RAMP_SEC: "5" })).toEqual([
      expect.stringMatching(/^CALLS_RAMP_SEC: expected CALLS_PER_SEC/),
    ]);
  });

  it("refuse a rate that k6 cannot make exactly, or that makes no call within the test", () => {
    expect(problems({ CALLS_PER_SEC: "0.0000015", TIME: "1000h" })).toEqual([
      "CALLS_PER_SEC: expected at most 6 decimals, got 0.0000015",
    ]);
    expect(problems({ CALLS_PER_SEC: "0.001", TIME: "3m" })).toEqual([
      "CALLS_PER_SEC: expected at least one call within TIME = 180, got 0.001, which makes 0.18",
    ]);
    expect(problems({ CALLS_PER_SEC: "0.01", CALLS_RAMP_SEC: "60", TIME: "110s" })).toHaveLength(1);
    for (const CALLS_PER_SEC of ["0.025", "0.1", "12.345678", "333"]) expect(problems({ CALLS_PER_SEC })).toEqual([]);
  });

  it.each([
    "x86_64-conda-linux-gnu",
    "aarch64-conda-linux-gnu",
    "arm64-apple-darwin20.0.0",
    "x86_64-apple-darwin13.4.0",
  ])("refuse HOST=%s, which is conda's, unless WS_URL takes precedence", (HOST) => {
    expect(problems({ HOST })).toEqual([
      expect.stringMatching(/^HOST: .*a compiler's target, as conda sets it.*unset HOST/),
    ]);
    expect(problems({ HOST, WS_URL: "ws://a" })).toEqual([]);
  });

  it("take RESULTS_DIR without the slashes at its end, but for the root", () => {
    const folder = (text: string) => readSettings({ RESULTS_DIR: text }).settings.RESULTS_DIR;
    expect(["results/x/", "results//x///", "/", "x", ""].map(folder)).toEqual([
      "results/x",
      "results//x",
      "/",
      "x",
      "",
    ]);
  });

  it("refuse RESULTS_DIR beside k6's own summary, which would leave it empty", () => {
    expect(problems({ RESULTS_DIR: "out", REPORT: "k6" })).toEqual([
      expect.stringMatching(/^RESULTS_DIR: expected REPORT=table/),
    ]);
    expect(problems({ RESULTS_DIR: "out" })).toEqual([]);
  });

  it("refuse RAMP_UP_COUNTS=false when the ramp-up takes the whole test", () => {
    expect(problems({ USERS: "180", SPAWN_RATE: "2", TIME: "90s", RAMP_UP_COUNTS: "false" })).toEqual([
      "RAMP_UP_COUNTS=false: expected a ramp-up shorter than TIME = 90, got 90 s",
    ]);
  });

  it.each(["Connection", "upgrade", "SEC-WEBSOCKET-KEY", "Sec-WebSocket-Extensions", "Content-Length"])(
    "refuse the header %s in WS_HEADERS, which the client sets itself",
    (name) => {
      expect(problems({ WS_HEADERS: JSON.stringify({ [name]: "x", Cookie: "a=b" }) })).toEqual([
        `WS_HEADERS: expected no header that the client itself sets in an upgrade, got ${name}`,
      ]);
    },
  );

  it("take a sub-protocol, a cookie and a host in WS_HEADERS", () => {
    const headers = { "Sec-WebSocket-Protocol": "realtime", Cookie: "a=b", Host: "x" };
    expect(settings({ WS_HEADERS: JSON.stringify(headers) }).WS_HEADERS).toEqual(headers);
  });

  it.each([{ "a b": "x" }, { a: "x\r\ny: z" }, { a: "\u20ac" }])(
    "refuse %j as headers, which HTTP cannot carry",
    (headers) => {
      expect(problems({ WS_HEADERS: JSON.stringify(headers) })).toEqual([
        expect.stringMatching(/^WS_HEADERS: expected a JSON object of header names and lines of ASCII/),
      ]);
    },
  );

  it("take the values of the CAPACITY preset where they are not set themselves", () => {
    expect(settings({ CAPACITY: "production" })).toMatchObject({ USERS: 500, TIME: 3600, SPAWN_RATE: 50 });
    expect(settings({ CAPACITY: "staging", USERS: "7" })).toMatchObject({ USERS: 7, TIME: 1800 });
  });
});

describe("the target URL", () => {
  const url = (env: Record<string, string>) => targetUrl(settings(env), "/p");

  it.each([
    [{}, "ws://localhost:8010/p"],
    [{ HOST: "127.0.0.1:9" }, "ws://127.0.0.1:9/p"],
    [{ HOST: "[::1]:9" }, "ws://[::1]:9/p"],
    [{ HOST: "agent.example.com" }, "wss://agent.example.com/p"],
    [{ HOST: "localhost.example.com" }, "wss://localhost.example.com/p"],
    [{ HOST: "voice_agent:8010" }, "wss://voice_agent:8010/p"],
    [{ HOST: "ws://arm64-builder" }, "ws://arm64-builder/p"],
    [{ HOST: "http://agent:80" }, "ws://agent:80/p"],
    [{ HOST: "wss://localhost:8443" }, "wss://localhost:8443/p"],
    [{ HOST: "agent:1", WS_PATH: "/q" }, "wss://agent:1/q"],
    [{ HOST: "a", WS_URL: "wss://b/c?d=e" }, "wss://b/c?d=e"],
  ])("of %j is %s", (env, expected) => {
    expect(url(env)).toBe(expected);
  });

  it("is shown with its possible credentials masked", () => {
    expect(maskUrl("wss://user:pw@a/b?code=1&x=2#f")).toBe("wss://***@a/b?code=***&x=***#f");
    expect(maskUrl("ws://localhost:8010/a@b")).toBe("ws://localhost:8010/a@b");
  });
});
