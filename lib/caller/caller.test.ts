import { describe, expect, it } from "vitest";
import type { Sample } from "../metrics/metrics.ts";
import { readSettings } from "../settings/read_settings.ts";
import { targetUrl } from "../settings/target_url.ts";
import { acs } from "../wire/acs.ts";
import type { Connection } from "./call.ts";
import { type Answer, Caller, type Phone } from "./caller.ts";

const CONNECTED: Answer = { status: 101, error: "", body: "", location: "", retryAfter: "" };
const REFUSED: Answer = { status: 0, error: "connect: connection refused", body: "", location: "", retryAfter: "" };

const BASE64 = {
  encode: (bytes: ArrayBuffer) => Buffer.from(bytes).toString("base64"),
  decode: (text: string) => new Uint8Array(Buffer.from(text, "base64")).buffer,
};

/** A connection on which the test plays the agent. */
class FakeConnection implements Connection {
  readonly sent: string[] = [];
  closedWith: number | null = null;
  private tickers: (() => void)[] = [];
  private message: (text: string) => void = () => {};
  private binary: (bytes: ArrayBuffer) => void = () => {};
  private error: (text: string) => void = () => {};
  private closed: (code: number) => void = () => {};
  private readonly phone: FakePhone;

  constructor(phone: FakePhone) {
    this.phone = phone;
  }

  sendText = (text: string) => this.sent.push(text);
  sendBinary = () => {};
  firstFrameInMs = 0;
  every = (firstInMs: number, _: number, run: () => void) => {
    this.firstFrameInMs = firstInMs;
    this.tickers.push(run);
  };
  onMessage = (take: (text: string) => void) => (this.message = take);
  onBinary = (take: (bytes: ArrayBuffer) => void) => (this.binary = take);
  onError = (take: (text: string) => void) => (this.error = take);
  onClose = (take: (code: number) => void) => (this.closed = take);

  /** As k6 does, reports the close from within. */
  close = (code: number) => {
    if (this.closedWith !== null) return;
    this.closedWith = code;
    this.closed(code);
  };

  say(message: unknown): void {
    this.message(typeof message === "string" ? message : JSON.stringify(message));
  }

  sayBinary(bytes: Buffer): void {
    this.binary(new Uint8Array(bytes).buffer);
  }

  fail(text: string): void {
    this.error(text);
  }

  /** Lets time pass, frame by frame, until the connection is closed. */
  pass(ms: number): void {
    for (let passed = 0; passed < ms && this.closedWith === null; passed += 20) {
      this.phone.nowMs += 20;
      for (const tick of this.tickers) tick();
    }
  }
}

class FakePhone implements Phone {
  nowMs = 0;
  epochOffsetMs = 1_000_000;
  readonly base64 = BASE64;
  readonly samples: Sample[] = [];
  readonly lines: Record<string, unknown>[] = [];
  readonly slept: number[] = [];
  answer: Answer = CONNECTED;
  dialMs = 0;
  dialled: { url: string; headers: Readonly<Record<string, string>> }[] = [];
  during: (connection: FakeConnection) => void = () => {};

  now = () => this.nowMs;
  add = (sample: Sample) => this.samples.push(sample);
  log = (line: Readonly<Record<string, unknown>>) => this.lines.push({ ...line });
  hmacSha1 = () => "";
  random = () => 0.5;
  uuid = () => "uuid";
  sleep = (sec: number) => {
    this.slept.push(sec);
    this.nowMs += sec * 1000;
  };
  dial: Phone["dial"] = (url, headers, connected) => {
    this.dialled.push({ url, headers });
    this.nowMs += this.dialMs;
    if (this.answer.status !== 101) return this.answer;
    const connection = new FakeConnection(this);
    connected(connection);
    this.during(connection);
    return this.answer;
  };

  counted(metric: string): number {
    return this.samples.filter((sample) => sample.metric === metric).reduce((sum, { value }) => sum + value, 0);
  }
}

