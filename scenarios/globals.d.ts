/** Globals of k6's runtime that its types do not declare. */
declare const console: {
  log(message: string): void;
  error(message: string): void;
  warn(message: string): void;
};
declare const crypto: { randomUUID(): string };
