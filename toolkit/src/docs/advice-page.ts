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
    'A rule whose input is missing is listed under `notEvaluated` with the reason, never counted as fine. A finding keeps',
    'its `id` as long as rule, target and subject are the same; when it was first and last seen survives a restart',
    '(`state_directory`). `db_advice_recommendations{rule,severity}` counts what is open.',
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
