import { messageOf, scoreAnswer } from '@submilli/core';
import { get } from '../stack/http';

/** By database. */
export type Scores = Readonly<Record<string, { readonly value: number; readonly why: string }>>;

/** What the exporter says, or why it says nothing. */
export type Scored = { readonly scores: Scores } | { readonly absent: string };

const LOOK_MS = 12_000;

/** The scores of one server now: it is collected from first, as nobody else may do that. */
export const readScore = async (url: string, target: string, signal: AbortSignal): Promise<Scored> => {
  const patience = AbortSignal.any([signal, AbortSignal.timeout(LOOK_MS)]);
  const at = `target=${encodeURIComponent(target)}`;
  try {
    const probe = await get(`${url}/probe?${at}`, patience);
    if (probe.status === 404) return { absent: `${url} watches no server called ${target}` };
    if (!/^db_exporter_up 1$/m.test(probe.text)) return { absent: `${url} has no answer from ${target}` };
    const { status, text } = await get(`${url}/api/v1/score?${at}`, patience);
    if (status !== 200) return { absent: `${url} answers ${status} when asked for the score` };
    const { databases } = scoreAnswer.parse(JSON.parse(text));
    const known = databases.flatMap(({ database, value, cap, raise }) =>
      value === null
        ? []
        : [[database, { value, why: (cap?.why ?? raise?.sentence ?? '').replace(/\.$/, '') }] as const],
    );
    if (known.length === 0) return { absent: `${url} has no score of ${target} yet` };
    return { scores: Object.fromEntries(known) };
  } catch (error) {
    signal.throwIfAborted();
    return { absent: messageOf(error) };
  }
};

export const valuesOf = (scores: Scores): Record<string, number> =>
  Object.fromEntries(Object.entries(scores).map(([database, { value }]) => [database, value]));

const points = (value: number): string => value.toFixed(0);

/** What has fallen by more than it may. A database that has no score any more is one that is not known to be well. */
export const fallen = (before: Readonly<Record<string, number>>, now: Scored, drop: number): string[] => {
  if ('absent' in now) return [`there is no score: ${now.absent}`];
  return Object.entries(before).flatMap(([database, was]) => {
    const is = now.scores[database];
    if (is === undefined) return [`there is no score of ${database} any more`];
    if (is.value >= was - drop) return [];
    return [
      `the score of ${database} fell from ${points(was)} to ${points(is.value)}${is.why === '' ? '' : `: ${is.why}`}`,
    ];
  });
};
