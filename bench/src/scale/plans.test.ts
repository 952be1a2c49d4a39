import { configSchema } from '@submilli/core';
import { cpuSecondsIn } from './exporter';
import { allFour, type Fleet, planFor, spread } from './plans';

const place = (port: number) => ({ host: '127.0.0.1', port });
const pair = [place(1), place(2)] as const;
const fleet: Fleet = { servers: [pair[0], place(3), place(4), pair[1]], pair, poolers: [{ port: 9 }] };

it('names are spread evenly over servers, and no two are alike', () => {
  const names = spread(['a', 'b', 'c'], 7);
  expect(names.map(({ place: where }) => where)).toEqual(['a', 'b', 'c', 'a', 'b', 'c', 'a']);
  expect(new Set(names.map(({ name }) => name)).size).toBe(7);
});

it('each plan is a configuration with as many targets as it says', () => {
  const database = configSchema.parse(planFor('database', fleet, 5).targets);
  expect([database.postgres.length, database.pgbouncer.length]).toEqual([5, 0]);
  const pool = configSchema.parse(planFor('pool', fleet, 5).targets);
  expect([pool.postgres.length, pool.pgbouncer.length]).toEqual([0, 5]);
});

it('all four in one process have as many servers as pools, and clusters of the primary and its standby', () => {
  const plan = allFour(fleet, 57);
  const config = configSchema.parse(plan.targets);
  expect([config.postgres.length, config.pgbouncer.length, config.clusters.length]).toEqual([57, 57, 29]);
  expect(plan.count).toBe(200);
  const ports = config.clusters[7]?.postgres.map((name) => config.postgres.find((one) => one.name === name)?.port);
  expect(ports).toEqual([1, 2]);
});

it('there are no more clusters than a configuration takes', () => {
  expect(allFour(fleet, 200).count).toBe(700);
  expect(configSchema.parse(allFour(fleet, 200).targets).clusters).toHaveLength(100);
});

it('CPU seconds are user and system time, whatever the process is called', () => {
  const after = 'S 1 1 1 0 -1 4194560 100 0 0 0 250 150 0 0 20 0 11 0 100';
  expect(cpuSecondsIn(`42 (node) ${after}`)).toBe(4);
  expect(cpuSecondsIn(`42 (a) b (c) ${after}`)).toBe(4);
});
