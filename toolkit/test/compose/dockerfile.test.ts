import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { dockerStages, instructionsOf } from './files';
import { checkout, dockerfileProblems, readRepo, shellProblems } from './tools';

const stages = dockerStages();
const targets = ['submilli', 'etcd', 'patroni', 'pgbouncer', 'grafana'];
const PINNED = /^([a-z]+:[a-z]*-?\d[\w.]*(-[\w.]+)*-slim|docker\.io\/[a-z]+\/[a-z]+:\d+\.\d+\.\d+)$/;
const names = stages.map(({ name }) => name);

describe('the Dockerfile', () => {
  it('passes the linter without a remark of any weight', () => {
    expect(dockerfileProblems(readRepo('Dockerfile'))).toEqual([]);
  });

  it('would not pass it with an instruction that Docker does not know, or a deprecated one', () => {
    expect(dockerfileProblems('FROM debian:bookworm\nRUNN true\n')).toHaveLength(1);
    expect(dockerfileProblems('FROM debian:bookworm\nMAINTAINER me\n')).toHaveLength(1);
  });

  it('runs shell that ShellCheck has nothing to say about', () => {
    const scripts = stages.flatMap((stage) => instructionsOf(stage, 'RUN')).map((words) => words.join(' '));
    expect(scripts.length).toBeGreaterThan(3);
    expect(scripts.map(shellProblems).filter((said) => said !== '')).toEqual([]);
    expect(shellProblems('cd $HERE && rm -rf *')).toContain('SC2086');
  });

  it('has a stage for each image', () => {
    expect(names).toEqual(expect.arrayContaining(targets));
  });

  it.each(stages.map(({ name, base }) => [name, base]))('builds %s from another stage or a pinned tag', (_, base) => {
    expect(names.includes(base) || PINNED.test(base)).toBe(true);
  });

  it.each(targets)('runs %s as a user with a fixed number that is not 0', (target) => {
    const stage = stages.find(({ name }) => name === target);
    const user = stage && instructionsOf(stage, 'USER').at(-1)?.[0];
    // What Grafana's own image has belongs to group 0.
    expect(user).toMatch(target === 'grafana' ? /^472:0$/ : /^[1-9]\d*:[1-9]\d*$/);
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
      ...['alert-rules', 'catalogue', 'dashboards', 'local-postgres', 'toolkit'],
      ...readdirSync(join(checkout, 'exporters')).map((n) => `exporters/${n}`),
    ];
    const build = stages.find(({ name }) => name === 'build');
    const copied = build && instructionsOf(build, 'COPY').map(([source]) => source);
    expect(copied).toEqual(expect.arrayContaining(folders.map((folder) => `${folder}/package.json`)));
  });
});
