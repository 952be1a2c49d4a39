/** Figures as people read them; the same in the page, in Markdown and in the terminal. */

const UNITS = ['B', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB'] as const;

export const bytesText = (bytes: number): string => {
  const exponent = Math.min(UNITS.length - 1, Math.max(0, Math.floor(Math.log2(Math.abs(bytes) || 1) / 10)));
  return `${short(bytes / 1024 ** exponent)} ${UNITS[exponent] ?? 'B'}`;
};

/** Three digits that count, no more. */
export const short = (value: number): string => {
  if (value === 0) return '0';
  const digits = Math.abs(value) >= 1000 ? String(Math.round(value)) : String(Number(value.toPrecision(3)));
  const [whole = '', fraction] = digits.split('.');
  const grouped = whole.replaceAll(/\B(?=(\d{3})+$)/g, ' ');
  return fraction === undefined ? grouped : `${grouped}.${fraction}`;
};

/** Of a statement or a wait: microseconds to seconds. */
export const latencyText = (seconds: number): string => {
  if (seconds < 0.001) return `${short(seconds * 1e6)} µs`;
  return seconds < 1 ? `${short(seconds * 1000)} ms` : `${short(seconds)} s`;
};

/** Of an outage or a period: seconds to days, the two largest units. */
export const timeText = (seconds: number): string => {
  if (seconds < 60) return `${short(seconds)} s`;
  const minutes = Math.round(seconds / 60);
  if (minutes < 60) return `${minutes} min`;
  const [hours, rest] = [Math.floor(minutes / 60), minutes % 60];
  if (hours < 48) return rest === 0 ? `${hours} h` : `${hours} h ${rest} min`;
  return `${Math.floor(hours / 24)} d${hours % 24 === 0 ? '' : ` ${hours % 24} h`}`;
};

export const daysText = (days: number): string => {
  if (days < 2) return plural(Math.max(1, Math.round(days * 24)), 'hour');
  return days < 90 ? `${Math.round(days)} days` : `${Math.round(days / 30.4)} months`;
};

export const percentText = (ratio: number): string => `${short(ratio * 100)} %`;

/** "+12 %", "−3 %", "×4.1": how now compares with before. */
export const changeText = (now: number, before: number): string => {
  if (before === 0) return now === 0 ? '±0' : 'new';
  const ratio = now / before;
  if (ratio >= 3) return `×${short(ratio)}`;
  const percent = Math.round((ratio - 1) * 100);
  return percent === 0 ? '±0' : percent > 0 ? `+${percent} %` : `−${-percent} %`;
};

/** "23 Nov 03:12", in UTC. */
export const momentText = (at: string): string => {
  const date = new Date(at);
  return `${date.getUTCDate()} ${months[date.getUTCMonth()] ?? ''} ${at.slice(11, 16)}`;
};
const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'] as const;

/** "03:12:30": within a day that is named beside it. */
export const clockText = (at: string): string => at.slice(11, 19);

export const quantileName = (quantile: number): string => `P${Number((quantile * 100).toPrecision(6))}`;

export const plural = (count: number, one: string, many = `${one}s`): string =>
  `${short(count)} ${count === 1 ? one : many}`;

/** A database as people call it; the cluster's name only where it says more. */
export const placeText = ({ cluster, database }: { readonly cluster: string; readonly database: string }): string =>
  cluster === '' || cluster === database ? database : `${cluster} / ${database}`;
