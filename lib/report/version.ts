/** The version of this tool; it equals the version in package.json. */
export const VERSION = "0.1.0";
