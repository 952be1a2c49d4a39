import { chapters } from '../lint/catalogue';
import type { Example, Rule } from '../lint/rule';

/** Every rule of `submilli lint` as a page, with an example that it finds and one that it does not. */
export const lintPage = (): string =>
  [
    '# Lint',
    '',
    'Generated from the rules in the code by `npm run docs`; a test keeps it current.',
    '',
    '`submilli lint` reads configuration files as the programs do, one by one and together, and says what is wrong with them:',
    'where (file, line, column), why, what to do, and where that is written. `submilli lint --help` has its options.',
    '',
    '```sh',
    'submilli lint                                        # submilli.yml, what it names, and this folder',
    'submilli lint pgbouncer.ini patroni.yml              # these, together',
    'submilli lint cluster/ --memory 16GB --cpus 8        # all of a folder, for that machine',
    'submilli lint --fix pgbouncer.ini                    # a diff; with --write it is written',
    'submilli lint --sarif . > lint.sarif                 # for a code review',
    'submilli lint --live -c my.yml etc/                  # with what runs, and members with each other',
    '```',
    '',
    'An **error** stops a program, loses data, opens a door or stops clients; a **warning** costs when something fails; **info**',
    'is worth a thought. Exit status: 0 when there is nothing at or above `--fail-on` (error), 1 when there is, 2 when it could',
    'not look.',
    '',
    'What is right where it is can say so, in a comment above the line or at its end; without a reason it counts for nothing:',
    '',
    '```ini',
    '; submilli-lint: ignore pgbouncer-query-timeout nothing but a health check comes this way',
    'query_timeout = 5',
    '```',
    '',
    '`ignore-file` instead of `ignore` is for the whole file.',
    '',
    ...chapters.flatMap(({ title, rules }) => [`## ${title}`, '', ...rules.flatMap(ruleSection)]),
  ].join('\n');

const ruleSection = (rule: Rule): string[] => [
  `### ${rule.id}`,
  '',
  `${rule.title}. ${rule.why}`,
  '',
  '| | |',
  '| --- | --- |',
  `| severity | ${rule.severity}${rule.fixable ? ', `--fix` can mend it' : ''} |`,
  `| fix | ${cell(rule.fix)} |`,
  `| source | ${cell(rule.source)} |`,
  '',
  ...exampleText(rule.bad),
];

const exampleText = ({ files, context: { machine, versions, openFiles } }: Example): string[] => {
  const on = [
    ...(machine === undefined ? [] : [`${machine.memory_mb / 1024} GB, ${machine.cores} cores, ${machine.storage}`]),
    ...(versions?.patroni === undefined ? [] : [`Patroni ${versions.patroni}`]),
    ...(openFiles === undefined ? [] : [`${openFiles} open files`]),
  ];
  const condition = on.length === 0 ? '' : ` (${on.join(', ')})`;
  return [
    `Found in${condition}:`,
    '',
    ...files.flatMap(({ name, kind, text }) => {
      const language = /\.ya?ml$/.test(name) ? 'yaml' : kind === 'pgbouncer' || kind === 'pgbackrest' ? 'ini' : 'text';
      return [`\`\`\`${language}`, ...(files.length > 1 ? [`# ${name}`] : []), text.trimEnd(), '```', ''];
    }),
  ];
};

const cell = (text: string): string => text.replaceAll('|', '\\|').replaceAll('\n', ' ');
