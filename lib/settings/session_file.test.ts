import { describe, expect, it } from "vitest";

import { readSession } from "./session_file.ts";

const read = (path: string, found: Readonly<Record<string, string>>, workingFolder = "/home/me") =>
  readSession(path, { files: { text: (at) => found[at] ?? null, bytes: () => null }, workingFolder });

describe("the file of SESSION", () => {
  it("is none where SESSION is not set", () => {
    expect(read("", {})).toEqual({ text: "", problems: [] });
  });

  it.each([
    ["a relative path starts from the working folder", "s.json", "/home/me/s.json"],
    ["an absolute path does not", "/etc/s.json", "/etc/s.json"],
  ])("is read: %s", (_, path, at) => {
    expect(read(path, { [at]: '{"voice":"alloy"}' })).toEqual({ text: '{"voice":"alloy"}', problems: [] });
  });

  it.each([
    ["no file", null, 'SESSION: expected a JSON file, got no file at "s.json"'],
    ["no object", "[1]", "SESSION: expected a JSON object, the session of a session.update, got [1]"],
    ["no JSON", "{", "SESSION: expected JSON, got SyntaxError"],
  ])("with %s in it is a problem that names the setting", (_, text, problem) => {
    const { problems } = read("s.json", text === null ? {} : { "/home/me/s.json": text });
    expect(problems).toHaveLength(1);
    expect(problems[0]).toContain(problem);
  });
});
