import { join } from 'node:path';
import { exporterNames, memberBy, onMember, ports, submilli, until } from './stack';

/** What a command printed as JSON, among what it said of its progress. */
const jsonOf = <T>(output: string): T =>
  JSON.parse(output.slice(output.indexOf('{'), output.lastIndexOf('}') + 1)) as T;

type Linted = { readonly findings: readonly { rule: string; severity: string; file: string; says: string }[] };
type Standing = { readonly open: readonly object[]; readonly answered: readonly string[]; readonly problems: object };

/** Commands that only look, at the stack as it runs. */
export const describeCommands = (state: string): void => {
  const config = join(state, 'submilli.yml');

  describe('lint --live', () => {
    const lint = () => {
      const { status, output } = submilli('lint', '--live', '--json', '--fail-on', 'info', '--config', config, config);
      return { status, live: jsonOf<Linted>(output).findings.filter(({ rule }) => rule.startsWith('live-')) };
    };

    it('finds the members alike and nothing waiting for a restart', () => {
      expect(lint().live).toEqual([]);
    });

    it('says which setting a member has of its own, and says nothing once it is like the others', async () => {
      const { port } = await memberBy(false);
      const alter = (...statements: readonly string[]): Promise<void> =>
        onMember(state, port, async (client) => {
          for (const statement of statements) await client.query(statement);
        });
      await alter(`ALTER SYSTEM SET deadlock_timeout = '7s'`, 'SELECT pg_catalog.pg_reload_conf()');
      try {
        const seen = await until(
          30,
          () => Promise.resolve(lint()),
          ({ live }) => live.length > 0,
        );
        expect(seen.live.map(({ rule }) => rule)).toContain('live-members-differ');
        expect(seen.live.some(({ says }) => says.includes('deadlock_timeout'))).toBe(true);
        expect(seen.status).toBe(1);
      } finally {
        await alter('ALTER SYSTEM RESET deadlock_timeout', 'SELECT pg_catalog.pg_reload_conf()');
      }
      const after = await until(
        30,
        () => Promise.resolve(lint()),
        ({ live }) => live.length === 0,
      );
      expect(after.live).toEqual([]);
    });
  });

  describe('advise', () => {
    it('hears every exporter, and what is wrong with the workload', () => {
      const { status, output } = submilli('advise', '--json', '--config', config);
      const standing = jsonOf<Standing>(output);
      expect(standing.answered).toHaveLength(exporterNames.length);
      expect(standing.problems).toEqual([]);
      expect(standing.open.length).toBeGreaterThan(0);
      expect(status).toBe(1);
    });

    it('takes an exporter that does not answer for no good news', () => {
      const { status, output } = submilli('advise', '--exporter', `http://127.0.0.1:${ports.pool + 7}`);
      expect(status).toBe(2);
      expect(output).toContain(`127.0.0.1:${ports.pool + 7}`);
    });
  });
};
