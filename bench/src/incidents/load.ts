import { Client, type ClientConfig } from 'pg';

/** Clients that do something over and over until they are told to stop. */
export type Load = { readonly stop: () => Promise<void> };

export const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/**
 * `clients` sessions, each running `work` with `pauseMs` of thinking in between. One that loses its connection comes
 * back, as those of an application do.
 */
export const startLoad = (
  connection: ClientConfig,
  clients: number,
  pauseMs: number,
  work: (client: Client, turn: number) => Promise<unknown>,
): Load => {
  let running = true;
  const one = async (n: number): Promise<void> => {
    while (running) {
      const client = new Client(connection);
      client.on('error', () => undefined);
      try {
        await client.connect();
        for (let turn = 0; running; turn += 1) {
          await work(client, turn * clients + n);
          await sleep(pauseMs);
        }
      } catch {
        await sleep(500);
      } finally {
        await client.end().catch(() => undefined);
      }
    }
  };
  const all = Promise.all(Array.from({ length: clients }, (_, n) => one(n)));
  return {
    stop: async () => {
      running = false;
      await all;
    },
  };
};

/** The same numbers in every recording: a linear congruential generator (Numerical Recipes). */
export const spread = (turn: number, among: number): number =>
  (Number((BigInt(turn) * 1_664_525n + 1_013_904_223n) % 4_294_967_296n) * 2_654_435_761) % among;
