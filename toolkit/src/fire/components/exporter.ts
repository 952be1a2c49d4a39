import { doesNotApply, type Row, type Scraped, seen } from '../cell';

const alert = { name: 'SubmilliExporterDown', labels: { cluster: 'fire' } } as const;
const lost = (how: string, scrapeError: string): Scraped => ({ how, scrapeError, alert });

/** An exporter itself, as Prometheus sees it. */
export const exporter: Row = {
  kill: seen(lost('its process', 'connection refused|EOF|reset')),
  stop: seen(lost('its process', 'deadline exceeded|timeout')),
  refuse: seen(lost('nobody listens on its port', 'connection refused')),
  reset: seen(lost('after half of what it sends', 'reset|EOF')),
  slow: seen(lost('a byte in 40 ms', 'deadline exceeded|timeout')),
  garbage: seen(lost('random bytes, inside TLS', 'malformed HTTP')),
  tls: seen(
    { ...lost('', 'unknown authority'), tls: 'another authority' },
    { ...lost('', 'has expired'), tls: 'an expired certificate' },
    { ...lost('', 'HTTP response to HTTPS client|does not look like a TLS handshake'), tls: 'plain text' },
  ),
  password: seen(lost('Prometheus has another one', '401 Unauthorized')),
  permission: doesNotApply(
    'There is one right: who may scrape may read. Writing is a matter of its own: docs/security.md.',
  ),
  disk: {
    kind: 'goes on',
    how: 'of its state_directory, to the last byte',
    log: 'cannot be (kept|written): ENOSPC',
    holds: ['every family is there', 'no collector fails'],
  },
  clock: {
    kind: 'goes on',
    how: 'an hour forward, and an hour back',
    log: null,
    holds: ['every family is there', 'no collector fails', 'no duration or age is absurd', 'no counter goes back'],
  },
  network: seen(lost('the cable between', 'deadline exceeded|no route|timeout|connection reset|EOF')),
};
