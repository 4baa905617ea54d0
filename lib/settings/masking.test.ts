import { describe, expect, it } from "vitest";

import { maskCodes, maskPath, maskText, maskUrl, secretsOf, shownSettings } from "./masking.ts";
import { readSettings } from "./read_settings.ts";

const TOKEN = "SECRET123";
const settingsOf = (env: Record<string, string>) => readSettings(env).settings;

/** Numbers in [0, 1), the same for the same seed (mulberry32). */
function randomNumbers(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Alphabets of credentials: hexadecimal, letters only, base64, passwords. */
const ALPHABETS = [
  "0123456789abcdef",
  "abcdefghijklmnopqrstuvwxyz",
  "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.",
  "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+=",
  "abcXYZ019@!$'()*,;~äß",
];

/** A URL with one secret in every place that can hold one, as it is or percent-encoded. */
function randomUrl(random: () => number) {
  const pick = <T>(from: readonly T[]) => from[Math.floor(random() * from.length)] as T;
  const alphabet = [...pick(ALPHABETS)];
  const secrets: string[] = [];
  const secret = () => {
    const text = Array.from({ length: 8 + Math.floor(random() * 40) }, () => pick(alphabet)).join("");
    secrets.push(text);
    return random() < 0.5 ? text : encodeURIComponent(text);
  };
  const userInfo = pick(["", `${secret()}@`, `${secret()}:${secret()}@`, `${secret()}:p@ss@`]);
  const path = pick(["", "/", `/ws/${secret()}`, `/${secret()}/api/v1/media/stream`, `/v1/${secret()}/`]);
  const query = pick([
    "",
    `?token=${secret()}`,
    `?${secret()}`,
    `?a=1&api-key=${secret()}&b=${secret()}`,
    `?code=${secret()}==`,
  ]);
  const fragment = pick(["", `#${secret()}`, `#access_token=${secret()}&x=y`]);
  const host = pick(["agent.example.com", "localhost:8010", "127.0.0.1", "[::1]:443", "voice_agent:80"]);
  const url = `${pick(["ws", "wss", "http", "https"])}://${userInfo}${host}${path}${query}${fragment}`;
  const used = secrets.filter((text) => url.includes(text) || url.includes(encodeURIComponent(text)));
  return { url, host, secrets: used.flatMap((text) => [text, encodeURIComponent(text)]) };
}

describe("a URL that is shown", () => {
  it("holds no credential, whatever part of it they are in, shows its host, and is the same when it is masked again", () => {
    const random = randomNumbers(7);
    for (let index = 0; index < 2000; index += 1) {
      const { host, secrets, url } = randomUrl(random);
      const masked = maskUrl(url);
      expect(
        secrets.filter((secret) => masked.includes(secret)),
        url,
      ).toEqual([]);
      expect(masked).toContain(`${host}`);
      expect(maskUrl(masked)).toBe(masked);
    }
  });

  it.each([
    ["ws://localhost:8010/api/v1/media/stream", "ws://localhost:8010/api/v1/media/stream"],
    ["wss://agent.example.com/api/v1/realtime/conversation", "wss://agent.example.com/api/v1/realtime/conversation"],
    ["wss://user:pw@a/b?code=1&x=2#k=1234", "wss://***@a/b?code=***&x=***#***"],
    ["//user:p@ss@host/ws", "//***@host/ws"],
    ["ws://u:p%40x@127.0.0.1:8010/x?token=SECRET123#k=SECRET123", "ws://***@127.0.0.1:8010/x?token=***#***"],
    ["wss://host/ws/SECRET123/call", "wss://host/ws/***/call"],
    ["wss://host/ws/letmein", "wss://host/ws/***"],
    ["wss://host/ws;jsessionid=SECRET123", "wss://host/***"],
    ["wss://host/?SECRET123", "wss://host/?***"],
    ["wss://host/?QUJDREVG==&a=", "wss://host/?***&***"],
    ["wss://user:p/ss@host/ws", "wss://***/***/ws"],
    ["user:SECRET123@host:8010", "***@host:8010"],
    ["host:8010/SECRET123?token=SECRET123", "host:8010/***?token=***"],
    ["SECRET123://host", "***://host"],
    ["Bearer SECRET123", "***"],
  ])("%s is %s", (url, masked) => {
    expect(maskUrl(url)).toBe(masked);
    expect(maskUrl(masked)).toBe(masked);
  });

  it("has no host where it is a path", () => {
    expect(maskPath("//SECRET123/ws?api-key=SECRET123")).toBe("//***/ws?api-key=***");
    expect(maskPath("x?token=SECRET123")).toBe("x?token=***");
  });
});

describe("settings that are shown", () => {
  it("hold no credential", () => {
    const shown = shownSettings(
      settingsOf({
        WS_URL: `wss://u:${TOKEN}@a/b/${TOKEN}?key=${TOKEN}#${TOKEN}`,
        WS_PATH: `/ws/${TOKEN}?api-key=${TOKEN}`,
        WS_HEADERS: `{"Authorization":"Bearer ${TOKEN}"}`,
      }),
    );
    expect(JSON.stringify(shown)).not.toContain(TOKEN);
    expect(shown).toMatchObject({ WS_PATH: "/ws/***?api-key=***", WS_HEADERS: { Authorization: "***" } });
  });

  it.each([
    ["HOST", `user:${TOKEN}@host:8010`, 'HOST: expected host[:port] without a path, got "***@host:8010"'],
    [
      "HOST",
      `wss://host/ws?token=${TOKEN}`,
      'HOST: expected host[:port] without a path, got "wss://host/ws?token=***"',
    ],
    [
      "WS_URL",
      `https://host/ws?token=${TOKEN}`,
      'WS_URL: expected a ws:// or wss:// URL, got "https://host/ws?token=***"',
    ],
    [
      "WS_URL",
      `ws://host:99999/ws?token=${TOKEN}`,
      'WS_URL: expected a host, and a port from 1 to 65535, got "host:99999"',
    ],
    [
      "WS_URL",
      `ws://host/%zz${TOKEN}`,
      "WS_URL: expected every % to begin an escape such as %20, got one that does not",
    ],
    ["WS_PATH", `ws?token=${TOKEN}`, 'WS_PATH: expected a path that begins with /, got "ws?token=***"'],
    ["WS_PATH", `/%zz${TOKEN}`, "WS_PATH: expected every % to begin an escape such as %20, got one that does not"],
  ])("name a %s that is refused without its credential", (name, text, problem) => {
    expect(readSettings({ [name]: text }).problems).toEqual([problem]);
  });

  it.each([`{"Authorization: Bearer ${TOKEN}":""}`, `{"Authorization":"Bearer\\n${TOKEN}"}`])(
    "refuse headers that cannot be sent, such as %s, without quoting them",
    (text) => {
      const { problems } = readSettings({ WS_HEADERS: text });
      expect(problems).toHaveLength(1);
      expect(problems.join()).not.toContain(TOKEN);
    },
  );
});

describe("the code of an error", () => {
  it("holds no credential of the settings, and keeps the words that a header may have in common with it", () => {
    const settings = settingsOf({
      WS_PATH: "/ws?token=abc%2BSECRET123",
      WS_HEADERS: '{"Authorization":"Bearer SECRET/124","X-Mode":"timeout"}',
    });
    expect(
      maskCodes(
        [
          "server_error:token_abc_SECRET123",
          "server_error:token_abc_2BSECRET123",
          "notice:SECRET_124",
          "ws_error:timeout",
        ],
        settings,
      ),
    ).toEqual(["server_error:token_***", "server_error:token_***", "notice:***", "ws_error:timeout"]);
  });
});

describe("a code that was cut", () => {
  it("does not end with the beginning of a credential", () => {
    const settings = settingsOf({ WS_HEADERS: '{"Authorization":"Bearer eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9"}' });
    expect(maskCodes(["server_error:invalid_token_eyJhbGciOiJIUzI1NiI"], settings)).toEqual([
      "server_error:invalid_token_***",
    ]);
  });
});

describe("a text of somebody else", () => {
  it("holds no part of a header that is a list, such as a cookie", () => {
    const headers = '{"Cookie":"session=SECRET123; b=\\"SECRET456\\""}';
    const secrets = secretsOf(settingsOf({ WS_HEADERS: headers }));
    expect(maskText("no session SECRET123, no SECRET456 here", secrets)).not.toMatch(/SECRET/);
  });

  it("holds no credential of a random URL and header, in whichever spelling it quotes them", () => {
    const random = randomNumbers(11);
    for (let index = 0; index < 200; index += 1) {
      const { secrets, url } = randomUrl(random);
      const token = secrets[0] ?? "SECRET123";
      const settings = {
        ...settingsOf({}),
        WS_URL: url.replace(/^http/, "ws"),
        WS_HEADERS: { Authorization: `Bearer ${token}` },
      };
      const plain = secrets.map((text) => decodeURIComponent(encodeURIComponent(text)));
      const quotes = [url, decodeURI(encodeURI(url)), ...secrets, ...plain, JSON.stringify({ authorization: token })];
      const masked = maskText(`Cannot GET ${quotes.join(" and ")}`, secretsOf(settings));
      expect(
        secrets.filter((secret) => masked.includes(secret)),
        url,
      ).toEqual([]);
    }
  });

  const secrets = secretsOf(
    settingsOf({
      WS_URL: "wss://me:p%40ss%2Fword@agent.example.com/ws/SEGMENT1?token=a%2Bb%20c",
      WS_HEADERS: '{"Authorization":"Bearer SECRET124"}',
    }),
  );

  it.each([
    ["Cannot GET /ws/SEGMENT1?token=a%2Bb%20c", "Cannot GET /ws/***?token=***"],
    ["no user me with password p@ss/word", "no user me with password ***"],
    ['{"authorization":"SECRET124"}', '{"authorization":"***"}'],
    ["unauthorised_SECRET124", "unauthorised_***"],
    ["moved to https://other.example.com/login/abcd?state=xyz", "moved to https://other.example.com/***/***?state=***"],
    ['parse "ws://a/b?x=1": bad', 'parse "ws://a/b?x=***": bad'],
    ["see https://grafana.com/docs/k6/latest/", "see https://grafana.com/docs/k6/latest/"],
    ["the token a+b c", "the token ***"],
  ])("%s is shown as %s", (text, masked) => {
    expect(maskText(text, secrets)).toBe(masked);
  });
});

describe("the credentials of single wires", () => {
  const settings = settingsOf({
    TWILIO_AUTH_TOKEN: "twilio-secret-1",
    REALTIME_API_KEY: "realtime-secret-2",
    STREAM_PARAMETERS: '{"token":"parameter-secret-3"}',
  });

  it("are not shown", () => {
    const shown = JSON.stringify(shownSettings(settings));
    expect(shown).not.toMatch(/secret/);
    expect(shownSettings(settings)).toMatchObject({ TWILIO_AUTH_TOKEN: "***", STREAM_PARAMETERS: { token: "***" } });
    expect(shownSettings(settingsOf({}))).toMatchObject({ TWILIO_AUTH_TOKEN: "", REALTIME_API_KEY: "" });
  });

  it("are masked where an agent quotes them", () => {
    const text = maskText("bad realtime-secret-2, parameter-secret-3 or twilio-secret-1", secretsOf(settings));
    expect(text).toBe("bad ***, *** or ***");
  });
});
