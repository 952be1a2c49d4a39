import type { AnyExporter } from '@submilli/core';

/** Every rule of the exporters as a page; the heading of each is the anchor that a recommendation's `docs` points to. */
export const advicePage = (exporters: readonly AnyExporter[]): string =>
  [
    '# Advice',
    '',
    'Generated from the rules in the code by `npm run docs`; a test keeps it current.',
    '',
    'Each exporter answers `GET /api/v1/recommendations`: what it found, on what evidence, the exact statement or',
    'configuration line, which lock or restart that costs and whether it can be undone. Nothing is ever run by itself.',
    'A rule whose input is missing is listed under `notEvaluated` with the reason, never counted as fine.',
    '',
    '## The life of a recommendation',
    '',
    'A finding keeps its `id` as long as rule, target and subject are the same. What became of those that are no longer',
    'found is under `earlier`. All of it survives a restart (`state_directory`); to lose it loses nothing but history.',
    '',
    '| state | |',
    '| --- | --- |',
    '| open | the rule finds it |',
    '| acknowledged, snoozed, dismissed | somebody has said so; over at `until`, or when it becomes more severe |',
    '| applied | the change was made, as its rule can see |',
    '| verified, no-effect, regressed | what came of it, as its rule measured |',
    '| resolved | its rule looks, and has not found it for two windows |',
    '| expired | nobody could look for a day |',
    '',
    '```sh',
    'curl -H content-type:application/json -d \'{"by": "ann", "why": "after the release", "until": "2030-01-31T12:00:00Z"}\' \\',
    '  http://127.0.0.1:9091/api/v1/recommendations/ID/snooze   # or acknowledge, dismiss, reopen',
    '```',
    '',
    'That takes a user and password where the web configuration has users, and otherwise a caller on loopback; what comes',
    'through a proxy is as far away as the proxy says. `db_advice_recommendations{rule,severity}` counts what holds and is',
    'not snoozed or dismissed, `db_advice_states{state,severity}` everything.',
    '',
    '## Every exporter',
    '',
    '### blind-spot',
    '',
    'Something cannot be seen though a grant, an extension or a setting would let it.',
    '',
    '| | |',
    '| --- | --- |',
    '| signal | parts that are skipped for want of something that can be given |',
    '| speaks at | any, unless switched off on purpose |',
    '',
    ...exporters.filter(({ registry }) => registry.rules.length > 0).flatMap(exporterSection),
  ].join('\n');

const exporterSection = ({ title, registry }: AnyExporter): string[] => [
  `## ${title}`,
  '',
  ...registry.rules.flatMap((rule) => {
    const inputs = Object.values(rule.inputs as Readonly<Record<string, { readonly name: string }>>);
    return [
      `### ${rule.name}`,
      '',
      `${rule.title}.`,
      '',
      '| | |',
      '| --- | --- |',
      `| signal | ${cell(rule.signal)} |`,
      `| speaks at | ${cell(rule.threshold)} |`,
      `| reads | ${inputs.map(({ name }) => `\`${name}\``).join(', ')} |`,
      '',
    ];
  }),
];

const cell = (text: string): string => text.replaceAll('|', '\\|').replaceAll('\n', ' ');
