import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { checkout } from '../stack/layout';
import { readIncidents } from './incidents';
import { imageOf, scorePage } from './score-page';
import { drivingSignal, scorePlot } from './score-plot';

const incidents = readIncidents();
const read = (name: string): string => readFileSync(join(checkout, 'docs', name), 'utf8');

describe('the page about the health score (else: npm run docs)', () => {
  it('is what the declarations say', () => {
    expect(read('score.md')).toBe(scorePage(incidents));
  });

  it.each(incidents.map((incident) => [incident.capture.incident, incident] as const))(
    'shows the recorded curve of %s',
    (_name, incident) => {
      expect(read(imageOf(incident))).toBe(scorePlot(incident.capture, incident.moments));
    },
  );
});

describe('the plot of an incident', () => {
  it('shows the signal that moved the score', () => {
    const shown = incidents.map(({ capture, moments }) => [capture.incident, drivingSignal(moments)]);
    expect(Object.fromEntries(shown)).toEqual({
      'cold-cache': 'buffer_hits',
      'lock-storm': 'lock_waiters',
      'pool-exhaustion': 'pool_saturation',
      'replication-lag': 'replication_lag',
    });
  });

  it('has no number that is none', () => {
    for (const { capture, moments } of incidents) {
      expect(scorePlot(capture, moments)).not.toMatch(/NaN|Infinity|undefined|null/);
    }
  });
});
