/** A length or place in a picture: a tenth of a pixel is exact enough, and short. */
export const fixed = (value: number): string => String(Math.round(value * 10) / 10);

export type Scale = (value: number) => number;

export const linear =
  (low: number, high: number, from: number, to: number): Scale =>
  (value) =>
    from + ((value - low) / (high - low || 1)) * (to - from);

export const logarithmic = (low: number, high: number, from: number, to: number): Scale => {
  const scale = linear(Math.log(low), Math.log(high), from, to);
  return (value) => scale(Math.log(Math.max(low, value)));
};

/** Round numbers of an axis from 0 (or `low`) to at least `high`, about so many. */
export const roundTicks = (low: number, high: number, count = 4): readonly number[] => {
  const raw = (high - low || 1) / count;
  const unit = 10 ** Math.floor(Math.log10(raw));
  const step = ([1, 2, 2.5, 5, 10].find((factor) => factor * unit >= raw * 0.999) ?? 10) * unit;
  const first = Math.floor(low / step) * step;
  const ticks: number[] = [];
  for (let i = 0; first + (i - 1) * step < high; i += 1) ticks.push(Number((first + i * step).toPrecision(12)));
  return ticks;
};

/** 1, 10, 100 …, with 3s between where there are few of them. */
export const logTicks = (low: number, high: number): readonly number[] => {
  const from = Math.floor(Math.log10(low));
  const to = Math.ceil(Math.log10(high));
  const factors = to - from <= 3 ? [1, 3] : [1];
  const ticks = Array.from({ length: to - from + 1 }, (_, i) =>
    factors.map((factor) => factor * 10 ** (from + i)),
  ).flat();
  return ticks.filter((tick) => tick >= low * 0.999 && tick <= high * 1.001);
};

const HOUR = 3600;
const DAY = 24 * HOUR;
const STEPS = [300, 600, 1800, HOUR, 3 * HOUR, 6 * HOUR, DAY, 2 * DAY, 5 * DAY, 10 * DAY];
const days = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'] as const;
const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'] as const;

/** Moments in UTC that people would put on an axis. */
export const timeTicks = (from: number, to: number, most = 10): readonly { at: number; text: string }[] => {
  const step = STEPS.find((each) => (to - from) / each <= most) ?? 30 * DAY;
  const ticks: { at: number; text: string }[] = [];
  for (let at = Math.ceil(from / step) * step; at <= to; at += step) {
    const date = new Date(at * 1000);
    const day = `${days[date.getUTCDay()] ?? ''} ${date.getUTCDate()}`;
    const midnight = at % DAY === 0;
    const text = step >= 5 * DAY ? `${date.getUTCDate()} ${months[date.getUTCMonth()] ?? ''}` : midnight ? day : '';
    ticks.push({ at, text: text === '' ? date.toISOString().slice(11, 16) : text });
  }
  return ticks;
};
