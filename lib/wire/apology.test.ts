import { describe, expect, it } from "vitest";

import { apologyFault } from "./apology.ts";

describe("an apology", () => {
  it("is throttling when it says that the agent is overloaded", () => {
    expect(apologyFault("I'm sorry, I'm a little overloaded right now. Could you try again?")).toMatchObject({
      kind: "rate_limit",
    });
    expect(apologyFault("I\u2019m sorry, I\u2019m a little overloaded right now. Could you try again?")).toMatchObject({
      kind: "rate_limit",
    });
  });

  it("is a failure of unknown cause in its older wording, with and without its continuation", () => {
    expect(
      apologyFault("I apologize, I encountered an error processing your request. Please ensure the model is available"),
    ).toMatchObject({ kind: "apology" });
  });

  it("is not any other sentence that begins with regret", () => {
    expect(apologyFault("I'm sorry to hear that your kitchen is under water.")).toBeNull();
    expect(apologyFault(undefined)).toBeNull();
  });
});
