import { z } from 'zod';
import { statementKey } from '../statements/interval';
import type { Hour } from './baseline';
import { type History, type Regressions, startRegressions } from './state';
import { NO_WORK } from './work';

const hour = z.tuple([z.int(), z.number(), z.number(), z.number(), z.number(), z.number()]);
const saved = z.object({
  version: z.literal(1),
  statements: z.array(z.object({ database: z.string(), queryid: z.string(), type: z.string(), hours: z.array(hour) })),
});

/** What is usual gets through a restart; it is saved when an hour has ended, not at each look. */
export const persistRegressions = {
  save: ({ hourEnded, histories }: Regressions): unknown =>
    hourEnded
      ? ({ version: 1, statements: [...histories.values()].map(compact) } satisfies z.input<typeof saved>)
      : undefined,
  load: (from: unknown): Regressions | undefined => {
    const read = saved.safeParse(from);
    if (!read.success) return undefined;
    return startRegressions(
      new Map(
        read.data.statements.map((one): [string, History] => [
          statementKey(one),
          { ...one, hours: one.hours.map(expand), hour: NO_WORK, spans: [] },
        ]),
      ),
    );
  },
};

const compact = ({ database, queryid, type, hours }: History) => ({
  ...{ database, queryid, type },
  hours: hours.map(({ hour: at, mean, blocks, rows, wal, rate }): z.input<typeof hour> => [
    at,
    ...([short(mean), short(blocks), short(rows), short(wal), short(rate)] as const),
  ]),
});

const short = (value: number): number => Number(value.toPrecision(4));

const expand = ([at, mean, blocks, rows, wal, rate]: z.output<typeof hour>): Hour => ({
  ...{ hour: at, mean, blocks, rows, wal, rate },
});
