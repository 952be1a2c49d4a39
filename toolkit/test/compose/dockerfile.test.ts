import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { dockerStages, instructionsOf } from './files';
import { checkout, hadolint, readRepo, run } from './tools';

const stages = dockerStages();
const targets = ['submilli', 'etcd', 'patroni', 'pgbouncer'];
const names = stages.map(({ name }) => name);

describe('the Dockerfile', () => {
  it('passes hadolint without a remark of any weight', () => {
    expect(run(hadolint(), ['--no-color', '--failure-threshold', 'style', 'Dockerfile'])).toEqual({
      status: 0,
      output: '',
    });
  });

  it('would not pass it with a warning', () => {
    const { status, output } = run(hadolint(), ['--no-color', '--failure-threshold', 'style', '-'], {
      input: 'FROM debian:latest\nRUN cd /tmp\n',
    });
    expect(output).toContain('DL3007 warning');
    expect(status).toBe(1);
  });

  it('has a stage for each image', () => {
    expect(names).toEqual(expect.arrayContaining(targets));
  });

  it.each(stages.map(({ name, base }) => [name, base]))('builds %s from another stage or a pinned tag', (_, base) => {
    expect(names.includes(base) || /^[a-z]+:[a-z]*-?\d[\w.]*(-[\w.]+)*-slim$/.test(base)).toBe(true);
  });

  it.each(targets)('runs %s as a user with a fixed number that is not 0', (target) => {
    const stage = stages.find(({ name }) => name === target);
    const user = stage && instructionsOf(stage, 'USER').at(-1)?.[0];
    expect(user).toMatch(/^[1-9]\d*:[1-9]\d*$/);
  });

  it('keeps secrets out of its environment and arguments', () => {
    const declared = stages.flatMap((stage) => [...instructionsOf(stage, 'ENV'), ...instructionsOf(stage, 'ARG')]);
    expect(declared.flat().filter((word) => /pass|secret|token|key|credential/i.test(word))).toEqual([]);
  });

  it('copies only what exists and .dockerignore lets through', () => {
    const copied = stages
      .flatMap((stage) => instructionsOf(stage, 'COPY'))
      .filter(([first]) => first?.startsWith('--from=') !== true)
      .flatMap((words) => words.slice(0, -1));
    const allowed = readRepo('.dockerignore')
      .split('\n')
      .filter((line) => line.startsWith('!'))
      .map((line) => line.slice(1));
    const isAllowed = (path: string): boolean => allowed.some((a) => path === a || path.startsWith(`${a}/`));
    expect(copied.filter((path) => !existsSync(join(checkout, path)) || !isAllowed(path))).toEqual([]);
  });

  it('tells npm of every workspace before it installs', () => {
    const folders = [
      'local-postgres',
      'toolkit',
      ...readdirSync(join(checkout, 'exporters')).map((n) => `exporters/${n}`),
    ];
    const build = stages.find(({ name }) => name === 'build');
    const copied = build && instructionsOf(build, 'COPY').map(([source]) => source);
    expect(copied).toEqual(expect.arrayContaining(folders.map((folder) => `${folder}/package.json`)));
  });
});
