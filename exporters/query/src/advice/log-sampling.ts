import { defineRule, type Finding } from '@submilli/core';
import { logSettings } from '../collectors/log-settings';
import { latency } from '../derived/latency';
import { isCovering, type LogSettings } from '../log/settings';
import { recommendSampling, type SamplingAdvice } from '../log/tuner';
import { statements } from '../samplers/statements';
import { windowOf } from '../statements/state';

/** Recommends what to log, so that the log tells the true distribution at a price that is known; never sets it. */
export const logSampling = defineRule({
  name: 'log-sampling',
  title: 'The log tells how long statements really take',
  signal:
    'log_min_duration_statement, log_min_duration_sample and log_statement_sample_rate against the calls per second of the window',
  threshold:
    'nothing that speaks for all statements is logged, or over four times the lines per second that are needed, or under a quarter',
  inputs: { logSettings, statements, latency },
  check: ({ logSettings: settings, statements: state, latency: measured }) => {
    const { seconds, intervals } = windowOf(state);
    if (seconds === 0) return { notEvaluated: 'pg_stat_statements has not been read twice yet' };
    const calls = [...intervals.values()].reduce((sum, interval) => sum + interval.calls, 0) / seconds;
    const advice = recommendSampling(settings.own, calls, measured.tail);
    return advice === undefined ? [] : [findingOf(settings, calls, advice)];
  },
});

const findingOf = ({ own }: LogSettings, calls: number, advice: SamplingAdvice): Finding => ({
  subject: 'log sampling',
  severity: 'info',
  title: isCovering(own)
    ? `Log ${advice.linesPerSecondNow > advice.linesPerSecond ? 'fewer' : 'more'} statements for the same certainty`
    : 'Have the server log a sample of all statements, and all slow ones',
  why: isCovering(own)
    ? `At ${Math.round(calls)} calls per second about ${Math.round(advice.linesPerSecondNow)} lines per second are logged; some ${Math.round(advice.linesPerSecond)} tell P99.9 over the window as well.`
    : 'Mean and deviation do not tell a distribution. A small random share of all statements, with all of those beyond a threshold, does: every quantile of the log is then exact in the tail, and known with its bounds below.',
  evidence: [
    { label: 'calls per second', value: Math.round(calls), unit: '' },
    { label: 'log_min_duration_statement', value: settingText(own.threshold), unit: '' },
    { label: 'log_min_duration_sample', value: settingText(own.sampleFrom), unit: '' },
    { label: 'log_statement_sample_rate', value: own.rate, unit: '' },
  ],
  action: {
    kind: 'sql',
    text: [
      `ALTER SYSTEM SET log_min_duration_statement = '${advice.thresholdMs}ms';`,
      `ALTER SYSTEM SET log_min_duration_sample = 0;`,
      `ALTER SYSTEM SET log_statement_sample_rate = ${advice.rate};`,
      `ALTER SYSTEM SET log_parameter_max_length = 0;`,
      'SELECT pg_reload_conf();',
    ].join('\n'),
    reversible: true,
    lock: null,
    needsRestart: false,
  },
  impact: {
    what: `lines logged per second; backend CPU per short prepared statement`,
    before: `${Math.round(advice.linesPerSecondNow)} lines/s`,
    after: `${Math.round(advice.linesPerSecond)} lines/s, about ${advice.overheadPercent} % CPU`,
    confidence: 'medium',
    measured: 'overhead: measured for a primary-key SELECT, docs/benchmarks.md; lines: calls per second of the window',
  },
});

const settingText = (seconds: number | null): string => (seconds === null ? 'off' : `${seconds * 1000} ms`);
