/** Writes instants as ISO 8601 in UTC with ms: the second is made once, because a Date a frame costs as much as the frame. */

/** One clock's writing. */
export class IsoClock {
  private secondAtMs = Number.NaN;
  private upToSecond = "";

  /** `epochMs` is 0 or more; fractions of a ms are dropped, as Date does. */
  stamp(epochMs: number): string {
    const ms = epochMs - (epochMs % 1) - this.secondAtMs;
    if (!(ms >= 0 && ms < 1000)) return this.begin(epochMs);
    return `${this.upToSecond}${ms < 10 ? "00" : ms < 100 ? "0" : ""}${ms}Z`;
  }

  private begin(epochMs: number): string {
    this.secondAtMs = Math.floor(epochMs / 1000) * 1000;
    const stamp = new Date(epochMs).toISOString();
    this.upToSecond = stamp.slice(0, -4);
    return stamp;
  }
}
