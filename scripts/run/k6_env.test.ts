import { totalmem } from "node:os";

import { describe, expect, it } from "vitest";

import { k6Env } from "./k6_env.ts";

/** GOMAXPROCS on a machine with this many cores and these files in /proc and /sys. */
function processors(cores: number, files: Readonly<Record<string, string>> = {}): string | undefined {
  return k6Env({}, cores, (path) => files[path] ?? "").GOMAXPROCS;
}

describe("the environment of k6", () => {
  it("sets two Go processors per core on small machines, and none on one core or on many", () => {
    expect([1, 2, 4, 8].map((cores) => processors(cores))).toEqual([undefined, "4", "8", undefined]);
  });

  it("makes Go collect less often, until three quarters of the memory are used", () => {
    const { GOGC, GOMEMLIMIT = "" } = k6Env({});
    expect(GOGC).toBe("400");
    expect(GOMEMLIMIT).toMatch(/^[1-9]\d*MiB$/);
    expect(Number.parseInt(GOMEMLIMIT, 10) * 2 ** 20).toBeLessThanOrEqual(totalmem() * 0.75);
  });

  it("keeps variables that are set, and treats empty ones as not set", () => {
    const set = { GOGC: "50", GOMEMLIMIT: "1GiB", GOMAXPROCS: "3", K6_NO_USAGE_REPORT: "false", HOST: "a" };
    expect(k6Env(set)).toEqual(set);
    expect(k6Env({ GOGC: "", GOMAXPROCS: "" }, 2, () => "")).toMatchObject({ GOGC: "400", GOMAXPROCS: "4" });
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
