import { appendFileSync, mkdtempSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { configSchema } from '@submilli/core';
import type { Finding } from '../finding';
import { openAudit, pastIn } from './audit';
import { heal, type HealOptions } from './heal';

const folder = mkdtempSync(join(tmpdir(), 'submilli-heal-'));
let files = 0;
const newFile = (): string => join(folder, `audit-${(files += 1)}.jsonl`);

/** On a pool that the configuration does not have: it cannot but fail. */
const finding: Finding = {
  ...{ id: 'stale-servers gone app', rule: 'stale-servers', severity: 'warning', where: 'gone' },
  ...{ title: 'two connections lead elsewhere', evidence: ['connections elsewhere 2'], remedy: 'RECONNECT "app";' },
  ...{ act: { kind: 'reconnect', pool: 'gone', database: 'app' }, spared: null },
};
const at = new Date('2026-01-01T12:00:00Z');
const options = (path: string, part: Partial<HealOptions> = {}): HealOptions => ({
  ...{ healer: { config: configSchema.parse({}), server: undefined, pool: undefined }, audit: openAudit(path, 0) },
  ...{ patienceSeconds: 1, left: 5, signal: new AbortController().signal, now: () => at, onDone: () => undefined },
  ...part,
});
const plan = { toDo: [finding, { ...finding, id: 'another' }], heldBack: [] };
type Line = { readonly phase: string; readonly outcome?: { readonly result: string } };
const linesIn = (path: string): Line[] =>
  readFileSync(path, 'utf8')
    .trim()
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Line);

describe('healing', () => {
  it('writes down what it is about to do, and then what came of it, where nobody else reads it', async () => {
    const path = newFile();
    const { done } = await heal(plan, options(path, { left: 1 }));
    expect(done).toMatchObject([{ outcome: { result: 'failed', detail: 'no entry is called gone any more' } }]);
    expect(linesIn(path)).toMatchObject([
      { at: at.toISOString(), doctor: process.pid, phase: 'intent', act: finding.act, finding: { id: finding.id } },
      { phase: 'outcome', outcome: { result: 'failed' } },
    ]);
    expect(statSync(path).mode & 0o777).toBe(0o600);
  });

  it('goes on with the next where one failed, and ends where its budget does', async () => {
    expect((await heal(plan, options(newFile()))).done).toHaveLength(2);
    expect((await heal(plan, options(newFile(), { left: 0 }))).done).toEqual([]);
  });

  it('does nothing more once it is told to stop', async () => {
    const path = newFile();
    expect((await heal(plan, options(path, { signal: AbortSignal.abort() }))).done).toEqual([]);
    expect(linesIn(path)).toEqual([]);
  });

  it('does nothing that it could not write down', async () => {
    const done: unknown[] = [];
    const closed = options(newFile(), { onDone: (one) => done.push(one) });
    closed.audit.close();
    await expect(heal(plan, closed)).rejects.toThrow(/audit log can't be written/);
    expect(done).toEqual([]);
    writeFileSync(join(folder, 'file'), '');
    expect(() => openAudit(join(folder, 'file', 'audit.jsonl'), 0)).toThrow(/audit log can't be written/);
  });
});

describe('the audit log', () => {
  const line = (phase: string, when: Date, result?: string) =>
    `${JSON.stringify({
      ...{ at: when.toISOString(), doctor: 1, phase, act: finding.act, finding: { id: finding.id } },
      ...(result === undefined ? {} : { outcome: { result, detail: '' } }),
    })}\n`;

  it('says what was done before, so that a new start is no new budget', async () => {
    const path = newFile();
    await heal(plan, options(path));
    expect(pastIn(path, at.getTime() - 1).map(({ id }) => id)).toEqual([finding.id, 'another']);
    expect(pastIn(path, at.getTime())).toEqual([]);
    expect(openAudit(path, 0).past).toHaveLength(2);
  });

  it('counts what was begun and of which nobody knows the end, and not what was not needed', () => {
    const path = newFile();
    writeFileSync(path, line('intent', at));
    expect(pastIn(path, 0)).toHaveLength(1);
    appendFileSync(path, line('outcome', at, 'moot'));
    expect(pastIn(path, 0)).toEqual([]);
  });

  it('is read past a line that a crash cut off', () => {
    const path = newFile();
    writeFileSync(path, `${line('intent', at)}{"at":"2026-`);
    expect(pastIn(path, 0)).toHaveLength(1);
    expect(pastIn(newFile(), 0)).toEqual([]);
  });
});
