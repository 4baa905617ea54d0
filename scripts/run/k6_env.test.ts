import { totalmem } from "node:os";

import { describe, expect, it } from "vitest";

import { heapSettings } from "./heap_goal.ts";
import { k6Env, memoryHere } from "./k6_env.ts";

/** GOMAXPROCS on a machine with this many cores and these files in /proc and /sys. */
function processors(cores: number, files: Readonly<Record<string, string>> = {}): string | undefined {
  return k6Env({}, cores, (path) => files[path] ?? "").GOMAXPROCS;
}

describe("the environment of k6", () => {
  it("sets two Go processors per core on small machines, and none on one core or on many", () => {
    expect([1, 2, 4, 8].map((cores) => processors(cores))).toEqual([undefined, "4", "8", undefined]);
  });

  it.each([
    [{}, 15],
    [{ USERS: "500" }, 500],
    [{ CAPACITY: "production" }, 500],
    [{ CAPACITY: "production", USERS: "100" }, 100],
    [{ USERS: "many" }, 15],
  ])("sets the heap goal of this machine for the callers of %j, which are %i", (env, callers) => {
    const { GOGC, GOMEMLIMIT } = k6Env(env);
    expect({ GOGC, GOMEMLIMIT }).toEqual(heapSettings(memoryHere(), callers));
  });

  it("has a limit of at most three quarters of this machine's memory", () => {
    expect(Number.parseInt(k6Env({}).GOMEMLIMIT ?? "", 10) * 2 ** 20).toBeLessThanOrEqual(totalmem() * 0.75);
  });

  it("keeps variables that are set, each by itself, and treats empty ones as not set", () => {
    const set = { GOGC: "50", GOMEMLIMIT: "1GiB", GOMAXPROCS: "3", K6_NO_USAGE_REPORT: "false", HOST: "a" };
    expect(k6Env(set)).toEqual(set);
    const { GOGC, GOMEMLIMIT } = heapSettings(memoryHere(), 15);
    const ours = { GOGC, GOMEMLIMIT, GOMAXPROCS: "4" };
    expect(k6Env({ GOGC: "50" }, 2, () => "")).toMatchObject({ ...ours, GOGC: "50" });
    expect(k6Env({ GOMEMLIMIT: "1GiB" }, 2, () => "")).toMatchObject({ ...ours, GOMEMLIMIT: "1GiB" });
    expect(k6Env({ GOGC: "", GOMEMLIMIT: "", GOMAXPROCS: "" }, 2, () => "")).toMatchObject(ours);
  });

  it("sets no processors where the own cgroup or a parent cgroup limits the CPU", () => {
    const own = { "/proc/self/cgroup": "0::/\n", "/sys/fs/cgroup/cpu.max": "200000 100000\n" };
    const parent = { "/proc/self/cgroup": "0::/ci/job-1\n", "/sys/fs/cgroup/ci/cpu.max": "50000 100000\n" };
    const v1 = {
      "/proc/self/cgroup": "4:cpuset:/\n3:cpu,cpuacct:/x\n",
      "/sys/fs/cgroup/cpu/x/cpu.cfs_quota_us": "50000\n",
    };
    expect([own, parent, v1].map((files) => processors(2, files))).toEqual([undefined, undefined, undefined]);
  });

  it("treats an unlimited cgroup as no limit", () => {
    const unlimited = { "/proc/self/cgroup": "0::/a\n", "/sys/fs/cgroup/a/cpu.max": "max 100000\n" };
    const v1 = { "/proc/self/cgroup": "1:cpu:/\n0::/\n", "/sys/fs/cgroup/cpu/cpu.cfs_quota_us": "-1\n" };
    expect([unlimited, v1].map((files) => processors(2, files))).toEqual(["4", "4"]);
  });
});
