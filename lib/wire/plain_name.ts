/** A key in lower case and without `_`: SDKs differ in both. */
export function plainName(key: string): string {
  return key.replaceAll("_", "").toLowerCase();
}
