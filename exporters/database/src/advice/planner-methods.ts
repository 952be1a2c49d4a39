import { lintRule } from './settings-rule';

const methods = [
  ...['enable_bitmapscan', 'enable_hashagg', 'enable_hashjoin', 'enable_indexonlyscan', 'enable_indexscan'],
  ...['enable_material', 'enable_memoize', 'enable_mergejoin', 'enable_nestloop', 'enable_seqscan', 'enable_sort'],
];

export const plannerMethods = lintRule(
  { name: 'planner-methods', title: 'The planner may not use one of its methods' },
  methods.map((name) => ({
    ...{ name, is: 'off', want: 'on', severity: 'warning', impact: 'plans the planner may choose' },
    why: 'Switched off for the whole server, to mend one statement, it makes others slow; SET it in that statement’s transaction.',
  })),
);
