import { defineRule, type Finding, type PostgresFacts, type Rule } from '@submilli/core';
import { settings } from '../samplers/settings';
import { isServers } from '../settings/drift';
import { alterSystem } from './action';

type Inputs = { readonly settings: typeof settings };

/** A setting that is wrong at one value, whatever else is. */
type Lint = {
  readonly name: string;
  readonly is: string;
  readonly want: string;
  readonly severity: Finding['severity'];
  readonly why: string;
  readonly impact: string;
};

/** A rule over single settings: each that has the named value is a finding of its own. */
export const lintRule = (
  rule: Pick<Rule<PostgresFacts, Inputs>, 'name' | 'title'>,
  lints: readonly Lint[],
): Rule<PostgresFacts, Inputs> =>
  defineRule<PostgresFacts, Inputs>({
    ...rule,
    signal: lints.map(({ name }) => `\`${name}\``).join(', '),
    threshold: lints.map(({ name, is }) => `\`${name} = ${is}\``).join(', '),
    inputs: { settings },
    check: ({ settings: { settings: all } }) =>
      lints.flatMap((lint): Finding[] => {
        const found = all.find((setting) => setting.name === lint.name && isServers(setting));
        if (found?.setting !== lint.is) return [];
        return [
          {
            subject: lint.name,
            severity: lint.severity,
            title: `${lint.name} is ${lint.is}`,
            why: lint.why,
            evidence: [
              { label: lint.name, value: found.setting, unit: '' },
              { label: 'set by', value: found.source, unit: '' },
            ],
            action: alterSystem(all, lint.name, lint.want),
            impact: {
              what: lint.impact,
              before: lint.is,
              after: lint.want,
              confidence: 'high',
              measured: 'read from pg_settings',
            },
          },
        ];
      }),
  });
