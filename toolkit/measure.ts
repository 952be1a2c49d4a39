import { type ChildProcess, spawn, execFileSync } from 'node:child_process';
import { mkdirSync, openSync, readFileSync, existsSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { Client } from 'pg';
import { serverOf, signal } from './test/witness/members';
import { witnessProcesses } from './test/witness/processes';
import { missingOn, startWriters, TABLE } from './test/witness/writers';

const state = process.env.STATE ?? '/var/tmp/witness/stack';
const postgres = { uid: Number(execFileSync('id', ['-u', 'postgres'], { encoding: 'utf8' })), gid: Number(execFileSync('id', ['-g', 'postgres'], { encoding: 'utf8' })) };
const running = new Map<string, ChildProcess>();
const start = (name: string, command: string, ...args: string[]): void => {
  const out = openSync(`${state}/logs/${name}.log`, 'a');
  running.set(name, spawn(command, args, { stdio: ['ignore', out, out], ...postgres, env: { ...process.env, PYTHONUNBUFFERED: '1', PYTHONDONTWRITEBYTECODE: '1' }, detached: true }));
};
const startEtcd = () => start('etcd', 'etcd', '--config-file', `${state}/etcd.yml`);
const startMember = (name: string) => start(name, process.env[`PATRONI_BIN`] ?? 'patroni', `${state}/patroni/${name}.yml`);
const pidOf = (name: string): number[] => { const p = running.get(name)?.pid; return p === undefined ? [] : [p]; };
const everything = (name: string): number[] => [...pidOf(name), ...serverOf(state, name)];
const ports: Record<string, number> = { pg1: 5432, pg2: 5433 };
const rest: Record<string, number> = { pg1: 8008, pg2: 8009 };
const login = { user: 'postgres', password: readFileSync(`${state}/secrets/superuser`, 'utf8').trim(), database: 'grandmodel' };
const other = (n: string) => (n === 'pg1' ? 'pg2' : 'pg1');
const etcdctl = (...a: string[]) => execFileSync('etcdctl', a, { env: { ...process.env, ETCDCTL_API: '3' }, encoding: 'utf8' }).trim();
const json = async (name: string, path: string): Promise<any> => (await fetch(`http://127.0.0.1:${rest[name]}${path}`, { signal: AbortSignal.timeout(2000) })).json();
const until = async <T>(seconds: number, what: string, look: () => Promise<T | undefined | false>): Promise<T> => {
  const end = Date.now() + seconds * 1000;
  for (;;) {
    const seen = await look().catch(() => undefined);
    if (seen !== undefined && seen !== false) return seen as T;
    if (Date.now() > end) throw new Error(`not within ${seconds} s: ${what}`);
    await sleep(100);
  }
};
const leaderNow = async (): Promise<string> => until(60, 'whole', async () => {
  for (const name of ['pg1', 'pg2']) {
    const { members } = await json(name, '/cluster');
    const leader = members.find((m: any) => m.role === 'leader' && m.state === 'running')?.name;
    const sync = members.find((m: any) => m.role === 'sync_standby' && m.state === 'running');
    if (leader && sync && (await json(leader, '/patroni')).state === 'running' && JSON.parse(etcdctl('get', '--print-value-only', '/submilli/grandmodel/sync')).sync_standby === other(leader)) return leader as string;
    return false;
  }
  return false;
});
const withClient = async <T>(port: number, f: (c: Client) => Promise<T>): Promise<T> => { const c = new Client({ ...login, host: '127.0.0.1', port }); await c.connect(); try { return await f(c); } finally { await c.end(); } };

const witnessFolder = '/var/tmp/witness/w';
mkdirSync(witnessFolder, { recursive: true });
const witnesses = witnessProcesses(witnessFolder, { scope: 'grandmodel', namespace: '/submilli/', etcd: { urls: ['http://127.0.0.1:2379'] }, cooldown_seconds: 10 });
const removals = async () => (await Promise.all(witnesses.map((w) => w.status().then((s) => s.removals, () => 0)))).reduce((a, b) => a + b, 0);

type Run = { fault: string; witnessed: boolean; recovery: number | null; stall: number; lost: number; removed: number; leaderAfter: string; sides: number };
let n = 0;
const run = async (fault: string, witnessed: boolean, body: (leader: string, faultAt: () => void, w: ReturnType<typeof startWriters>) => Promise<void>): Promise<Run> => {
  const leader = await leaderNow();
  if (witnessed) await until(40, 'witnesses ready', async () => (await Promise.all(witnesses.map((w) => w.ready()))).every((r) => r === 'ready'));
  const before = witnessed ? await removals() : 0;
  n += 1;
  const writers = startWriters([5432, 5433], login, `m${Date.now()}-${n}`);
  await until(20, 'writes', async () => writers.acknowledged.length > 50);
  let at = 0;
  await body(leader, () => { at = performance.now(); }, writers);
  const after = await leaderNow();
  await sleep(1000);
  await writers.stop();
  const first = writers.acknowledged.find((w) => w.answered > at && w.port === ports[other(leader)]);
  const acks = writers.acknowledged.map((w) => w.answered).sort((a, b) => a - b);
  const stall = Math.max(...acks.map((t, i) => (i === 0 ? 0 : t - (acks[i - 1] ?? t))));
  const lost = (await Promise.all([5432, 5433].map((port) => withClient(port, (c) => missingOn(c, writers))))).flat();
  if (lost.length > 0) console.log('LOST', lost);
  const sides = writers.acknowledged.filter(({ port }, i) => i > 0 && writers.acknowledged[i - 1]?.port !== port).length;
  const result = { fault, witnessed, recovery: first === undefined ? null : Math.round(first.answered - at), stall: Math.round(stall), lost: lost.length, removed: (witnessed ? await removals() : 0) - before, leaderAfter: after === leader ? 'same' : 'other', sides };
  console.log(JSON.stringify(result));
  return result;
};
const nodeLoss = (witnessed: boolean) => run('node loss', witnessed, async (leader, mark) => {
  const pids = everything(leader);
  mark();
  signal(pids, 'SIGKILL');
  await until(60, 'promoted', async () => (await json(other(leader), '/patroni')).role !== 'replica');
  await sleep(500);
  startMember(leader);
});
const hang = (witnessed: boolean, resumeAfterMs: number | 'recovery') => run(`hang, goes on after ${resumeAfterMs}`, witnessed, async (leader, mark, writers) => {
  signal(everything(leader), 'SIGSTOP');
  mark();
  const at = performance.now();
  signal(everything(leader), 'SIGSTOP');
  if (resumeAfterMs === 'recovery') {
    await until(60, 'promoted', async () => writers.acknowledged.some((w) => w.answered > at && w.port === ports[other(leader)]));
    await sleep(2000);
  } else await sleep(resumeAfterMs);
  signal(everything(leader), 'SIGCONT');
  await sleep(3000);
});
const median = (xs: number[]): string => { const s = [...xs].sort((a, b) => a - b); return s.length === 0 ? 'none' : `${((s[Math.floor(s.length / 2)] ?? 0) / 1000).toFixed(1)} (${((s[0] ?? 0) / 1000).toFixed(1)}–${((s.at(-1) ?? 0) / 1000).toFixed(1)}) of ${s.length}`; };
const main = async (): Promise<void> => {
  startEtcd();
  await sleep(1500);
  startMember('pg1'); startMember('pg2');
  try {
    const leader = await leaderNow();
    await withClient(ports[leader] ?? 0, (c) => c.query(TABLE));
    const [what = 'node', count = '1', w = 'with'] = process.argv.slice(2);
    const witnessed = w === 'with';
    if (witnessed) for (const one of witnesses) one.start();
    const runs: Run[] = [];
    for (let i = 0; i < Number(count); i += 1) {
      try {
      if (what === 'node') runs.push(await nodeLoss(witnessed));
      else if (what === 'hang') runs.push(await hang(witnessed, 'recovery'));
      else runs.push(await hang(witnessed, Number(what.split(',')[i % what.split(',').length])));
      } catch (e) { console.log(String(e)); throw e; }
      await sleep(witnessed ? 11000 : 2000);
    }
    console.log(what, w, 'recovery', median(runs.flatMap((r) => r.recovery ?? [])), 'stall', median(runs.map((r) => r.stall)), 'lost', runs.reduce((a, r) => a + r.lost, 0), 'removed', runs.reduce((a, r) => a + r.removed, 0));
  } finally {
    for (const one of witnesses) await one.kill();
    for (const name of ['pg1', 'pg2']) { signal(pidOf(name), 'SIGCONT'); signal(pidOf(name), 'SIGTERM'); }
    await sleep(5000);
    for (const name of ['pg1', 'pg2']) { if (existsSync(`${state}/${name}/postmaster.pid`)) signal(serverOf(state, name), 'SIGKILL'); signal(pidOf(name), 'SIGKILL'); }
    signal(pidOf('etcd'), 'SIGTERM');
  }
};
void main().then(() => process.exit(0), (e) => { console.error(e); process.exit(1); });
