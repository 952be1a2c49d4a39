import type { FileState } from '../stack/durable';
import type { Live, SettingFacts } from './live';
import { planOf } from './plan';
import { fileDiff, planText, settingsDiff } from './show';
import type { Step } from './step';
import type { Part, Wanted, WantedFile } from './wanted';

const own = (text: string, mode = 0o640): FileState => ({ content: Buffer.from(text), mode, uid: 5, gid: 6 });
const wantedFile = (path: string, text: string, part: Part, more: Partial<WantedFile> = {}): WantedFile => ({
  ...{ machine: 'm', path, content: Buffer.from(text), mode: 0o600, part, secret: false, once: false, ...more },
});
const facts = (context: string, setting = '100'): SettingFacts => ({
  context,
  setting,
  vartype: 'integer',
  unit: null,
});

const pool: Part = { of: { kind: 'pool', name: 'pool' }, is: 'configuration' };
const member: Part = { of: { kind: 'member', name: 'pg1' }, is: 'configuration' };

const live = (files: Record<string, string>, dcs: object = {}): Live => ({
  files: new Map(
    [...Object.entries(files).map(([path, text]) => [`m:${path}`, { file: own(text) }] as const)].concat(),
  ),
  dcs: { ...dcs },
  settings: new Map([
    ['work_mem', facts('user', '4096')],
    ['max_connections', facts('postmaster')],
    ['shared_buffers', facts('postmaster')],
    ['block_size', facts('internal')],
  ]),
  pools: new Map([
    [
      'pool',
      new Map([
        ['default_pool_size', { value: '20', changeable: true }],
        ['listen_port', { value: '6432', changeable: false }],
      ]),
    ],
  ]),
  ...{ leader: 'pg1', members: ['pg1', 'pg2'], pending: [] },
});

const wanted = (files: readonly WantedFile[], dcs: object = {}): Wanted => ({
  ...{ cluster: 'main', files, dcs: { ...dcs }, whys: new Map([['work_mem', 'a quarter of the memory']]) },
});
const parameters = (own_: object): object => ({ postgresql: { parameters: own_ } });
const kindsOf = (steps: readonly Step[]): string[] =>
  steps.map((step) => (step.kind === 'reload' ? `reload ${step.service.name}` : step.kind));

