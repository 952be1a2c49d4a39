import { configSchema } from '@submilli/core';
import { databaseExporter } from '@submilli/database';

/** Surveys that come less often than once a minute, with the seconds between two: some rounds of scrapes see none. */
export const rareSurveys = (): ReadonlyMap<string, number> => {
  const config = configSchema.parse({});
  const all = databaseExporter.registry.surveys.map(({ name, interval }) => [name, interval(config)] as const);
  return new Map(all.filter(([, seconds]) => seconds > 60));
};

/**
 * What rare surveys take per scrape, in seconds of a connection, by what the exporter says of its first round of them.
 * It is added to what was measured between scrapes, even if one happened to come then.
 */
export const rareSeconds = (
  text: string,
  surveys: ReadonlyMap<string, number>,
  scrapeIntervalSeconds: number,
): number =>
  [...surveys]
    .map(([name, every]) => {
      const found = new RegExp(`^db_exporter_database_seconds_total\\{collector="${name}"\\} (\\S+)$`, 'm').exec(text);
      return (Number(found?.[1] ?? 0) * scrapeIntervalSeconds) / every;
    })
    .reduce((a, b) => a + b, 0);
