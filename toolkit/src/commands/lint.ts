import { readFileSync } from 'node:fs';
import { forPeople, loadConfig, SubmilliError } from '@submilli/core';
import { Command, InvalidArgumentError, Option } from 'commander';
import { rules } from '../lint/catalogue';
import { gatherLive } from '../lint/live/gather';
import { type Asked, performLint } from '../lint/perform';
import { kinds } from '../lint/scene';
import { rulesReport } from '../lint/render/rules';
import { interruptible } from './interruptible';
import { configOption } from './serve';

const COULD_NOT_LOOK = 2;

export const lintCommand = (): Command =>
  new Command('lint')
    .enablePositionalOptions()
    .description(
      'Look for mistakes in configuration files, one by one and together, and say where, why and what to do.',
    )
    .argument('[files...]', 'files and folders, - for standard input; none: submilli.yml, what it names, this folder')
    .addOption(new Option('--kind <kind>', 'what the files are, where neither name nor content says it').choices(kinds))
    .option(
      '--memory <size>',
      'of the machine that they are for, such as 16GB (default: reference in submilli.yml, then this machine)',
      size,
    )
    .option('--cpus <n>', 'its cores', wholeNumber)
    .addOption(new Option('--disk <kind>', 'its storage').choices(['ssd', 'hdd']))
    .option('--open-files <n>', 'that the pool’s process may have open (LimitNOFILE)', wholeNumber, 1024)
    .option(
      '--patroni-version <version>',
      'that reads them (default: reference in submilli.yml; else any)',
      versionText,
    )
    .option('--pgbouncer-version <version>', 'that reads them', versionText, '1.18')
    .option(
      '--postgresql-version <major>',
      'that reads them (default: reference in submilli.yml, then 15)',
      wholeNumber,
    )
    .addOption(
      new Option('--fail-on <severity>', 'exit with 1 from here on')
        .choices(['error', 'warning', 'info', 'never'])
        .default('error'),
    )
    .option('--ignore <rule>', 'leave a rule out; may be repeated', ruleId, [])
    .option('--fix', 'show as a diff what can be mended by itself; nothing is written', false)
    .option('--write', 'with --fix: write it', false)
    .addOption(configOption('Submilli’s own: where no file is named, for its reference, and for --live'))
    .option(
      '--live',
      'and compare with what runs: the targets of that configuration, as submilli check asks them',
      false,
    )
    .option('--json', 'print the findings as JSON', false)
    .option('--sarif', 'print them as SARIF 2.1.0, for code reviews', false)
    .addHelpText('after', help())
    .action(async (files: string[], flags: Omit<Asked, 'files' | 'stdin'>) => {
      const asked: Asked = { ...flags, files, stdin: () => readFileSync(0, 'utf8') };
      process.exitCode = asked.live ? await lintLive(asked) : lintFiles(asked);
    })
    .addCommand(rulesCommand());

const lintFiles = (asked: Asked): number => {
  try {
    return performLint(asked);
  } catch (error) {
    console.error(`submilli: ${forPeople(error)}`);
    return COULD_NOT_LOOK;
  }
};

const lintLive = (asked: Asked): Promise<number> =>
  interruptible('Looking at what runs', COULD_NOT_LOOK, async (signal, say) => {
    const config = loadConfig(asked.config);
    if (config.postgres.length + config.pgbouncer.length + config.clusters.length === 0) {
      const hint = 'Add entries under postgres, pgbouncer or clusters.';
      throw new SubmilliError({ what: 'has no targets to look at', where: asked.config, hint });
    }
    return performLint(asked, await gatherLive(config, say, signal));
  });

const rulesCommand = (): Command =>
  new Command('rules')
    .description('Say which rules there are, or all about one: why, what to do, an example.')
    .argument('[rule]', 'its name', (id: string) => ruleId(id, [])[0])
    .option('--json', 'print them as JSON', false)
    .addHelpText('after', '\nExit status: 0 printed; 2 there is no such rule.\n')
    .action((id: string | undefined, { json }: { json: boolean }) => {
      console.log(
        rulesReport(id === undefined ? rules : rules.filter((rule) => rule.id === id), id !== undefined, json),
      );
    });

function size(text: string): number {
  const [, number, unit = ''] = /^(\d+(?:\.\d+)?)\s*(MB|GB|TB)$/i.exec(text) ?? [];
  if (number === undefined) throw new InvalidArgumentError('A size such as 16GB or 512MB.');
  return Math.floor(Number(number) * { MB: 1, GB: 1024, TB: 1024 ** 2 }[unit.toUpperCase() as 'MB' | 'GB' | 'TB']);
}

function wholeNumber(text: string): number {
  if (!/^[1-9]\d*$/.test(text)) throw new InvalidArgumentError('A whole number from 1 on.');
  return Number(text);
}

function versionText(text: string): string {
  if (!/^\d+\.\d+(\.\d+)?$/.test(text)) throw new InvalidArgumentError('A version such as 3.0.2.');
  return text;
}

function ruleId(text: string, before: readonly string[]): readonly string[] {
  if (!rules.some(({ id }) => id === text))
    throw new InvalidArgumentError('submilli lint rules lists those that there are.');
  return [...before, text];
}

function help(): string {
  return `
Looks at pgbouncer.ini, userlist.txt, patroni.yml (and what patronictl edit-config shows), postgresql.conf and
postgresql.auto.conf, pg_hba.conf, haproxy.cfg, etcd's YAML or ETCD_ variables, pgbackrest.conf, prometheus.yml and
submilli.yml, each with a parser for what its program really reads; and at what only shows in several together: pool
sizes against max_connections, timeouts and keepalives against the time of a failover, memory against the machine. Give
the files of one cluster at a time.

  submilli lint                                   submilli.yml, what it names, and what lies here
  submilli lint /etc/pgbouncer /etc/patroni       all of two folders, together
  submilli lint --memory 64GB --cpus 16 etc/      for that machine, not this one
  patronictl edit-config --quiet </dev/null | submilli lint --kind patroni -
  submilli lint --fix pgbouncer.ini               a diff; add --write to have it written
  submilli lint --live -c my.yml etc/             with what runs, and members with each other
  submilli lint rules pgbouncer-query-wait        all about a rule; docs/lint.md has them all

What is right where it is says so in a comment above the line, or at its end:
  ; submilli-lint: ignore pgbouncer-query-timeout nothing but a health check comes this way

--live changes nothing. It reads pg_settings of each server, errors of its files where the role may (else it says which GRANT
it takes), SHOW CONFIG of each PgBouncer, and Patroni's /config and members. A file is for the server whose path, name or
address it has; a single postgresql.conf or pgbouncer.ini is for all. Secrets are not read.

Exit status: 0 nothing at or above --fail-on; 1 there is; 2 a file could not be read, or the command line is wrong.
`;
}
