/**
 * Reads the page's colours for canvases from the custom properties of theme.css, which defines the light, dark and
 * print colours.
 */

/** Colours by role. */
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

/** Reads the present colours. */
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

/** Calls `redraw` when the colours have changed: another colour scheme, or the begin or end of printing. */
export function onThemeChange(redraw: () => void): void {
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", redraw);
  const setPrinting = (on: boolean) => {
    document.documentElement.classList.toggle("printing", on);
    redraw();
  };
  addEventListener("beforeprint", () => setPrinting(true));
  addEventListener("afterprint", () => setPrinting(false));
}
