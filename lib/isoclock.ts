/** Writes instants as ISO 8601 in UTC with ms: the second is made once, because a Date a frame costs as much as the frame. */

/** Makes a writer of instants: `epochMs` is 0 or more; fractions of a ms are dropped, as Date does. */
export function isoClock(): (epochMs: number) => string {
  let secondAtMs = Number.NaN;
  let upToSecond = "";
  return (epochMs) => {
    const ms = epochMs - (epochMs % 1) - secondAtMs;
    if (ms >= 0 && ms < 1000) return `${upToSecond}${ms < 10 ? "00" : ms < 100 ? "0" : ""}${ms}Z`;
    secondAtMs = Math.floor(epochMs / 1000) * 1000;
    const stamp = new Date(epochMs).toISOString();
    upToSecond = stamp.slice(0, -4);
    return stamp;
  };
}
