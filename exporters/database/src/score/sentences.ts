import { FIRE, HARD_CAP, type Cap, type Check, type Component } from './scoring';
import { components, signals, type SignalName, type Unit } from './signals';

/** A value with its unit, as people write it. */
export const quantity = (value: number, unit: Unit): string => {
  const number = rounded(value);
  switch (unit) {
    case '%':
    case 'ms':
    case 's':
    case 'MB':
      return `${number} ${unit}`;
    case 'sessions':
      return number === '1' ? '1 session' : `${number} sessions`;
    case 'pages':
      return number === '1' ? '1 page' : `${number} pages`;
    case 'per minute':
      return `${number} times a minute`;
  }
};

/** Three significant digits. */
const rounded = (value: number): string => String(Math.abs(value) >= 100 ? Math.round(value) : +value.toPrecision(3));

export const sayCheck = ({ signal, value, missing, warning, critical }: Check): string => {
  const { say, unit } = signals[signal];
  if (value === null) return `${missing?.missing === 'unknown' ? 'Not known' : 'Not judged'}: ${missing?.why ?? ''}.`;
  return `${singular(say(quantity(value, unit)), value)}; well ${boundOf(signal, warning, critical)}.`;
};

/** "1 session wait" is no English. */
const singular = (sentence: string, value: number): string =>
  value === 1 ? sentence.replace(/ wait for/, ' waits for') : sentence;

const boundOf = (signal: SignalName, warning: number, critical: number): string => {
  const { unit } = signals[signal];
  const [from, to] = [quantity(warning, unit), quantity(critical, unit)];
  return warning < critical ? `up to ${from}, critical from ${to}` : `from ${from}, critical at ${to} or less`;
};

/** The check that gives a component its points; nothing when none is known. */
export const worstCheck = ({ checks, points }: Component): Check | undefined =>
  points === null ? undefined : checks.find((check) => check.points === points);

export const sayComponent = (component: Component): string => {
  const worst = worstCheck(component);
  if (worst !== undefined) return sayCheck(worst);
  const whys = new Set(component.checks.map(sayCheck));
  return [...whys].join(' ');
};

export const sayCap = ({ at, component, why }: Cap): string => {
  switch (why) {
    case 'component':
      return `${component} has fewer than ${FIRE} points (${components[component].because}), so the score is at most ${rounded(at)}.`;
    case 'wraparound':
      return `Transaction or multixact ids are about to run out, so the score is at most ${HARD_CAP}.`;
    case 'checksums':
      return `Pages with a wrong checksum were found, so the score is at most ${HARD_CAP} until the statistics are reset.`;
  }
};
