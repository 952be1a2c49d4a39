import { type LocalPostgres, type Major, supportedMajors } from '@submilli/local-postgres';
import { PASSWORD } from '../../../exporters/core/test/watching';
import { type Block, type Runbook, runbooks } from '../runbook';
import { type Login, psql, type Variables } from './psql';
import { troubles } from './troubles';
import { DATABASE, startWorld } from './world';

jest.setTimeout(120_000);

/** "17+", "14-16": the versions that a block is for. */
const VERSIONS = /^(\d+)(?:(\+)|-(\d+))$/;
const known = (mark: string): boolean => VERSIONS.test(mark) || mark === 'superuser' || mark === 'standby';

const isFor = (major: Major, { marks }: Block): boolean =>
  marks.every((mark) => {
    const [, from, open, to] = VERSIONS.exec(mark) ?? [];
    return from === undefined || (major >= Number(from) && (open !== undefined || major <= Number(to)));
  });

const sqlOf = (runbook: Runbook, major: Major): readonly Block[] =>
  runbook.blocks.filter((block) => block.language === 'sql' && isFor(major, block));

const withSql = runbooks.filter(({ blocks }) => blocks.some(({ language }) => language === 'sql'));

describe('the SQL of the runbooks', () => {
  it('is marked with nothing but versions, and who runs it where', () => {
    const marks = withSql.flatMap(({ blocks }) => blocks.flatMap((block) => block.marks));
    expect(marks.filter((mark) => !known(mark))).toEqual([]);
  });

  it('has something that went wrong to act upon', () => {
    expect(withSql.map(({ name }) => name).filter((name) => troubles[name] === undefined)).toEqual([]);
    expect(Object.keys(troubles).filter((name) => !withSql.some((runbook) => runbook.name === name))).toEqual([]);
  });
});

describe.each(supportedMajors)('on PostgreSQL %i', (major) => {
  let { world, undo, stop }: Partial<Awaited<ReturnType<typeof startWorld>>> = {};

  beforeAll(async () => {
    ({ world, undo, stop } = await startWorld(major));
  }, 180_000);
  afterAll(() => stop?.());

  const loginFor = ({ section, marks }: Block, { primary, standby }: Record<'primary' | 'standby', LocalPostgres>) => {
    const on = marks.includes('standby') ? standby : primary;
    const watcher = { user: 'submilli', password: PASSWORD };
    const superuser = { user: on.superuser, password: on.password };
    const as = section === 'Diagnosis' && !marks.includes('superuser') ? watcher : superuser;
    return { host: on.host, port: on.port, database: DATABASE, ...as } satisfies Login;
  };

  const run = async (runbook: Runbook, block: Block, variables: Variables): Promise<void> => {
    if (world === undefined) throw new Error('there is no server');
    const { status, output, errors } = await psql(loginFor(block, world), block.text, variables);
    const problems = [
      ...(status === 0 && !errors.includes('WARNING') ? [] : [errors]),
      // What is asked while something is wrong must show it, and what mends must have found what to mend.
      ...(output.includes('(0 rows)') ? [`finds nothing: ${output}`] : []),
    ];
    expect({ where: `${runbook.name}.md:${block.line}`, problems }).toMatchObject({ problems: [] });
  };

  it.each(withSql.map((runbook) => [runbook.name, runbook] as const))('%s', async (name, runbook) => {
    if (world === undefined) throw new Error('there is no server');
    const blocks = sqlOf(runbook, major);
    const [looks, deeds] = ['Diagnosis', 'Mitigation'].map((part) => blocks.filter(({ section }) => section === part));
    // One trouble is looked at from all sides, but each deed needs one of its own.
    for (const together of [looks ?? [], ...(deeds ?? []).map((deed) => [deed])]) {
      try {
        const variables = (await troubles[name]?.(world)) ?? {};
        for (const block of together) await run(runbook, block, variables);
      } finally {
        await undo?.();
      }
    }
  });
});
