import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { configSchema } from '@submilli/core';
import fc from 'fast-check';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { runs } from '../../core/test/fuzz';
import { scrape, watch } from '../../core/test/watching';
import { haExporter } from '.';
import { backupProblems, windowSince } from './backup/problems';
import { parseInfo, restorableSince } from './backup/info';
import { momentOf } from './patroni/members';
import { configAnswer } from './patroni/schema';

/** What Patroni and etcd answer when all is well; a text is sent as it is. */
const sound: Readonly<Record<string, unknown>> = {
  '/cluster': {
    members: [
      { name: 'pg1', role: 'leader', state: 'running', api_url: 'http://h:1/patroni', host: 'h', port: 1, timeline: 2 },
      {
        name: 'pg2',
        role: 'sync_standby',
        state: 'streaming',
        host: 'h',
        port: 2,
        timeline: 2,
        lag: 0,
        tags: { a: 1 },
      },
    ],
    scheduled_switchover: { at: '2030-01-01T00:00:00+00:00', from: 'pg1' },
  },
  '/patroni': {
    ...{ state: 'running', role: 'primary', server_version: 150018, timeline: 2, xlog: { location: 5 } },
    ...{ postmaster_start_time: '2026-11-23 12:00:00.5+00:00', dcs_last_seen: 5, sync_standby: true, tags: {} },
    patroni: { version: '4.0.5', scope: 'main', name: 'pg1' },
  },
  '/history': [[1, 5, 'no recovery target specified', '2026-11-23T12:00:00+00:00', 'pg1']],
  '/config': { ttl: 30, loop_wait: 10, retry_timeout: 10, maximum_lag_on_failover: 5, synchronous_mode: true },
  '/health': { health: 'true' },
  '/v3/maintenance/status': { header: { member_id: '7' }, version: '3.4.23', leader: '7', dbSize: '20480' },
  '/v3/cluster/member/list': {
    members: [
      { ID: '7', name: 'e1' },
      { ID: '8', name: 'e2', isLearner: true },
    ],
  },
  '/metrics': [
    'etcd_server_id{server_id="7"} 1\netcd_server_version{server_version="3.4.23"} 1\netcd_server_is_leader 1',
    'etcd_mvcc_db_total_size_in_bytes 5\netcd_network_active_peers{Local="7",Remote="8"} 1\netcd_server_quota_backend_bytes 9',
    'etcd_disk_wal_fsync_duration_seconds_bucket{le="0.1"} 3\netcd_disk_wal_fsync_duration_seconds_sum 1',
    'etcd_disk_wal_fsync_duration_seconds_count 3\netcd_server_leader_changes_seen_total 1\n',
  ].join('\n'),
};
const places = Object.keys(sound);

type Path = readonly (string | number)[];
const pathsIn = (value: unknown, at: Path = []): Path[] =>
  typeof value !== 'object' || value === null
    ? [at]
    : [at, ...Object.entries(value).flatMap(([key, inner]) => pathsIn(inner, [...at, key]))];
const put = (value: unknown, [key, ...rest]: Path, other: unknown): unknown => {
  if (key === undefined) return other;
  const copy: unknown = Array.isArray(value) ? [...(value as unknown[])] : { ...(value as object) };
  (copy as Record<string | number, unknown>)[key] = put((value as Record<string | number, unknown>)[key], rest, other);
  return copy;
};

const odd: readonly unknown[] = [
  ...[null, true, false, '', ' ', 'abc', 'NaN', '1e999', '0x10', 'unknown', '__proto__', -1, 1e308, 0.5, [], {}, [[]]],
  ...['T1'.repeat(50_000), '\u0000', '\ud800', 'f'.repeat(100_000), '2026-99-99 99:99:99', '9'.repeat(400)],
];
const json = fc.oneof(fc.constantFrom(...odd), fc.jsonValue({ maxDepth: 3 }));
/** JSON that JavaScript would not write by itself. */
const raw = fc.constantFrom(
  ...[
    '{"__proto__":{"members":[],"ttl":5},"members":[]}',
    '{"ttl":1e999}',
    '[1e999]',
    '',
    '{',
    'null',
    '"x"',
    '\ufeff{}',
  ],
  ...['['.repeat(200_000), `${'[1,1,"",'.repeat(3)}`, `[${Array(60_000).fill('[9,1,""]').join(',')}]`, '<html>'],
  ...['{"constructor":{"prototype":{"x":1}},"ttl":"5"}', '{"members":[{"name":"__proto__","role":"","state":""}]}'],
  ...[
    'a{le="0x1"} NaN\netcd_server_id{server_id=""} 1\netcd_server_is_leader +Inf\n',
    `etcd_server_id{${'}'.repeat(9999)}`,
  ],
);

