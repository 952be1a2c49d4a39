import {
  chmodSync,
  chownSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sshMachine } from '../../src/deploy/machines/ssh';
import { servicesAccount } from '../../src/debian/account';
import type { FileState } from '../../src/stack/durable';
import { breakingAfter, type Sshd, startSshd } from '../deploy/sshd';
import { until } from './stack';

jest.setTimeout(120_000);

const account = servicesAccount();
const owner = { uid: account?.uid ?? process.getuid?.() ?? 0, gid: account?.gid ?? process.getgid?.() ?? 0 };
const file = (content: string | Buffer, mode = 0o600): FileState => ({ content: Buffer.from(content), mode, ...owner });

let root = '';
let sshd: Sshd;
beforeAll(async () => {
  root = mkdtempSync(join(tmpdir(), 'submilli-ssh-'));
  chmodSync(root, 0o755);
  sshd = await startSshd(root, account);
});
afterAll(async () => {
  await sshd?.stop();
  rmSync(root, { recursive: true, force: true });
});

describe('a file on a machine over ssh', () => {
  const machine = (port?: number) => sshMachine('there', sshd.url(port), sshd.config);
  let there = '';
  beforeEach(() => {
    there = mkdtempSync(join(root, 'there-'));
    chownSync(there, owner.uid, owner.gid);
  });

  it('is replaced with its mode and owner, and nothing is left beside it', async () => {
    const path = join(there, 'it’s $(here) pgbouncer.ini');
    const bytes = Buffer.from(Array.from({ length: 100_000 }, (_, i) => i % 256));
    await machine().write(path, file('one\n', 0o640));
    await machine().write(path, file(bytes, 0o440));
    expect(readFileSync(path).equals(bytes)).toBe(true);
    expect(statSync(path)).toMatchObject(owner);
    expect(statSync(path).mode & 0o7777).toBe(0o440);
    expect(readdirSync(there)).toHaveLength(1);
    expect((await machine().read([path])).get(path)).toEqual({ file: file(bytes, 0o440) });
  });

  it('stays where a link leads to it, and is told from none', async () => {
    mkdirSync(join(there, 'real'));
    chownSync(join(there, 'real'), owner.uid, owner.gid);
    writeFileSync(join(there, 'real', 'patroni.yml'), 'old');
    symlinkSync(join(there, 'real', 'patroni.yml'), join(there, 'patroni.yml'));
    await machine().write(join(there, 'patroni.yml'), file('new'));
    expect(lstatSync(join(there, 'patroni.yml')).isSymbolicLink()).toBe(true);
    expect(readFileSync(join(there, 'real', 'patroni.yml'), 'utf8')).toBe('new');
    const paths = ['patroni.yml', 'none', 'no/folder'].map((name) => join(there, name));
    const found = await machine().read(paths);
    expect(paths.map((path) => found.get(path))).toEqual([
      { file: file('new') },
      { file: undefined, folder: owner },
      { file: undefined, folder: undefined },
    ]);
    await machine().remove(join(there, 'real', 'patroni.yml'));
    expect(existsSync(join(there, 'real', 'patroni.yml'))).toBe(false);
  });

  it('is what it was when the connection breaks while the new one is on its way', async () => {
    const path = join(there, 'big.yml');
    await machine().write(path, file('as it was\n'));
    const way = await breakingAfter(500_000, sshd.port);
    try {
      const sent = machine(way.port).write(path, file(Buffer.alloc(2_000_000, 'x')));
      await expect(sent).rejects.toThrow('no way to it over ssh');
    } finally {
      way.close();
    }
    const left = await until(
      20,
      () => Promise.resolve(readdirSync(there)),
      ({ length }) => length === 1,
    );
    expect({ left, text: readFileSync(path, 'utf8') }).toEqual({ left: ['big.yml'], text: 'as it was\n' });
  });

  it('is claimed by one of those who want it', async () => {
    const path = join(there, '.submilli-deploy');
    const claims = await Promise.all(['us\n', 'them\n', 'others\n'].map((text) => machine().claim(path, text)));
    const mine = readFileSync(path, 'utf8');
    expect(claims.filter((holder) => holder === undefined)).toHaveLength(1);
    expect(claims.filter((holder) => holder !== undefined)).toEqual([mine, mine]);
    expect(readdirSync(there)).toEqual(['.submilli-deploy']);
  });

  it('that can’t be written says why, and a machine that is not there how to try', async () => {
    await expect(machine().write('/proc/no/such', file('x'))).rejects.toThrow(
      /such can’t be written: its folder is not there/,
    );
    await expect(machine(1).write(join(there, 'a'), file('x'))).rejects.toThrow(/Connection refused/);
    await expect(machine(1).read([there])).rejects.toMatchObject({
      hint: expect.stringContaining('BatchMode=yes') as string,
    });
    const stranger = sshMachine('there', sshd.url().replace(/\/\/.*@/, '//nobody@'), sshd.config);
    await expect(stranger.run(['true'], 'a look')).rejects.toThrow(/Permission denied/);
  });

  it('is not written by a shell that could not change into what was asked', async () => {
    expect(await machine().run(['printf', '%s', "it's $HOME"], 'printing')).toBe("it's $HOME");
    await expect(machine().run(['sh', '-c', 'echo no >&2; exit 3'], 'saying no')).rejects.toThrow(
      'saying no failed: no',
    );
  });
});
