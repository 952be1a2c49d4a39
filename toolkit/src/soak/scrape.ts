import type { ExporterName } from '@submilli/core';
import { exporterPorts } from '../stack/exporters-service';
import { ask } from '../stack/http';
import { parseAnswer, type Answer, labelOf, nameOf } from './exposition';
import { isOwn, shownWhenDown } from './parts';

const TIMEOUT_SECONDS = 8;
/** An answer may be late where the processor is not to be had; one that does not come is another thing. */
const PATIENCE_SECONDS = 20;

/** One collection, as Prometheus asks for it. The first target is what `/metrics` shows, with the process' own figures. */
export const scrape = async (exporter: ExporterName, target: string, isFirst: boolean): Promise<Answer> => {
  const path = isFirst ? '/metrics' : `/probe?target=${encodeURIComponent(target)}`;
  const url = `http://127.0.0.1:${exporterPorts[exporter]}${path}`;
  const headers = { 'X-Prometheus-Scrape-Timeout-Seconds': String(TIMEOUT_SECONDS) };
  const { status, text } = await ask(url, AbortSignal.timeout(PATIENCE_SECONDS * 1000), { headers });
  if (status !== 200) throw new Error(`${url} answers ${status}`);
  return parseAnswer(text);
};

export const isUp = ({ values }: Answer): boolean => values.get('db_exporter_up') === 1;

export const failingIn = ({ values }: Answer): string[] =>
  [...values].flatMap(([key, value]) =>
    nameOf(key) === 'db_exporter_collector_success' && value === 0 ? [labelOf(key, 'collector') ?? ''] : [],
  );

/** Families about the target, beside what may be said of one that is down. */
export const aboutTarget = ({ series }: Answer): string[] =>
  [...series.keys()].filter((name) => !isOwn(name) && !shownWhenDown.has(name));

export const largestIn = ({ series }: Answer): { readonly name: string; readonly series: number } | null => {
  let largest: { name: string; series: number } | null = null;
  for (const [name, count] of series) if (count > (largest?.series ?? 0)) largest = { name, series: count };
  return largest;
};
