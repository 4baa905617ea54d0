/**
 * Exact answers of queueing theory for a fixed number of callers who share the servers of a model: the machine-repair model,
 * M/M/c//K with exponential service times (L. Kleinrock, Queueing Systems, volume 1, 1975, 3.8 and 3.9; without a queue it is
 * Engset's). What callers do between two calls of the model may take any time: only its mean counts (F. Baskett and others, Journal of
 * the ACM 22, 1975). A caller finds the servers as they would be in the long run without it (K. Sevcik and I. Mitrani, Journal of the
 * ACM 28, 1981).
 */

/** Callers and servers; times in ms. */
export interface SharedServers {
  readonly callers: number;
  readonly servers: number;
  /** The mean service time. */
  readonly serviceMs: number;
  /** The mean time from the end of a caller's service to its next arrival. */
  readonly thinkMs: number;
}

/** The probability that a caller waits and is served for longer than `limitMs` in total. */
export function longerThan(limitMs: number, { callers, servers, serviceMs, thinkMs }: SharedServers): number {
  const found = occupancy({ callers: callers - 1, servers, serviceMs, thinkMs }, callers - 1);
  return found.reduce((sum, chance, before) => {
    const ahead = before - servers + 1;
    return (
      sum + chance * (ahead <= 0 ? Math.exp(-limitMs / serviceMs) : sojournTail(ahead, servers, limitMs / serviceMs))
    );
  }, 0);
}

/** The probability that a caller finds all servers busy, where it is then refused. */
export function refused({ callers, servers, serviceMs, thinkMs }: SharedServers): number {
  const found = occupancy({ callers: callers - 1, servers, serviceMs, thinkMs }, Math.min(servers, callers - 1));
  return callers - 1 < servers ? 0 : (found[servers] ?? 0);
}

/** The probabilities that 0 to `most` callers are at the servers. */
function occupancy({ callers, servers, serviceMs, thinkMs }: SharedServers, most: number): number[] {
  const logs = [0];
  for (let at = 1; at <= most; at += 1) {
    const rate = ((callers - at + 1) / Math.min(at, servers)) * (serviceMs / thinkMs);
    logs.push((logs[at - 1] ?? 0) + Math.log(rate));
  }
  const largest = logs.reduce((max, log) => Math.max(max, log));
  const weights = logs.map((log) => Math.exp(log - largest));
  const total = weights.reduce((sum, weight) => sum + weight);
  return weights.map((weight) => weight / total);
}

/**
 * The probability that `ahead` departures from `servers` busy servers and one service of one's own take longer than `limit`, in mean
 * service times: an Erlang wait and an exponential service, integrated by Simpson's rule.
 */
function sojournTail(ahead: number, servers: number, limit: number): number {
  const rate = servers;
  const strips = 400;
  const width = limit / strips;
  let integral = 0;
  for (let strip = 0; strip <= strips; strip += 1) {
    const wait = strip * width;
    const weight = strip === 0 || strip === strips ? 1 : strip % 2 === 1 ? 4 : 2;
    integral += weight * erlangDensity(ahead, rate, wait) * Math.exp(-(limit - wait));
  }
  return erlangTail(ahead, rate, limit) + (integral * width) / 3;
}

function erlangDensity(stages: number, rate: number, at: number): number {
  if (at === 0) return stages === 1 ? rate : 0;
  let log = Math.log(rate) - rate * at;
  for (let stage = 1; stage < stages; stage += 1) log += Math.log((rate * at) / stage);
  return Math.exp(log);
}

function erlangTail(stages: number, rate: number, at: number): number {
  let term = Math.exp(-rate * at);
  let sum = term;
  for (let stage = 1; stage < stages; stage += 1) {
    term *= (rate * at) / stage;
    sum += term;
  }
  return sum;
}
