import { statementsAnswer } from '@submilli/api/statements';
import captured from '../../test/fixtures/statements-0.1.0.json';
import { BLOCK_BYTES, filterStatements, ioBytes, type Statement, tablesIn } from './statements';

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
});
