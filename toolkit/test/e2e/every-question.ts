import {
  annotationQueries,
  askAll,
  dashboardQuestions,
  found,
  liveAppQuestions,
  valuesOf,
  variableQueries,
} from './questions';
import { prometheus, until } from './stack';

/** A statement of the workload, as the app's page of one statement is about. */
const aStatement = async (): Promise<{ readonly database: string; readonly queryid: string }> => {
  const [busiest] = await until(
    120,
    () => prometheus('topk(1, rate(db_query_statement_calls_total{database="grandmodel",queryid!="other"}[1m]))'),
    (result) => result.length > 0,
  );
  return { database: busiest?.metric.database ?? '', queryid: busiest?.metric.queryid ?? '' };
};

/** Tests of the running stack, which must be well: that what is asked in Grafana has an answer there. */
export const everyQuestion = (): void => {
  describe('Prometheus answers', () => {
    it('every panel of every dashboard, but for what is excused', async () => {
      const verdict = await askAll(dashboardQuestions(), 180);
      expect(verdict).toEqual({ unanswered: [], excusedInVain: [] });
    }, 400_000);

    it('every page of the Grafana app, but for what is excused', async () => {
      const verdict = await askAll(liveAppQuestions(await aStatement()), 180);
      expect(verdict).toEqual({ unanswered: [], excusedInVain: [] });
    }, 400_000);

    it('every variable with something to choose', async () => {
      for (const { at, query } of variableQueries()) {
        const offered = await until(
          60,
          () => valuesOf(query),
          (values) => values.length > 0,
        );
        expect({ at, offered: offered.length > 0 }).toEqual({ at, offered: true });
      }
    });

    it('every annotation, be it that nothing happened', async () => {
      const asked = annotationQueries();
      expect(asked.length).toBeGreaterThan(0);
      for (const expr of asked) expect(await found(expr)).toBeGreaterThanOrEqual(0);
    });

    it('nothing for what is not there: an empty answer is told from a full one', async () => {
      const verdict = await askAll(
        [
          { at: 'there', expr: 'db_exporter_up' },
          { at: 'not there', expr: 'db_exporter_up{cluster="$cluster of nobody"}' },
          { at: 'excused', expr: 'db_exporter_up', excused: 'it is not there', never: true },
        ],
        0,
      );
      expect(verdict.unanswered).toEqual([expect.stringMatching(/^not there: /)]);
      expect(verdict.excusedInVain).toEqual(['excused (it is not there)']);
    });
  });
};
