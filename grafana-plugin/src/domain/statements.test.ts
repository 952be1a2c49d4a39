import { statementsAnswer } from '@submilli/api/statements';
import captured from '../../test/fixtures/statements-0.1.0.json';
import { BLOCK_BYTES, filterStatements, ioBytes, readBy, type Statement, tablesIn } from './statements';

const all = statementsAnswer.parse(captured).statements.map((one): Statement => ({ ...one, target: 'pg1' }));
const [first] = all as [Statement, ...Statement[]];

describe('statements', () => {
  it('read and write blocks of shared and local buffers and of temporary files', () => {
    const none = { read: 0, written: 0, hit: 7, dirtied: 7 };
    expect(ioBytes({ ...first, sharedBlocks: none, localBlocks: none, tempBlocks: { read: 2, written: 1 } })).toBe(
      3 * BLOCK_BYTES,
    );
  });

  it('are filtered by type, database and words of their text or id', () => {
    expect(filterStatements(all, { type: '', database: '', text: '' })).toEqual(all);
    expect(filterStatements(all, { type: first.queryType, database: first.database, text: first.queryid })).toContain(
      first,
    );
    expect(filterStatements(all, { type: '', database: 'elsewhere', text: '' })).toEqual([]);
  });

  it('name tables, as far as that can be told without a parser', () => {
    expect(tablesIn('SELECT a FROM public.orders o JOIN "odd name" ON true')).toEqual(['"odd name"', 'public.orders']);
    expect(tablesIn('UPDATE accounts SET x = $1')).toEqual(['accounts']);
    expect(tablesIn('INSERT INTO fills SELECT 1 FROM (SELECT 2) s')).toEqual(['fills']);
    expect(tablesIn('SELECT 1')).toEqual([]);
  });

  it('read tables and indexes, by the outline of their plan', () => {
    const outline = [
      'Nested Loop  (cost=0.42..16.50 rows=1 width=8)',
      '  ->  Index Scan Backward using orders_pkey on orders o  (cost=0.42..8.44 rows=1 width=4)',
      '        Index Cond: (id = $1)',
      '  ->  Bitmap Heap Scan on fills  (cost=4.30..8.00 rows=1 width=8)',
      '        ->  Bitmap Index Scan using fills_order_idx  (cost=0.00..4.30 rows=1 width=0)',
    ].join('\n');
    expect(readBy(outline)).toEqual({ tables: ['fills', 'orders'], indexes: ['fills_order_idx', 'orders_pkey'] });
    expect(readBy('')).toEqual({ tables: [], indexes: [] });
  });
});
