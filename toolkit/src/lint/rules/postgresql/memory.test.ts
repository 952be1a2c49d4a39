import type { Given } from '../../files/read';
import { lint } from '../../run';

const given = (kind: Given['kind'], path: string, text: string): Given => ({ kind, source: { path, text } });

/** How bad a work_mem is for a hundred sessions on 16 GB. */
const severities = (workMem: string, more: readonly Given[] = []): string[] => {
  const text = `max_connections = 100\nshared_buffers = 4GB\nwork_mem = ${workMem}\n`;
  const files = [given('postgresql', 'postgresql.conf', text), ...more];
  const context = {
    machine: { memory_mb: 16_384, cores: 8, storage: 'ssd' as const },
    ...{ versions: { pgbouncer: '1.18', postgresql: 15 }, openFiles: 1024 },
  };
  return lint(files, context, () => undefined).findings.flatMap(({ rule, severity }) =>
    rule.id === 'postgresql-memory' ? [severity] : [],
  );
};

describe('what all sessions together may ask for', () => {
  it('is nothing to speak of, a warning or an error, as it goes beyond the memory', () => {
    expect(severities('16MB')).toEqual([]);
    expect(severities('128MB')).toEqual(['warning']);
    expect(severities('1GB')).toEqual(['error']);
  });

  it('is what the pool in front lets through', () => {
    const pool = '[databases]\n* = host=127.0.0.1\n\n[pgbouncer]\ndefault_pool_size = 10\nmax_db_connections = 10\n';
    expect(severities('1GB', [given('pgbouncer', 'pgbouncer.ini', pool)])).toEqual(['warning']);
  });
});