function makeCaller(env: Record<string, string> = {}, timeEndsAtMs = 60_000, index = 0) {
  const phone = new FakePhone();
  const { settings } = readSettings({ TURNS_PER_USER: "1", GREETING_TIMEOUT_SEC: "0", ...env });
  const frame = acs.pack(new Uint8Array(640).fill(1), 640, BASE64);
  const files = { fileOf: () => "a.pcm", conversations: () => ["a"], frames: [2], wordless: [] };
  const utterances = { ...files, quiet: frame, rateHz: 16000, piece: () => frame + frame };
  return {
    phone,
    caller: new Caller({
      settings,
      url: targetUrl(settings, acs.path),
      session: "",
      transport: acs,
      utterances,
      phone,
      index,
      timeEndsAtMs,
    }),
  };
}

const AUDIO = { kind: "AudioData", audioData: { data: Buffer.alloc(6400, 1).toString("base64") } };
const FINAL = { type: "event", payload: { type: "user", streaming: false, status: "completed" } };
const END = { type: "event", payload: { type: "assistant", content: "x", streaming: false, status: "completed" } };

/** An agent that answers every turn. */
function answer(connection: FakeConnection): void {
  connection.pass(100);
  connection.say(FINAL);
  connection.pass(200);
  connection.say(AUDIO);
  connection.say(END);
  connection.pass(5000);
}

