import type { Row, SqlSession } from '@submilli/core';
import fc from 'fast-check';
import { parseSync, scanSync } from 'libpg-query';
import { runs } from '../../../core/test/fuzz';
import { hostileTexts } from '../../test/hostile-texts';
import { lookAt } from '../statements/look';
import { loadParser, queryTypeOf, queryTypes } from '../statements/query-type';
import { bodyOf, contains, parseText } from './ast';
import { explainGeneric } from './explain';
import { isPlannable, plannableOf } from './plannable';

beforeAll(loadParser);

const WRITES = ['InsertStmt', 'UpdateStmt', 'DeleteStmt', 'MergeStmt', 'intoClause', 'lockingClause'];
/** Of these a server could be made to see the end elsewhere (`standard_conforming_strings`), and they are a client's. */
const TEXTS = /^(SCONST|USCONST|BCONST|XCONST|SQL_COMMENT|C_COMMENT)$/;

/** What is sent for a text, up to the plan. */
const sentFor = async (text: string, major: number): Promise<readonly string[]> => {
  const plannable = plannableOf(text);
  if (!isPlannable(plannable)) return [];
  const sent: string[] = [];
  const session: SqlSession = {
    certificate: () => null,
    query: (asked): Promise<readonly Row[]> => {
      sent.push(asked);
      return Promise.resolve([]);
    },
  };
  await explainGeneric(session, plannable, { versionNumber: major * 10_000, user: 'u' }, { remainingMs: () => 9999 });
  return sent;
};

describe('whatever a statement is', () => {
  it('what is sent for it is one EXPLAIN of one SELECT that writes and locks nothing, in a read-only transaction', async () => {
    let planned = 0;
    await fc.assert(
      fc.asyncProperty(hostileTexts, fc.constantFrom(14, 15, 18), async (text, major) => {
        const sent = await sentFor(text, major);
        if (sent.length === 0) return;
        planned += 1;
        expect(sent[0]).toMatch(/^BEGIN READ ONLY; SET LOCAL /);
        expect(sent.at(-1)).toMatch(/^(ROLLBACK|DEALLOCATE submilli_explain)$/);
        // What is not ours alone.
        const theirs = sent.filter((one) => /^(EXPLAIN|PREPARE)/.test(one));
        expect(theirs.length).toBeGreaterThan(0);
        for (const one of theirs) {
          expect(one).toMatch(/^(EXPLAIN \((GENERIC_PLAN, )?VERBOSE, FORMAT JSON\) |PREPARE submilli_explain AS )/);
          const [statement, ...more] = parseText(one);
          expect(more).toEqual([]);
          const query = (bodyOf(statement, 'ExplainStmt') ?? bodyOf(statement, 'PrepareStmt'))?.query;
          expect(contains(query, 'SelectStmt', 'ExecuteStmt')).toBe(true);
          expect(contains(query, ...WRITES)).toBe(false);
          expect(
            scanSync(one)
              .tokens.filter(({ tokenName }) => TEXTS.test(tokenName))
              .map((token) => token.text),
          ).toEqual([]);
        }
      }),
      runs(600),
    );
    expect(planned).toBeGreaterThan(50);
  });

  it('it has a type, and of its text no literal and no comment is kept', () => {
    fc.assert(
      fc.property(hostileTexts, (text) => {
        expect(queryTypes).toContain(queryTypeOf(text));
        const look = lookAt(text, false);
        if (look.text === null) expect(look.reason).not.toBeNull();
        else
          expect(
            scanSync(look.text)
              .tokens.filter(({ tokenName }) => TEXTS.test(tokenName))
              .filter((token) => token.text !== '/*, ... */'),
          ).toEqual([]);
      }),
      runs(300),
    );
  });

  it('the parser is as good as before after one that was too much for it', () => {
    for (const poison of [
      '('.repeat(50_000),
      `SELECT ${'1+'.repeat(40_000)}1`,
      `SELECT ${'CASE WHEN 1 THEN '.repeat(5000)}`,
    ]) {
      expect(queryTypes).toContain(queryTypeOf(poison));
      expect(isPlannable(plannableOf(poison))).toBe(false);
      expect(lookAt(poison, false).text).toBeNull();
      expect(isPlannable(plannableOf('SELECT a FROM t WHERE b = $1'))).toBe(true);
      expect(parseSync('SELECT 1').stmts).toHaveLength(1);
    }
  });
});
