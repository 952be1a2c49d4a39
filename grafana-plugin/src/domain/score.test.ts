import { scoreAnswer } from '@submilli/api/score';
import captured from '../../test/fixtures/score-0.1.0.json';
import { byWorth, gradeOf } from './score';

const [component] = scoreAnswer.parse(captured).databases[0]?.components ?? [];
if (component === undefined) throw new Error('the fixture has no component');

describe('a score', () => {
  it('has a grade, and none when it is not known', () => {
    expect([100, 90, 89, 70, 69, 40, 39, 0, null].map(gradeOf)).toEqual([
      ...['good', 'good', 'fair', 'fair', 'poor', 'poor', 'critical', 'critical', 'unknown'],
    ]);
  });

  it('has what would raise it most first, what is well last, and what is not known before that', () => {
    const of = (name: string, points: number | null, scoreIfWell: number | null) => ({
      ...component,
      component: name,
      points,
      scoreIfWell,
    });
    const order = byWorth([of('well', 100, 60), of('some', 50, 65), of('unknown', null, null), of('much', 10, 90)], 60);
    expect(order.map((one) => one.component)).toEqual(['much', 'some', 'unknown', 'well']);
  });
});
