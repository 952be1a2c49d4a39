import { indexesOf, outline, readPlan, walkPlan } from './plan';

type Raw = { readonly [key: string]: unknown; readonly Plans?: readonly Raw[] };

const node = (type: string, more: Raw = {}): Raw => ({
  ...{ 'Node Type': type, 'Startup Cost': 0, 'Total Cost': 10, 'Plan Rows': 5, 'Plan Width': 8 },
  ...more,
});
const scan = (relation: string, more: Raw = {}): Raw =>
  node('Index Scan', { 'Relation Name': relation, Schema: 's', 'Index Name': `${relation}_key`, ...more });
const planOf = (root: Raw): ReturnType<typeof readPlan> => readPlan([{ Plan: root }]);
const shapeOf = (root: Raw): string => planOf(root).shape;

describe('a plan', () => {
  const join = (more: Raw = {}): Raw =>
    node('Nested Loop', {
      'Join Type': 'Left',
      Plans: [scan('a', { 'Parent Relationship': 'Outer' }), scan('b', { 'Parent Relationship': 'Inner' })],
      ...more,
    });

  it('is read with its children, from JSON or text', () => {
    const { root, totalCost } = readPlan(JSON.stringify([{ Plan: join({ 'Total Cost': 42 }) }]));
    expect(totalCost).toBe(42);
    expect([...walkPlan(root)].map(({ type }) => type)).toEqual(['Nested Loop', 'Index Scan', 'Index Scan']);
    expect(indexesOf(root)).toEqual(['a_key', 'b_key']);
  });

  it('has the same shape whatever it costs, and another with another join, index or order', () => {
    const shape = shapeOf(join());
    expect(shapeOf(join({ 'Total Cost': 9999, 'Plan Rows': 1, Filter: 'x' }))).toBe(shape);
    const others = [
      join({ 'Join Type': 'Inner' }),
      join({ 'Node Type': 'Hash Join' }),
      join({ Plans: [scan('b'), scan('a')] }),
      join({ Plans: [scan('a', { 'Parent Relationship': 'Outer' }), scan('b', { 'Index Name': 'other' })] }),
    ];
    expect(new Set([shape, ...others.map(shapeOf)]).size).toBe(5);
  });

  it('has the same shape when a partition is added, and another when one of them is read otherwise', () => {
    const append = (...children: readonly Raw[]): string => shapeOf(node('Append', { Plans: children }));
    const two = append(scan('p1'), scan('p2'));
    expect(append(scan('p1'), scan('p2'), scan('p3'))).toBe(two);
    expect(append(scan('p1'), node('Seq Scan', { 'Relation Name': 'p2' }))).not.toBe(two);
  });

  it('can be read by people', () => {
    expect(outline(planOf(join({ Plans: [scan('a', { 'Index Cond': '(id = $1)' })] })).root)).toBe(
      [
        'Nested Loop (Left)  (cost=0.00..10.00 rows=5 width=8)',
        '  ->  Index Scan using a_key on a  (cost=0.00..10.00 rows=5 width=8)',
        '        Index Cond: (id = $1)',
      ].join('\n'),
    );
  });

  it('of an unexpected kind is an error, not a guess', () => {
    expect(() => readPlan([{ Plan: { 'Node Type': 'X' } }])).toThrow();
    expect(() => readPlan([])).toThrow();
  });
});