describe("a caller", () => {
  it("dials, speaks, hears the reply, hangs up with 1000 and writes both down", () => {
    const { phone, caller } = makeCaller({ SESSION_PREFIX: "t-" });
    phone.during = answer;
    caller.call();
    expect(phone.lines.map(({ type }) => type)).toEqual(["turn", "call"]);
    expect(phone.lines[0]).toMatchObject({ call: "t-uuid", turn: 1, utterance: "a.pcm", outcome: "ok", ttfbMs: 260 });
    expect(phone.lines[1]).toMatchObject({
      call: "t-uuid",
      outcome: "ok",
      closedBy: "caller",
      code: 1000,
      reached: true,
    });
    expect(phone.counted("turn_success")).toBe(1);
    expect(phone.slept).toEqual([]);
  });

  it("sends its frames at an instant of its own, and waits its own time before it speaks", () => {
    const begun = [0, 1, 2, 3].map((index) => {
      const { phone, caller } = makeCaller({}, 60_000, index);
      let firstFrameInMs = 0;
      phone.during = (connection) => {
        firstFrameInMs = connection.firstFrameInMs;
        connection.pass(12_000);
      };
      caller.call();
      return { firstFrameInMs, speechStartAtMs: phone.lines[0]?.speechStartAtMs };
    });
    expect(new Set(begun.map(({ firstFrameInMs }) => firstFrameInMs)).size).toBe(4);
    expect(new Set(begun.map(({ speechStartAtMs }) => speechStartAtMs)).size).toBe(4);
  });

  it("writes instants on the wall clock", () => {
    const { phone, caller } = makeCaller();
    phone.during = answer;
    caller.call();
    expect(phone.lines[0]).toMatchObject({ speechStartAtMs: 1_000_020, eosAtMs: 1_000_040 });
    expect(phone.lines[1]).toMatchObject({ dialAtMs: 1_000_000, connectedAtMs: 1_000_000 });
  });

  it("sends the call's id and WS_HEADERS", () => {
    const { phone, caller } = makeCaller({ WS_HEADERS: '{"Authorization":"Bearer x"}', HOST: "localhost:1" });
    phone.answer = REFUSED;
    caller.call();
    expect(phone.dialled[0]).toEqual({
      url: "ws://localhost:1/api/v1/media/stream",
      headers: expect.objectContaining({ Authorization: "Bearer x", "x-session-id": "k6va-uuid" }),
    });
  });

  it("counts a refused dial, and waits before the next", () => {
    const { phone, caller } = makeCaller();
    phone.answer = REFUSED;
    caller.call();
    expect(phone.lines).toMatchObject([
      { type: "call", outcome: "refused", reached: false, faults: ["ws_error:refused"] },
    ]);
    expect(phone.samples).toContainEqual({ metric: "connection_success", value: 0 });
    expect(phone.samples).toContainEqual({ metric: "ws_error", value: 1, tags: { kind: "refused" } });
    expect(phone.slept).toEqual([expect.closeTo(0.15)]);
  });

  it("begins anew with its waits after a call that succeeded", () => {
    const { phone, caller } = makeCaller();
    phone.answer = REFUSED;
    for (let fail = 0; fail < 4; fail += 1) caller.call();
    phone.answer = CONNECTED;
    phone.during = answer;
    caller.call();
    phone.answer = REFUSED;
    phone.during = () => {};
    caller.call();
    const [first, , , fourth, afterwards] = phone.slept;
    expect(fourth).toBeGreaterThan(first ?? 0);
    expect(afterwards).toBe(first);
  });

  it("gives up on 404, says so, and sleeps to the end of the test", () => {
    const { phone, caller } = makeCaller();
    phone.answer = { status: 404, error: "", body: "", location: "", retryAfter: "" };
    caller.call();
    expect(phone.lines).toMatchObject([{ outcome: "gave_up", faults: ["ws_error:http_404"] }]);
    expect(phone.counted("gave_up")).toBe(1);
    expect(phone.nowMs).toBe(60_000);
  });

  it("waits as long as a throttling agent asks for, but not beyond its time", () => {
    const { phone, caller } = makeCaller();
    phone.answer = { status: 429, error: "", body: "", location: "", retryAfter: "8" };
    caller.call();
    expect(phone.slept).toEqual([expect.closeTo(8.05)]);
    expect(phone.counted("rate_limit")).toBe(1);
    phone.answer = { ...phone.answer, retryAfter: "3600" };
    caller.call();
    expect(phone.nowMs).toBe(60_000);
  });

  it("fails a connection that took longer than CONNECT_TIMEOUT_SEC, and does not speak on it", () => {
    const { phone, caller } = makeCaller({ CONNECT_TIMEOUT_SEC: "2" });
    phone.dialMs = 2500;
    phone.during = (connection) => expect(connection).toMatchObject({ sent: [], closedWith: 1000 });
    caller.call();
    expect(phone.lines).toMatchObject([{ reached: false, faults: ["ws_error:connect_timeout"] }]);
  });

  it("starts no call when less than 5 s are left", () => {
    const { phone, caller } = makeCaller({}, 4999);
    caller.call();
    expect(phone.dialled).toHaveLength(0);
    expect(phone.slept).toEqual([4.999]);
  });

  it("hangs up at its own instant after TIME, and not with the others, when it is not in a turn", () => {
    const leftAtMs = [0, 1, 2, 3].map((index) => {
      const { phone, caller } = makeCaller({ USERS: "50", GREETING_TIMEOUT_SEC: "60" }, 6000, index);
      phone.during = (connection) => connection.pass(20_000);
      caller.call();
      expect(phone.lines).toMatchObject([{ type: "call", outcome: "ok", closedBy: "caller" }]);
      return phone.nowMs;
    });
    // Places 0, 0.618, 0.236 and 0.854 of a span of 50 x 20 ms, at the next frame.
    expect(leftAtMs).toEqual([6000, 6620, 6240, 6860]);
  });

  it("goes on with its turns after TIME, until it leaves", () => {
    const { phone, caller } = makeCaller({ USERS: "500", TURNS_PER_USER: "9", BARGE_EVERY: "0" }, 6000, 1);
    phone.during = (connection) => {
      for (let turn = 0; turn < 9; turn += 1) answer(connection);
    };
    caller.call();
    const begunAtMs = phone.lines.filter(({ type }) => type === "turn").map(({ speechStartAtMs }) => speechStartAtMs);
    expect(begunAtMs.filter((atMs) => Number(atMs) - phone.epochOffsetMs > 6000)).not.toEqual([]);
    expect(begunAtMs.filter((atMs) => Number(atMs) - phone.epochOffsetMs > 6000 + 0.62 * 10_000)).toEqual([]);
    expect(phone.lines.at(-1)).toMatchObject({ type: "call", closedBy: "caller", outcome: "ok" });
  });

  it("starts no call when less than 5 s of TIME are left, however late it leaves, and waits until it leaves", () => {
    const { phone, caller } = makeCaller({ USERS: "500" }, 4999, 1);
    caller.call();
    expect(phone.dialled).toHaveLength(0);
    expect(phone.nowMs).toBeCloseTo(4999 + 6180, 0);
  });

  it("finishes its turn when its time is up", () => {
    const { phone, caller } = makeCaller({ TURNS_PER_USER: "9" }, 5100);
    phone.during = (connection) => {
      answer(connection);
      answer(connection);
    };
    caller.call();
    expect(phone.lines.at(-1)).toMatchObject({ type: "call", closedBy: "caller", outcome: "ok" });
    expect(phone.lines.every(({ outcome }) => outcome === "ok")).toBe(true);
  });

  it("takes the reason of a close from the error that comes before it", () => {
    const { phone, caller } = makeCaller();
    phone.during = (connection) => {
      connection.pass(500);
      connection.fail("websocket: close 4501: RateLimitExceeded: throttled");
      connection.close(4501);
    };
    caller.call();
    expect(phone.lines[0]).toMatchObject({ outcome: "closed", faults: ["rate_limit:openai"] });
    expect(phone.lines[1]).toMatchObject({ code: 4501, closedBy: "agent", outcome: "closed" });
    expect(phone.slept).toHaveLength(1);
  });

  it("takes a reset after a reply for a broken connection: 1006, and it fails the turn that it prevents", () => {
    const { phone, caller } = makeCaller({ TURNS_PER_USER: "2", BARGE_EVERY: "0" });
    phone.during = (connection) => {
      connection.pass(100);
      connection.say(FINAL);
      connection.pass(200);
      connection.say(AUDIO);
      connection.say(END);
      connection.pass(1000);
      // k6's words for a reset: the write of its own close frame fails, and the code is one that was never received.
      connection.fail("write tcp 127.0.0.1:1->127.0.0.1:2: write: broken pipe");
      connection.close(1001);
    };
    caller.call();
    expect(phone.lines).toMatchObject([
      { type: "turn", outcome: "ok", faults: [] },
      { type: "turn", outcome: "closed", faults: ["ws_error:reset"] },
      { type: "call", outcome: "closed", code: 1006 },
    ]);
    expect(phone.samples).toContainEqual({ metric: "ws_close", value: 1, tags: { code: "1006" } });
  });

  it("keeps a redirect's target with its credentials masked, and does not ask a permanent one again", () => {
    const { phone, caller } = makeCaller();
    phone.answer = {
      status: 302,
      error: "",
      body: "",
      location: "https://login.example/?token=SECRET",
      retryAfter: "",
    };
    caller.call();
    expect(phone.lines[0]).toMatchObject({ outcome: "rejected", location: "https://login.example/?token=***" });
    phone.answer = { ...phone.answer, status: 301 };
    caller.call();
    expect(phone.lines[1]).toMatchObject({ outcome: "gave_up", faults: ["ws_error:http_301"] });
  });

  it("does not count a dial for the agent that the load machine could not make, and waits longer each time", () => {
    const { phone, caller } = makeCaller();
    phone.answer = { ...REFUSED, error: "dial tcp 127.0.0.1:1: socket: too many open files" };
    for (let call = 0; call < 3; call += 1) caller.call();
    expect(phone.lines[0]).toMatchObject({
      outcome: "generator_limit",
      reached: null,
      faults: ["generator_limit:open_files"],
    });
    expect(phone.samples).toContainEqual({ metric: "generator_limit", value: 1, tags: { kind: "open_files" } });
    expect(phone.samples.filter(({ metric }) => /connection_success|ws_error/.test(metric))).toEqual([]);
    const [first = 0, , third = 0] = phone.slept;
    expect(third).toBeGreaterThan(first);
  });

  it("gives up when the agent closes with 4500: its configuration is wrong", () => {
    const { phone, caller } = makeCaller();
    phone.during = (connection) => connection.close(4500);
    caller.call();
    expect(phone.lines.at(-1)).toMatchObject({ outcome: "gave_up", code: 4500 });
  });

  it("counts its own bug and throws it", () => {
    const { phone, caller } = makeCaller();
    phone.dial = () => {
      throw new Error("our bug");
    };
    expect(() => caller.call()).toThrow("our bug");
    expect(phone.counted("script_error")).toBe(1);
    expect(phone.lines).toMatchObject([{ type: "call", outcome: "script_error" }]);
  });

  it("hears nothing any more once it has hung up", () => {
    const { phone, caller } = makeCaller();
    phone.during = (connection) => {
      answer(connection);
      connection.say(AUDIO);
      connection.fail("write: broken pipe");
    };
    caller.call();
    expect(phone.lines).toHaveLength(2);
    expect(phone.counted("ws_error")).toBe(0);
  });
});
