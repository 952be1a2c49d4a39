import { z } from 'zod';

export type Labels = Readonly<Record<string, string>>;
/** Seconds since the epoch, and a number that is one. */
export type Point = readonly [at: number, value: number];
export type Sample = { readonly labels: Labels; readonly value: number };
export type Series = { readonly labels: Labels; readonly points: readonly Point[] };

const labels = z.record(z.string(), z.string());
const point = z.tuple([z.number(), z.string()]);

/** What Prometheus' HTTP API answers, as far as we read it. */
export const promAnswer = z.discriminatedUnion('status', [
  z.object({
    status: z.literal('success'),
    warnings: z.array(z.string()).optional(),
    data: z.discriminatedUnion('resultType', [
      z.object({ resultType: z.literal('vector'), result: z.array(z.object({ metric: labels, value: point })) }),
      z.object({
        resultType: z.literal('matrix'),
        result: z.array(z.object({ metric: labels, values: z.array(point) })),
      }),
      z.object({ resultType: z.literal('scalar'), result: point }),
    ]),
  }),
  z.object({ status: z.literal('error'), errorType: z.string(), error: z.string() }),
]);
export type PromAnswer = z.infer<typeof promAnswer>;

type Data = Extract<PromAnswer, { status: 'success' }>['data'];

/** What is no number is no value: a quantile of nothing is NaN, and absent here. */
export const samplesOf = (data: Data): readonly Sample[] =>
  data.resultType !== 'vector'
    ? []
    : data.result.flatMap(({ metric, value: [, text] }) => {
        const value = Number(text);
        return Number.isFinite(value) ? [{ labels: metric, value }] : [];
      });

export const seriesOf = (data: Data): readonly Series[] =>
  data.resultType !== 'matrix'
    ? []
    : data.result.flatMap(({ metric, values }) => {
        const points = values.flatMap(([at, text]): Point[] => {
          const value = Number(text);
          return Number.isFinite(value) ? [[at, value]] : [];
        });
        return points.length === 0 ? [] : [{ labels: metric, points }];
      });
