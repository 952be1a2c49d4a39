import { latencyText } from '../report/words';

/** "2.41 ms", "1.2 s", "87 µs": in the unit that people would say. */
export const timeText = (seconds: number | null): string => (seconds === null ? '–' : latencyText(seconds));

export const viaWords = { direct: 'directly', pool: 'through the pool' } as const;
