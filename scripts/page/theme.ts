/** The page's colours as canvases need them, read from its style sheet so that light, dark and print stay one table. */

/** Colours by their role. */
export interface Theme {
  readonly text: string;
  readonly muted: string;
  readonly grid: string;
  readonly point: string;
  readonly failed: string;
  readonly line: string;
  readonly callers: string;
  readonly limit: string;
}

/** Reads the colours that are in force now. */
export function theme(): Theme {
  const style = getComputedStyle(document.documentElement);
  const of = (name: string) => style.getPropertyValue(`--${name}`).trim();
  return {
    text: of("text"),
    muted: of("muted"),
    grid: of("grid"),
    point: of("point"),
    failed: of("failed"),
    line: of("line"),
    callers: of("callers"),
    limit: of("limit"),
  };
}

/** Calls back when the colours have changed: another scheme, or paper. */
export function onThemeChange(redraw: () => void): void {
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", redraw);
  const paper = (on: boolean) => {
    document.documentElement.classList.toggle("paper", on);
    redraw();
  };
  addEventListener("beforeprint", () => paper(true));
  addEventListener("afterprint", () => paper(false));
}
