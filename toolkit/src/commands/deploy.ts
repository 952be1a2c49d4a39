import { resolve } from 'node:path';
import { loadConfig, type ReferenceSettings, SubmilliError } from '@submilli/core';
import { Command, InvalidArgumentError, Option } from 'commander';
import { parse } from 'yaml';
import type { Access, DeployCluster } from '../deploy/cluster';
import { EXIT } from '../deploy/exit';
import { guard } from '../deploy/guard';
import { deployText, historyJson, historyText } from '../deploy/history';
import { readDeploys } from '../deploy/journal';
import { lockHolder } from '../deploy/lock';
import { codeOf, performApply, performPlan, Refused, type Site, type Wishes } from '../deploy/perform';
import { referenceAccess, referenceCluster } from '../deploy/reference';
import { performRollback } from '../deploy/rollback';
import { stackAccess, stackCluster } from '../deploy/stack';
import { exitWith } from '../exit';
import { layoutOf } from '../stack/layout';
import { configOption } from './serve';
import { stateOption } from './stack';

type Place = { readonly state: string; readonly config: string; readonly bundle?: string };
type Setting = { readonly set: ReferenceSettings };

export const deployCommand = (): Command =>
  new Command('deploy')
    .description('Bring a cluster to what the configuration wants, the least disruptive way, and back if it suffers.')
    .addHelpText('after', help())
    .addCommand(planCommand())
    .addCommand(applyCommand())
    .addCommand(rollbackCommand())
    .addCommand(historyCommand())
    .addCommand(guardCommand(), { hidden: true });

const exitStatus = `
Exit status: 0 done, or nothing to do; 1 refused, nothing was changed (lint, a restart, a cluster that is not well, no
score, another deploy, you said no; or plan --exit-code found something to do); 2 it could not be run, nothing was
changed; 3 rolled back, all is as it was; 4 something is left or not well, see what it says; 130 interrupted, and taken
back.
`;

const planHelp = `
Examples:
  submilli deploy plan --set postgresql.work_mem=16MB
  submilli deploy plan --bundle cluster/ --exit-code --json | jq '.steps[]'
${exitStatus}`;

const applyHelp = `
Examples:
  submilli deploy apply --set pgbouncer.default_pool_size=40
  submilli deploy apply --bundle cluster/ --allow-restart --soak 300
  submilli deploy apply --resume                               after a kill or a power cut
${exitStatus}`;

const rollbackHelp = `
Examples:
  submilli deploy rollback                                     one that was cut off, else the last that stands
  submilli deploy rollback --bundle cluster/ 20260131T120000Z
${exitStatus}`;

const historyHelp = `
Examples:
  submilli deploy history
  submilli deploy history --bundle cluster/ --json

Exit status: 0 shown; 1 there is no such deploy; 2 it could not be run.
`;

const withPlace = (command: Command): Command =>
  command
    .addOption(stateOption())
    .option(
      '--bundle <dir>',
      'not the stack, but the cluster under reference: rendered into this folder, as by cluster render --out',
    )
    .addOption(configOption('there: configuration'));

const withSettings = (command: Command): Command =>
  command.addOption(
    new Option(
      '--set <name=value>',
      'a setting in place of the computed one: postgresql.work_mem=16MB, pgbouncer.…, patroni.…; may be repeated',
    )
      .argParser(setting)
      .default(none, 'none'),
  );

const withWishes = (command: Command): Command =>
  command
    .option('-y, --yes', 'don’t ask', false)
    .option('--allow-restart', 'restart what has to be, one member at a time', false)
    .option('--soak <seconds>', 'how long to watch afterwards', seconds, 60)
    .option('--score-drop <points>', 'how much of its score a database may lose', points, 10)
    .option('--without-score', 'judge by health alone', false)
    .option('--json', 'print the outcome as JSON; all else goes to standard error', false);

const none: ReferenceSettings = { postgresql: {}, pgbouncer: {}, patroni: {} };

const clusterAt = async ({ state, config, bundle }: Place, set = none): Promise<DeployCluster> =>
  bundle === undefined
    ? stackCluster(layoutOf(resolve(state)), set)
    : referenceCluster(loadConfig(config), config, layoutOf(resolve(bundle)), set);

const accessAt = ({ state, config, bundle }: Place): Access =>
  bundle === undefined
    ? stackAccess(layoutOf(resolve(state)))
    : referenceAccess(loadConfig(config), config, layoutOf(resolve(bundle)));

const siteAt = async (place: Place, set?: ReferenceSettings): Promise<Site> => ({
  cluster: await clusterAt(place, set),
  placeArgs:
    place.bundle === undefined
      ? ['--state', resolve(place.state)]
      : ['--bundle', resolve(place.bundle), '--config', resolve(place.config)],
});

/** Each ends with one of the exit codes of the help. */
const ending = async (work: () => Promise<number>): Promise<void> => {
  await exitWith(await work().catch(codeOf));
};

const planCommand = (): Command =>
  withSettings(withPlace(new Command('plan')))
    .description('Show what would change, as diffs, what lint says of it, and what it takes. Changes nothing.')
    .option('--exit-code', 'exit with 1 when there is something to do', false)
    .option('--json', 'print the plan as JSON', false)
    .addHelpText('after', planHelp)
    .action((flags: Place & Setting & { exitCode: boolean; json: boolean }) =>
      ending(async () => performPlan(await siteAt(flags, flags.set), flags)),
    );