describe('the ha exporter', () => {
  let server: Server;
  let port = 0;
  let answers: Readonly<Record<string, unknown>> = sound;
  beforeAll(async () => {
    server = createServer((request, response) => {
      const answer = answers[request.url ?? ''];
      response.end(typeof answer === 'string' ? answer : JSON.stringify(answer ?? null));
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    ({ port } = server.address() as AddressInfo);
  });
  afterAll(() => new Promise((resolve) => server.close(resolve)));

  const scrapeWith = async (given: Readonly<Record<string, unknown>>): Promise<string> => {
    answers = given;
    const url = `http://127.0.0.1:${port}`;
    const config = configSchema.parse({
      ...{
        clusters: [{ name: 'main', patroni: [url], etcd: [url] }],
        cluster_sampling_hz: 0,
        compatibility: ['patroni'],
      },
    });
    const target = watch(haExporter, config);
    const text = await scrape(target);
    const reasons = target.view().runs.flatMap(({ run }) => (run.state === 'failed' ? [run.problem.message] : []));
    await target.close();
    // Nothing that JavaScript says of itself.
    expect(reasons.filter((reason) => /of undefined|call stack|not a function|Cannot read/.test(reason))).toEqual([]);
    return text;
  };
  const oddLines = (text: string): string[] =>
    text.split('\n').filter((line) => / (NaN|[+-]?Inf\w*)$|reason="invalid"/.test(line));
  /** What is said of the cluster, without what is measured. */
  const said = (text: string): ReadonlyMap<string, string> =>
    new Map(
      text
        .split('\n')
        .filter((line) => /^(db_ha_config|db_ha_etcd_(bytes|quota|leader_c)|db_ha_member_lag|db_ha_last)/.test(line))
        .map((line) => [line.slice(0, line.lastIndexOf(' ')), line.slice(line.lastIndexOf(' '))]),
    );

  it('has something to say when all is well', async () => {
    expect(said(await scrapeWith(sound)).size).toBeGreaterThanOrEqual(9);
  });

  it('publishes of any JSON what is a value, and names what is none; the rest goes on', async () => {
    const change = fc.record({ place: fc.constantFrom(...places), at: fc.nat(), value: json });
    await fc.assert(
      fc.asyncProperty(fc.array(change, { minLength: 1, maxLength: 3 }), async (changes) => {
        const changed = changes.reduce((all, { place, at, value }) => {
          const paths = pathsIn(all[place]);
          return { ...all, [place]: put(all[place], paths[at % paths.length] ?? [], value) };
        }, sound);
        expect(oddLines(await scrapeWith(changed))).toEqual([]);
        expect(Object.keys(Object.prototype)).toEqual([]);
      }),
      runs(40),
    );
  });

  it('answers whatever text comes in place of JSON', async () => {
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...places), raw, async (place, text) => {
        expect(oddLines(await scrapeWith({ ...sound, [place]: text }))).toEqual([]);
      }),
      runs(20),
    );
  });
});

describe('a setting of Patroni that is none', () => {
  it('is absent, never zero, and the others are read', () => {
    const known = { ttl: 30, loop_wait: 10, retry_timeout: '10', synchronous_mode: 'on' };
    for (const value of [null, '', ' ', true, false, [], [5], {}, 'abc', '0x10', '1e999', 'NaN']) {
      const { ttl, loop_wait, retry_timeout, synchronous_mode } = configAnswer.parse({ ...known, ttl: value });
      expect({ ttl, loop_wait, retry_timeout, synchronous_mode }).toEqual({
        ...{ ttl: undefined, loop_wait: 10, retry_timeout: 10, synchronous_mode: true },
      });
    }
    for (const value of [null, '', 'maybe', [], {}, 2]) {
      expect(configAnswer.parse({ ...known, synchronous_mode: value }).synchronous_mode).toBeUndefined();
    }
  });
});

describe('a moment', () => {
  it('is one or none, whatever the text, and none takes long to see', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        const moment = momentOf(text);
        expect(moment === null || Number.isFinite(moment)).toBe(true);
      }),
      runs(200),
    );
    // Took hours before texts were bounded.
    expect(momentOf(`${'T1'.repeat(500_000)} `)).toBeNull();
  });
});

describe('what pgBackRest says of its backups', () => {
  const text = readFileSync(join(__dirname, '..', 'test', 'fixtures', 'pgbackrest-2.45-info.json'), 'utf8');
  const whole = JSON.parse(text) as unknown;
  const paths = pathsIn(whole);

  it('is information or refused, and all that is made of it are values', () => {
    fc.assert(
      fc.property(fc.constantFrom(...paths), json, (path, value) => {
        let found: ReturnType<typeof parseInfo>;
        try {
          found = parseInfo(JSON.stringify(put(whole, path, value)), 'demo');
        } catch {
          return;
        }
        if (found === undefined) return;
        const times = [windowSince(found), ...found.repositories.map(restorableSince)];
        const numbers = found.repositories.flatMap(({ backups }) =>
          backups.flatMap(({ start, stop, bytes }) => [start, stop, bytes]),
        );
        expect([...times, ...numbers].filter((one) => one !== null && !Number.isFinite(one))).toEqual([]);
        for (const { what, remedy } of backupProblems(found, [], 1e9))
          expect(`${what} ${remedy}`).not.toMatch(/undefined|NaN/);
      }),
      runs(300),
    );
    expect(Object.keys(Object.prototype)).toEqual([]);
  });
});
