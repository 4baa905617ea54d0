/**
 * Reads the conversations that callers speak (`audio/conversations/*.json`) and validates them against their JSON
 * Schema.
 */

import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";

import { Ajv, type ErrorObject } from "ajv";
import { findNodeAtLocation, type Node, type ParseError, parseTree, printParseErrorCode } from "jsonc-parser";

import { encodingProblem, withoutMark } from "../../lib/audio/text_file.ts";

/** One utterance of a conversation, before it is synthesised. */
export interface UtteranceSpec {
  readonly conversation: string;
  /** Its position in the conversation, from 1. */
  readonly turn: number;
  /** The words; `[600ms]` is a pause of that length. Empty where only digits are pressed. */
  readonly text: string;
  /** The digits that are pressed behind the words, or without words. */
  readonly dtmf?: string | undefined;
  readonly language: string;
  /** The Azure voice. */
  readonly voice: string;
  /** The offline voice. */
  readonly offlineVoice: string;
  /** The source of the text: file and line. */
  readonly writtenAt: string;
}

interface Turn {
  readonly text?: string;
  readonly dtmf?: string;
  readonly language?: string;
  readonly voice?: string;
  readonly offline_voice?: string;
}

interface Conversation extends Omit<Turn, "text" | "dtmf"> {
  readonly name: string;
  readonly turns: readonly Turn[];
}

const DEFAULTS = { language: "en-US", voice: "en-US-JennyMultilingualNeural", offline_voice: "slt" } as const;

const SCHEMA = new URL("../../audio/conversations.schema.json", import.meta.url);

/** Reads all conversations of a folder in the order of their file names. Throws one error that lists every problem. */
export async function readConversations(folder: string): Promise<UtteranceSpec[]> {
  const files = (await readdir(folder)).filter((file) => file.endsWith(".json")).sort();
  const validate = new Ajv({ allErrors: true, verbose: true }).compile(JSON.parse(await readFile(SCHEMA, "utf8")));
  const problems: string[] = [];
  const utterances: UtteranceSpec[] = [];
  const fileOf = new Map<string, string>();
  for (const file of files) {
    const source = new Source(join(folder, file), withoutMark(await readFile(join(folder, file), "utf8")));
    const json = source.json();
    if (json !== undefined) validate(json);
    if (source.problems.length > 0 || !validate(json)) {
      problems.push(
        ...source.problems,
        ...(validate.errors ?? []).filter(isOwn).map((error) => source.describeError(error)),
      );
      continue;
    }
    const conversation = json as Conversation;
    const other = fileOf.get(conversation.name);
    if (other !== undefined) {
      const name = JSON.stringify(conversation.name);
      problems.push(`${source.at(["name"])}: name: expected a name of its own, got ${name}, which is that of ${other}`);
    }
    fileOf.set(conversation.name, join(folder, file));
    utterances.push(...utterancesOf(conversation, source));
  }
  if (files.length === 0) problems.push(`${folder}: expected at least one .json file, got none`);
  if (problems.length > 0) throw new Error(problems.join("\n"));
  return utterances;
}

function utterancesOf({ name, turns, ...shared }: Conversation, source: Source): UtteranceSpec[] {
  return turns.map((turn, index) => {
    const { text = "", dtmf, language, voice, offline_voice: offlineVoice } = { ...DEFAULTS, ...shared, ...turn };
    const writtenAt = source.at(["turns", index, turn.text === undefined ? "dtmf" : "text"]);
    return { conversation: name, turn: index + 1, text, dtmf, language, voice, offlineVoice, writtenAt };
  });
}

/** False for what is missing in each of several alternatives: the error that none of them holds says it. */
function isOwn({ schemaPath }: ErrorObject): boolean {
  return !schemaPath.includes("/anyOf/");
}

/** The text of one JSON file, which can give the line of each value. */
class Source {
  readonly problems: string[] = [];
  private readonly path: string;
  private readonly text: string;
  private readonly tree: Node | undefined = undefined;

  constructor(path: string, text: string) {
    this.path = path;
    this.text = text;
    const encoding = encodingProblem(text);
    if (encoding !== null) {
      this.problems.push(`${path}: ${encoding}`);
      return;
    }
    const errors: ParseError[] = [];
    this.tree = parseTree(text, errors, { disallowComments: true });
    const [error] = errors;
    if (error === undefined) return;
    this.problems.push(`${this.fileAndLine(error.offset)}: expected JSON, got ${printParseErrorCode(error.error)}`);
  }

  /** The parsed value; undefined when the text is not valid JSON. */
  json(): unknown {
    return this.problems.length > 0 ? undefined : JSON.parse(this.text);
  }

  /** The file and line of a value: `a.json:7`. */
  at(path: readonly (string | number)[]): string {
    const node = this.tree && findNodeAtLocation(this.tree, [...path]);
    return this.fileAndLine(node?.offset ?? 0);
  }

  /** The message for a schema error. */
  describeError({ instancePath, keyword, params, parentSchema, data }: ErrorObject): string {
    const path = instancePath.split("/").slice(1);
    const steps = path.map((step) => (/^\d+$/.test(step) ? Number(step) : step));
    if (keyword === "additionalProperties") {
      const name = String(params.additionalProperty);
      const known = Object.keys(parentSchema?.properties ?? {}).filter((each) => each !== "$schema");
      return `${this.at([...steps, name])}: ${fieldPath([...steps, name])}: expected one of ${known.join(", ")}, got another field`;
    }
    if (keyword === "required") {
      const name = String(params.missingProperty);
      const title = parentSchema?.properties[name]?.title;
      return `${this.at(steps)}: ${fieldPath([...steps, name])}: expected ${title}, got nothing`;
    }
    const expected = keyword === "enum" ? `one of ${params.allowedValues.join(", ")}` : parentSchema?.title;
    return `${this.at(steps)}: ${fieldPath(steps)}: expected ${expected}, got ${JSON.stringify(data)?.slice(0, 80)}`;
  }

  private fileAndLine(offset: number): string {
    return `${this.path}:${this.text.slice(0, offset).split("\n").length}`;
  }
}

function fieldPath(steps: readonly (string | number)[]): string {
  const path = steps.map((step) => (typeof step === "number" ? `[${step}]` : `.${step}`)).join("");
  return path.replace(/^\./, "") || "the file";
}