describe('a plan', () => {
  it('is nothing where all is as wanted, whoever owns the file', () => {
    const plan = planOf(wanted([wantedFile('/a', 'x', pool)], { ttl: 20 }), live({ '/a': 'x' }, { ttl: '20' }), []);
    expect(plan.steps).toEqual([]);
    expect(planText({ plan, findings: [], secrets: [] })).toBe('main is as it is wanted.');
  });

  it('keeps a file’s owner and mode, and gives a new one to the owner of its folder', () => {
    const files = [wantedFile('/d/a', 'new', pool), wantedFile('/d/b', 'new', pool, { mode: 0o600 })];
    const there = live({ '/d/a': 'old' });
    const found = new Map([...there.files, ['m:/d/b', { file: undefined, folder: { uid: 7, gid: 8 } }] as const]);
    const plan = planOf(wanted(files), { ...there, files: found }, []);
    expect(plan.files.map(({ after: { mode, uid, gid } }) => [mode, uid, gid])).toEqual([
      [0o640, 5, 6],
      [0o600, 7, 8],
    ]);
  });

  it('has nobody disconnected where settings and pool can change as they run', () => {
    const ini = '[pgbouncer]\ndefault_pool_size = 30\n';
    const plan = planOf(
      wanted([wantedFile('/pgbouncer.ini', ini, pool)], parameters({ work_mem: '16MB' })),
      live({ '/pgbouncer.ini': ini.replace('30', '20') }, parameters({ work_mem: '4MB' })),
      [],
    );
    expect(kindsOf(plan.steps)).toEqual(['file', 'settings', 'reload pool']);
    expect(plan.restarts).toEqual([]);
  });

  it('restarts members for what PostgreSQL takes at its start only, and says for what', () => {
    const change = (from: number, to: number) =>
      planOf(wanted([], parameters({ max_connections: to })), live({}, parameters({ max_connections: from })), []);
    expect(change(100, 200).restarts).toEqual(['PostgreSQL on pg1, pg2, for max_connections']);
    expect(change(100, 200).steps.at(-1)).toMatchObject({ kind: 'restart-members', lowers: false, lowersBack: true });
    expect(change(200, 100).steps.at(-1)).toMatchObject({ kind: 'restart-members', lowers: true, lowersBack: false });
  });

  it('shrinks a pool before the servers allow less, and lets it grow after they allow more', () => {
    const change = (size: number, connections: number): string[] =>
      kindsOf(
        planOf(
          wanted(
            [wantedFile('/pgbouncer.ini', `[pgbouncer]\ndefault_pool_size = ${size}\n`, pool)],
            parameters({ max_connections: connections }),
          ),
          live({ '/pgbouncer.ini': '[pgbouncer]\ndefault_pool_size = 20\n' }, parameters({ max_connections: 100 })),
          [],
        ).steps,
      );
    expect(change(10, 50)).toEqual(['file', 'settings', 'reload pool', 'restart-members']);
    expect(change(40, 200)).toEqual(['file', 'settings', 'restart-members', 'reload pool']);
  });

  it('restarts a pool for what its own console calls not changeable', () => {
    const plan = planOf(
      wanted([wantedFile('/pgbouncer.ini', '[pgbouncer]\nlisten_port = 6433\n', pool)]),
      live({ '/pgbouncer.ini': '[pgbouncer]\nlisten_port = 6432\n' }),
      [],
    );
    expect(plan.restarts).toEqual(['pool, for listen_port']);
  });

  it('tells nobody of what only a new cluster would begin with', () => {
    const text = (ttl: number): string => `scope: main\nbootstrap: { dcs: { ttl: ${ttl} } }\n`;
    const plan = planOf(wanted([wantedFile('/patroni.yml', text(20), member)]), live({ '/patroni.yml': text(30) }), []);
    expect(kindsOf(plan.steps)).toEqual(['file']);
  });

  it('has Patroni read its file again, and restarts the one member whose own settings take it', () => {
    const text = (more: string): string => `scope: main\npostgresql: { parameters: { ${more} } }\n`;
    const change = (to: string) =>
      planOf(wanted([wantedFile('/patroni.yml', text(to), member)]), live({ '/patroni.yml': text('') }), []);
    expect(kindsOf(change('work_mem: 8MB').steps)).toEqual(['file', 'reload pg1']);
    expect(change('shared_buffers: 1GB').restarts).toEqual(['PostgreSQL on pg1, for shared_buffers']);
  });

  it('refuses what can’t be done to what runs, and what PostgreSQL does not have', () => {
    const plan = planOf(
      wanted(
        [wantedFile('/patroni.yml', 'scope: other\n', member)],
        parameters({ wrok_mem: 1, block_size: 1, 'x.y': 1 }),
      ),
      live({ '/patroni.yml': 'scope: main\n' }),
      [],
    );
    expect(plan.refusals).toEqual([
      'm:/patroni.yml: another scope is another cluster: make that one anew',
      'wrok_mem: PostgreSQL has no such setting here',
      'block_size: PostgreSQL tells it, nobody sets it',
    ]);
  });

  it('leaves alone what somebody else writes once it is there', () => {
    const file = wantedFile('/primary.ini', 'app = host=pg1\n', pool, { once: true });
    expect(planOf(wanted([file]), live({ '/primary.ini': 'app = host=pg2\n' }), []).steps).toEqual([]);
  });
});

describe('a plan as people see it', () => {
  it('shows settings with their reason', () => {
    const dcs = (size: string): object => parameters({ work_mem: size });
    const plan = planOf(wanted([], dcs('16MB')), live({}, dcs('4MB')), []);
    expect(settingsDiff(plan)).toContain('\n-work_mem: 4MB\n+work_mem: 16MB  # a quarter of the memory\n');
  });

  it('shows no password, no verifier and no key', () => {
    const shown = (from: string, to: string, secret = false): string => {
      const plan = planOf(wanted([wantedFile('/f', to, pool, { secret })]), live({ '/f': from }), []);
      const [change] = plan.files;
      return change === undefined ? '' : fileDiff(change, ['hunter2hunter2', 'swordfish-swordfish']);
    };
    const diff = shown('a: 1\npassword: hunter2hunter2\n', 'a: 2\npassword: hunter2hunter2\n');
    expect(diff).toContain('-a: 1\n+a: 2\n password: (secret)\n');
    expect(shown('password: hunter2hunter2\n', 'password: swordfish-swordfish\n')).toBe(
      'm:/f: other passwords (not shown)\n',
    );
    expect(shown('"app" "SCRAM-SHA-256$4096:a$b:c"\n', '"app" "SCRAM-SHA-256$4096:d$e:f"\n"more" "x"\n')).not.toMatch(
      /4096/,
    );
    expect(shown('one', 'two', true)).toBe('m:/f: another secret (not shown)\n');
  });
});
