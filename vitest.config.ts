import { defineConfig } from "vitest/config";

// The tests of timing run one after the other: two loads on one machine would measure each other.
export default defineConfig({
  test: {
    projects: [
      { test: { name: "unit", include: ["lib/**/*.test.ts", "scripts/**/*.test.ts"], exclude: ["scripts/e2e/**"] } },
      {
        test: {
          name: "e2e",
          include: ["scripts/e2e/**/*.test.ts"],
          globalSetup: "scripts/e2e/setup.ts",
          fileParallelism: false,
          maxConcurrency: 3,
          testTimeout: 240_000,
          hookTimeout: 180_000,
        },
      },
    ],
  },
});
