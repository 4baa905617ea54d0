import { expect, it } from "vitest";

import { readSettings } from "../../lib/settings/read_settings.ts";
import { redirectReasons } from "./redirects.ts";

const { settings } = readSettings({});
const run = { settings, url: "ws://agent.example/x" };
const call = (status: number, location: string) => ({ faults: [`ws_error:http_${status}`], location });

it("each target of a redirect is a reason with its count, the most frequent first", () => {
  const calls = [
    call(302, "https://login.example/"),
    call(301, "https://agent.example/x"),
    call(302, "https://login.example/"),
    { faults: ["ws_error:refused"] },
    { faults: ["ws_error:http_302"] },
  ];
  expect(redirectReasons(calls, { scenario: "acs_media" }, run)).toEqual([
    expect.stringMatching(/^2 x ws\/error\/http_302: .*to https:\/\/login.example\/: a login page/),
    expect.stringMatching(/^1 x ws\/error\/http_301: .*say HOST=wss:\/\/agent.example$/),
  ]);
});

it("no more than three targets are listed, though a login page may have one for each call", () => {
  const calls = Array.from({ length: 9 }, (_, at) => call(302, `https://login.example/${at}`));
  expect(redirectReasons(calls, { scenario: "acs_media" }, run)).toHaveLength(3);
});
