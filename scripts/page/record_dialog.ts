/** Shows the dialog with one turn's record and its session id, by which the agent's logs can be searched. */

import type { PageData } from "./data.ts";
import { clockText, msText } from "./numbers.ts";
import { turnName, turnRecord } from "./turns.ts";

/** Fills the dialog with one turn and opens it. */
export function showRecord(data: PageData, index: number): void {
  const dialog = document.querySelector<HTMLDialogElement>("#record");
  if (dialog === null) return;
  const record = turnRecord(data, index);
  const call = String(record.call);
  const set = (selector: string, text: string) => {
    const element = dialog.querySelector(selector);
    if (element !== null) element.textContent = text;
  };
  set("h2", `Turn ${turnName(data, index)}, ${clockText(data.turns.atMs[index] ?? 0)} into the run`);
  set("#session", call);
  const body = dialog.querySelector("tbody");
  body?.replaceChildren(...Object.entries(record).map(([name, value]) => row(name, value, data.startedAtMs)));
  const copy = dialog.querySelector<HTMLButtonElement>("#copy");
  if (copy !== null) copy.onclick = () => copyText(call, copy);
  dialog.showModal();
}

function row(name: string, value: unknown, startedAtMs: number): HTMLTableRowElement {
  const tr = document.createElement("tr");
  const head = document.createElement("th");
  head.scope = "row";
  head.textContent = name;
  const cell = document.createElement("td");
  cell.textContent = cellText(name, value, startedAtMs);
  tr.append(head, cell);
  return tr;
}

function cellText(name: string, value: unknown, startedAtMs: number): string {
  if (value === null || value === undefined) return "-";
  if (Array.isArray(value)) return value.length === 0 ? "none" : value.join(", ");
  if (typeof value !== "number") return String(value);
  if (name.endsWith("AtMs")) return `${new Date(value).toISOString()}  (+${clockText(value - startedAtMs)})`;
  return name.endsWith("Ms") ? msText(value) : String(value);
}

/**
 * Copies to the clipboard. A page from disk may have no access to it: then the id is selected, to be copied by hand.
 */
function copyText(text: string, button: HTMLButtonElement): void {
  const select = () => {
    const session = document.querySelector("#session");
    if (session !== null) getSelection()?.selectAllChildren(session);
  };
  const copied = navigator.clipboard?.writeText(text) ?? Promise.reject();
  copied.then(() => {
    button.textContent = "Copied";
  }, select);
}
