/** Reads single settings from an environment, for every table of settings. */

import { shownText } from "./masking.ts";
import type { Setting } from "./setting_kinds.ts";

/** What was read of a setting. */
export interface SettingRead {
  /** What was given, without blanks around it; empty where nothing was. */
  readonly text: string;
  /** The default where nothing was given, or nothing valid. */
  readonly value: unknown;
  /** `NAME: expected ..., got ...`; null where nothing is wrong. */
  readonly problem: string | null;
}

/** Reads a setting; an empty value counts as absent. */
export function readSetting(
  name: string,
  setting: Setting<unknown>,
  env: Readonly<Record<string, string | undefined>>,
): SettingRead {
  const text = (env[name] ?? "").trim();
  const parsed = text === "" ? setting.defaultValue : setting.parse(text);
  const problem =
    parsed === undefined ? `${name}: expected ${setting.expected}, got ${shownText(setting.secret, text)}` : null;
  return { text, value: parsed ?? setting.defaultValue, problem };
}
