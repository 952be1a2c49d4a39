import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Logger, silentLogger } from '../log';
import { openJournal } from './journal';
import { createKeeper } from './keeper';

let directory: string;
let warnings: string[];
const log: Logger = { ...silentLogger, warn: (_, message) => warnings.push(message) };

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'submilli-keeper-'));
  warnings = [];
});
afterEach(() => rmSync(directory, { recursive: true }));

describe('a keeper', () => {
  it('has what was last saved, also for a keeper after it', () => {
    const keeper = createKeeper(directory, log);
    expect(keeper.load('pg1-log')).toBeUndefined();
    keeper.save('pg1-log', { offset: 1 });
    keeper.save('pg1-log', { offset: 2 });
    expect(createKeeper(directory, log).load('pg1-log')).toEqual({ offset: 2 });
    expect(warnings).toEqual([]);
  });

  it('says what it can’t read, once, and goes on without', () => {
    writeFileSync(join(directory, 'pg1-log.json'), '{"offset": 1');
    const keeper = createKeeper(directory, log);
    expect([keeper.load('pg1-log'), keeper.load('pg1-log')]).toEqual([undefined, undefined]);
    expect(warnings).toHaveLength(1);
    keeper.save('pg1-log', { offset: 3 });
    expect(createKeeper(directory, log).load('pg1-log')).toEqual({ offset: 3 });
  });

  it('removes what a process before it was killed over, and nothing else', () => {
    const drafts = ['pg1-log.json.4711.tmp', 'pg1-log.json.12.tmp'];
    const others = ['pg1-log.json.old', 'pg1-log.json.x.tmp', 'pg1-logs.json.12.tmp', 'pg10-log.json.12.tmp'];
    for (const name of [...drafts, ...others]) writeFileSync(join(directory, name), '{"off');
    createKeeper(directory, log).load('pg1-log');
    expect(readdirSync(directory).sort()).toEqual(others.sort());
  });

  it('leaves the files readable and no draft behind when its process is killed again and again', () => {
    const path = join(directory, 'pg1-log.json');
    const script = `const { writeFileSync } = require('node:fs');
      const draft = process.argv[1] + '.' + process.pid + '.tmp';
      writeFileSync(draft, '{"half": ');
      process.kill(process.pid, 'SIGKILL');`;
    for (let i = 0; i < 3; i += 1) {
      expect(spawnSync(process.execPath, ['-e', script, path]).signal).toBe('SIGKILL');
      const keeper = createKeeper(directory, log);
      expect(keeper.load('pg1-log')).toEqual(i === 0 ? undefined : { round: i - 1 });
      keeper.save('pg1-log', { round: i });
      expect(readdirSync(directory)).toEqual(['pg1-log.json']);
    }
    expect(warnings).toEqual([]);
  });
});

describe('a journal', () => {
  it('removes the drafts of killed processes, too', () => {
    const path = join(directory, 'deep', 'advice.journal');
    const open = () => openJournal({ path, log, what: 'the memory', snapshot: () => [] });
    open();
    mkdirSync(join(directory, 'deep'));
    writeFileSync(`${path}.99.tmp`, 'half');
    open();
    expect(existsSync(`${path}.99.tmp`)).toBe(false);
    expect(warnings).toEqual([]);
  });
});