type ApplyFlags = Place & Setting & Flags & { readonly force: boolean; readonly resume: boolean };
type Flags = Omit<Wishes, 'soakSeconds' | 'scoreDrop' | 'force'> & {
  readonly soak: number;
  readonly scoreDrop: number;
};

const wishesOf = (flags: Flags, force: boolean): Wishes => ({ ...flags, force, soakSeconds: flags.soak });

const applyCommand = (): Command =>
  withWishes(withSettings(withPlace(new Command('apply'))))
    .description('Do it: lint, back up, change, watch; and take it back when the cluster or its score suffers.')
    .option('--force', 'in spite of errors of lint', false)
    .option('--resume', 'go on with a deploy that was cut off', false)
    .addHelpText('after', applyHelp)
    .action((flags: ApplyFlags) =>
      ending(async () =>
        performApply(await siteAt(flags, flags.set), { ...wishesOf(flags, flags.force), resume: flags.resume }),
      ),
    );

const rollbackCommand = (): Command =>
  withWishes(withPlace(new Command('rollback')))
    .description('Take back a deploy that was cut off; else the named one, or the last that stands.')
    .argument('[deploy]', 'as in submilli deploy history')
    .addHelpText('after', rollbackHelp)
    .action((id: string | undefined, flags: Place & Flags) =>
      ending(async () => performRollback(await siteAt(flags), id, wishesOf(flags, false))),
    );

const historyCommand = (): Command =>
  withPlace(new Command('history'))
    .description('Every deploy and what became of it, the latest first; or one, act by act.')
    .argument('[deploy]', 'which one')
    .option('--json', 'print it as JSON', false)
    .addHelpText('after', historyHelp)
    .action((id: string | undefined, { state, bundle, json }: Place & { json: boolean }) =>
      ending(() => {
        const work = layoutOf(resolve(bundle ?? state)).dirOf('deploy');
        const [deploys, isAtWork] = [readDeploys(work), lockHolder(work) !== undefined];
        const found = id === undefined ? deploys : deploys.filter(({ begin }) => begin.id === id);
        if (id !== undefined && found.length === 0) {
          throw new Refused(
            new SubmilliError({ what: `there is no deploy ${id}`, hint: 'See submilli deploy history.' }),
          );
        }
        const one = id === undefined ? undefined : found[0];
        if (json) console.log(JSON.stringify(one?.entries ?? historyJson(found, isAtWork), null, 2));
        else console.log(one === undefined ? historyText(found, isAtWork) : deployText(one));
        return Promise.resolve(EXIT.done);
      }),
    );

/** Started by a deploy, to outlive it. */
const guardCommand = (): Command =>
  withPlace(new Command('guard')).action((place: Place) =>
    ending(async () => {
      await guard(accessAt(place), process.stdin);
      return EXIT.done;
    }),
  );

const help = (): string => `
What is wanted is what \`submilli cluster render\` renders from the section reference of submilli.yml: sized to the machines,
and what stands under its settings in place of what is computed. For a stack on this machine, what \`submilli stack up\`
renders.

  submilli deploy plan --set postgresql.work_mem=16MB      on the stack: what would change, and at what price
  submilli deploy apply --set postgresql.work_mem=16MB     do it, watch for a minute, keep it or take it back
  submilli deploy plan --bundle cluster/ --exit-code       does anything differ from submilli.yml?
  submilli deploy apply --bundle cluster/ --allow-restart  also what only a restart brings
  submilli deploy rollback                                 as before the last one
  submilli deploy history                                  what was done, by whom, and what became of it

Settings go through Patroni's REST API and are in effect within seconds; files are replaced whole, then PgBouncer or
Patroni is told to read them again. What takes a restart is refused without --allow-restart; with it, standbys come
first, one at a time, then a switchover while the pool's clients wait: the old primary starts anew by it.

Before anything is changed, every file as it is is kept, and the journal says what will be done. Ctrl-C takes back what
was done. After a kill or a power cut, \`deploy rollback\` takes it back and \`deploy apply --resume\` finishes it.

${exitStatus}
docs/deploy.md tells more.
`;

function setting(text: string, before: ReferenceSettings): ReferenceSettings {
  const [, section, name, value] = /^(postgresql|pgbouncer|patroni)\.([a-z_][\w.]*)=(.*)$/.exec(text) ?? [];
  if (section === undefined || name === undefined || value === undefined) {
    throw new InvalidArgumentError('As in postgresql.work_mem=16MB, pgbouncer.default_pool_size=40 or patroni.ttl=30.');
  }
  if (section === 'patroni' && name === 'postgresql')
    throw new InvalidArgumentError('Those are set with postgresql.NAME.');
  const key = section as keyof ReferenceSettings;
  return { ...before, [key]: { ...before[key], [name]: parse(value) as string | number | boolean | null } };
}

function seconds(text: string): number {
  const value = Number(text);
  if (Number.isFinite(value) && value >= 0 && value <= 86_400) return value;
  throw new InvalidArgumentError('Seconds, from 0 to a day.');
}

function points(text: string): number {
  const value = Number(text);
  if (Number.isFinite(value) && value >= 0 && value <= 100) return value;
  throw new InvalidArgumentError('Points, from 0 to 100.');
}
