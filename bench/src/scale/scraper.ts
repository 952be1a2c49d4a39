import { setMaxListeners } from 'node:events';
import { Agent, get } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { offsetOf, readAnswer, type Scrape } from './schedule';

/** As Prometheus: HTTP service discovery, then each target at its own moment of each interval. */
export type Scraper = { readonly done: readonly Scrape[]; readonly stop: () => Promise<void> };

/** Prometheus' default. */
const TIMEOUT_MS = 10_000;

type Discovered = readonly { readonly labels: Readonly<Record<string, string>> }[];

export const discover = async (url: string): Promise<string[]> => {
  const answer = (await (await fetch(`${url}/api/v1/targets`)).json()) as Discovered;
  return answer.map(({ labels }) => labels.__param_target ?? '');
};

export const startScraper = async (urls: readonly string[], intervalMs: number): Promise<Scraper> => {
  const agent = new Agent({ keepAlive: true, maxSockets: 1000 });
  const done: Scrape[] = [];
  const stopping = new AbortController();
  setMaxListeners(0, stopping.signal); // every target listens
  const began = performance.now();

  const follow = async (url: string, target: string): Promise<void> => {
    const pending = new Set<Promise<void>>();
    for (let due = began + offsetOf(`${url} ${target}`, intervalMs); ; due += intervalMs) {
      await sleep(Math.max(0, due - performance.now()), undefined, { signal: stopping.signal }).catch(() => undefined);
      if (stopping.signal.aborted) break;
      const one = scrape(agent, `${url}/probe?target=${encodeURIComponent(target)}`, target).then((found) => {
        done.push(found);
        pending.delete(one);
      });
      pending.add(one);
    }
    await Promise.all(pending);
  };

  const found = await Promise.all(urls.map(async (url) => ({ url, targets: await discover(url) })));
  const all = found.flatMap(({ url, targets }) => targets.map((target) => follow(url, target)));
  return {
    done,
    stop: async () => {
      stopping.abort();
      await Promise.all(all);
      agent.destroy();
    },
  };
};

const scrape = (agent: Agent, url: string, target: string): Promise<Scrape> =>
  new Promise((resolve) => {
    const startedAt = performance.now();
    const end = (rest: Omit<Scrape, 'target' | 'startedAt' | 'milliseconds'>): void =>
      resolve({ target, startedAt, milliseconds: performance.now() - startedAt, ...rest });
    const fail = (problem: string): void => end({ problem, series: 0, failedCollectors: [] });
    const headers = { 'X-Prometheus-Scrape-Timeout-Seconds': String(TIMEOUT_MS / 1000) };
    const request = get(url, { agent, headers, signal: AbortSignal.timeout(TIMEOUT_MS) }, (response) => {
      const parts: Buffer[] = [];
      response.on('data', (part: Buffer) => parts.push(part));
      response.on('error', (error) => fail(error.message));
      response.on('end', () => end(readAnswer(response.statusCode ?? 0, Buffer.concat(parts).toString())));
    });
    request.on('error', (error) =>
      fail(error.name === 'TimeoutError' || error.name === 'AbortError' ? 'no answer in time' : error.message),
    );
  });
