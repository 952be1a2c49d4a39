import { spawnSync } from 'node:child_process';
import {
  blockingAnswer,
  failoversAnswer,
  indexesAnswer,
  latencyAnswer,
  plansAnswer,
  recommendationsAnswer,
  scoreAnswer,
  settingsAnswer,
  slowAnswer,
  statementsAnswer,
  statusAnswer,
  tablesAnswer,
  targetsAnswer,
  topologyAnswer,
  xminHorizonAnswer,
} from '@submilli/core';
import { z } from 'zod';
import { runbooks } from '../runbook';

const answers: Readonly<Record<string, z.ZodType>> = {
  blocking: blockingAnswer,
  failovers: failoversAnswer,
  indexes: indexesAnswer,
  latency: latencyAnswer,
  plans: plansAnswer,
  recommendations: recommendationsAnswer,
  score: scoreAnswer,
  settings: settingsAnswer,
  slow: slowAnswer,
  statements: statementsAnswer,
  status: statusAnswer,
  tables: tablesAnswer,
  targets: targetsAnswer,
  topology: topologyAnswer,
  'xmin-horizon': xminHorizonAnswer,
};

type Schema = z.core.JSONSchema.BaseSchema;

/** An answer that has everything an answer can have. */
const fullExample = (root: Schema): unknown => {
  const exampleOf = (schema: Schema, depth: number): unknown => {
    if (schema.$ref !== undefined) {
      const named = schema.$ref === '#' ? root : root.$defs?.[schema.$ref.split('/').at(-1) ?? ''];
      return exampleOf(named ?? {}, depth + 1);
    }
    const some = schema.anyOf?.find(({ type }) => type !== 'null');
    if (some !== undefined) return exampleOf(some, depth);
    if (schema.const !== undefined) return schema.const;
    if (schema.enum !== undefined) return schema.enum[0];
    if (schema.type === 'object') {
      const known = Object.entries(schema.properties ?? {}).map(([key, one]) => [key, exampleOf(one as Schema, depth)]);
      return Object.fromEntries(known);
    }
    if (schema.type === 'array') return depth > 1 ? [] : [exampleOf(schema.items as Schema, depth)];
    if (schema.type === 'boolean') return true;
    return schema.type === 'string' ? 'text' : 1;
  };
  return exampleOf(root, 0);
};

/** What is not of interest in good days is of interest here: conditions are looked at, and hold. */
const withoutConditions = (filter: string): string =>
  filter.replaceAll(/select\(((?:[^()]|\([^()]*\))*)\)/g, 'select(($1) or true)');

const ask = (resource: string, options: string, filter: string): string => {
  const schema = answers[resource];
  if (schema === undefined) return `nobody answers ${resource}`;
  const input = JSON.stringify(fullExample(z.toJSONSchema(schema, { io: 'input' })));
  const { error, stdout, stderr } = spawnSync(
    'jq',
    [...options.trim().split(/ +/), withoutConditions(filter)].filter(Boolean),
    {
      input,
      encoding: 'utf8',
    },
  );
  if (error !== undefined) throw new Error(`cannot run jq (${error.message}): npx submilli packages --for test`);
  return `${stdout}${stderr}`.trim();
};

const asked = runbooks.flatMap(({ name, blocks }) =>
  blocks.flatMap(({ text, line }) =>
    [...text.matchAll(/\/api\/v1\/([\w-]+)[^|\n]*\| jq ((?:-\w+ )*)(?:'([^']*)'|(\S+))/g)]
      .filter(([called]) => !called.includes('.activeTargets') && !called.includes('.data.'))
      .map(
        ([, resource = '', options = '', quoted, plain]) =>
          [`${name}.md:${line}`, resource, options, quoted ?? plain ?? ''] as const,
      ),
  ),
);

describe('what the runbooks read out of an answer', () => {
  it.each(asked)('is in it: %s %s %s%s', (_, resource, options, filter) => {
    const said = ask(resource, options, filter);
    expect(said).not.toBe('');
    expect(said).not.toMatch(/null|error|nobody/);
  });

  it('or else it is told', () => {
    expect(asked.length).toBeGreaterThan(30);
    expect(ask('blocking', '', '.trees[] | {victims, dept}')).toContain('null');
    expect(ask('blocking', '', '.tree[]')).toContain('error');
  });
});
