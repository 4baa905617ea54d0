import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { describe, expect, it } from "vitest";

import { readConversations } from "./conversations.ts";

function folderOf(files: Record<string, string>): string {
  const folder = mkdtempSync(join(tmpdir(), "conversations-"));
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, `${name}.json`), text);
  return folder;
}

async function problemsOf(files: Record<string, string>): Promise<string[]> {
  const folder = folderOf(files);
  const error = await readConversations(folder).catch((reason: Error) => reason);
  return (error as Error).message.split("\n").map((line) => line.replace(`${folder}/`, ""));
}

const TURNS = '"turns": [{ "text": "hello" }]';

describe("conversations", () => {
  it("in the repository are valid, and there are several", async () => {
    const utterances = await readConversations("audio/conversations");
    expect(new Set(utterances.map(({ conversation }) => conversation)).size).toBeGreaterThanOrEqual(2);
    expect(utterances[0]).toMatchObject({ turn: 1, writtenAt: "audio/conversations/claim_status.json:7" });
  });

  it("may begin with the byte order mark of UTF-8; in UTF-16 they are named", async () => {
    const text = `\ufeff{ "name": "a", ${TURNS} }`;
    expect(await readConversations(folderOf({ a: text }))).toMatchObject([{ text: "hello" }]);
    const folder = folderOf({});
    writeFileSync(join(folder, "a.json"), Buffer.from(text, "utf16le"));
    await expect(readConversations(folder)).rejects.toThrow(
      "a.json: expected text in UTF-8, got UTF-16; save it as UTF-8",
    );
  });

  it("apply their voice and language to every turn without its own", async () => {
    const text = `{ "name": "a", "language": "en-GB", "voice": "A", "offline_voice": "awb",
      "turns": [{ "text": "one" }, { "text": "two", "voice": "B", "language": "fr-FR", "offline_voice": "rms" }] }`;
    const utterances = await readConversations(folderOf({ a: text, b: `{ "name": "b", ${TURNS} }` }));
    expect(utterances.map(({ language, voice, offlineVoice }) => [language, voice, offlineVoice])).toEqual([
      ["en-GB", "A", "awb"],
      ["fr-FR", "B", "rms"],
      ["en-US", "en-US-JennyMultilingualNeural", "slt"],
    ]);
  });

  it("may press digits behind words, and without words", async () => {
    const text = `{ "name": "a", "turns": [{ "text": "one", "dtmf": "1#" },\n{ "dtmf": "*" }] }`;
    const utterances = await readConversations(folderOf({ a: text }));
    expect(utterances).toMatchObject([
      { text: "one", dtmf: "1#" },
      { text: "", dtmf: "*" },
    ]);
    expect(utterances[1]?.writtenAt).toMatch(/a\.json:2$/);
  });

  it.each([
    ["no JSON", '{\n  "name": "a",\n  turns\n}', ["a.json:3: expected JSON, got InvalidSymbol"]],
    ["a comment", `{ "name": "a", // mine\n ${TURNS} }`, ["a.json:1: expected JSON, got InvalidCommentToken"]],
    ["a list", "[]", ["a.json:1: the file: expected a conversation, got []"]],
    ["no name", `{\n ${TURNS} }`, ["a.json:1: name: expected a name of small letters, digits and _, got nothing"]],
    [
      "a name with spaces",
      `{\n "name": "My Claim",\n ${TURNS} }`,
      ['a.json:2: name: expected a name of small letters, digits and _, got "My Claim"'],
    ],
    ["no turns", '{ "name": "a",\n "turns": [] }', ["a.json:2: turns: expected a list of turns, got []"]],
    [
      "a misspelt field",
      '{ "name": "a", "turns": [\n {"text": "x"},\n {"text": "x", "vioce": "y"} ] }',
      ["a.json:3: turns[1].vioce: expected one of text, dtmf, language, voice, offline_voice, got another field"],
    ],
    [
      "a turn without words and digits",
      '{ "name": "a", "turns": [\n {"voice": "y"} ] }',
      ['a.json:2: turns[0]: expected a turn with a text, with dtmf, or with both, got {"voice":"y"}'],
    ],
    [
      "digits that no phone has",
      '{ "name": "a", "turns": [\n {"dtmf": "12A"} ] }',
      ['a.json:2: turns[0].dtmf: expected digits, * and #, got "12A"'],
    ],
    [
      "several at once",
      '{ "name": "a", "turns": [\n {"text": " "},\n {"text": "[600ms]"},\n {"text": "x", "offline_voice": "jenny"} ] }',
      [
        'a.json:2: turns[0].text: expected words, and pauses such as [600ms] between them, got " "',
        'a.json:3: turns[1].text: expected words, and pauses such as [600ms] between them, got "[600ms]"',
        'a.json:4: turns[2].offline_voice: expected one of slt, rms, awb, kal16, got "jenny"',
      ],
    ],
  ])("with %s are rejected with file, line and field", async (_, text, problems) => {
    expect(await problemsOf({ a: text })).toEqual(problems);
  });

  it("with the same name are rejected with both files", async () => {
    const [problem] = await problemsOf({ a: `{ "name": "x", ${TURNS} }`, b: `{ "name": "x", ${TURNS} }` });
    expect(problem).toMatch(/^b\.json:1: name: expected a name of its own, got "x", which is that of .*a\.json$/);
  });

  it("are required: a folder without any is rejected", async () => {
    expect((await problemsOf({}))[0]).toMatch(/expected at least one \.json file, got none$/);
  });
});
