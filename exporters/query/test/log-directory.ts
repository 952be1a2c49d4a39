import type { LogAccess } from '../src/log/access';
import { inOrder, type LogFile, type Position } from '../src/log/position';
import { type LogStretch, readOn } from '../src/log/read';
import type { Format } from '../src/log/records';

/** What tests about reading a log have in common: a log directory in memory. */
export type Directory = Map<string, { bytes: Buffer; modified: number }>;

export const accessTo = (directory: Directory, mostBytes: number, before: (name: string) => void = () => undefined) => {
  let read = 0;
  const access: LogAccess = {
    ...{ by: 'file', mostBytes },
    list: () =>
      Promise.resolve(
        [...directory].map(([name, { bytes, modified }]): LogFile => ({ name, size: bytes.length, modified })),
      ),
    read: (name, offset, length) => {
      before(name);
      const bytes = directory.get(name)?.bytes ?? Buffer.alloc(0);
      read += Math.min(length, Math.max(0, bytes.length - offset));
      return Promise.resolve({ head: bytes.subarray(0, 128), bytes: bytes.subarray(offset, offset + length) });
    },
  };
  return { access, read: () => read };
};

export const patient = { remainingMs: () => 1000 };
export const formats = ['jsonlog', 'csvlog'] as const;
export const nameOf = (format: Format, name: string): string => `${name}.${format === 'jsonlog' ? 'json' : 'csv'}`;

const quoted = (text: string): string => `"${text.replaceAll('"', '""')}"`;
/** A line whose duration tells which one it is. */
export const lineOf = (format: Format, id: number, text = 'SELECT 1'): string => {
  const message = `duration: ${id}.000 ms  statement: ${text}`;
  const time = `2026-11-23 20:25:37.${String(id % 1000).padStart(3, '0')} UTC`;
  const json = {
    ...{ timestamp: time, user: 'app', dbname: 'd', pid: 4, ps: 'SELECT', error_severity: 'LOG', message },
    ...{ backend_type: 'client backend', query_id: 5 },
  };
  const fields = [
    time,
    '"app"',
    '"d"',
    4,
    '',
    '64f.2a',
    1,
    '"SELECT"',
    time,
    '3/4',
    0,
    'LOG',
    '00000',
    quoted(message),
  ];
  return `${format === 'jsonlog' ? JSON.stringify(json) : [...fields, ...',,,,,,,,'.split(','), '"client backend"', '', 5].join(',')}\n`;
};
export const idsOf = (stretch: LogStretch): number[] =>
  stretch.lines.map((line) => (line.kind === 'duration' ? Math.round(line.seconds * 1000) : NaN));

/** One look from a position on. */
export const look = async (
  directory: Directory,
  format: Format,
  position: Position | undefined,
  { mostBytes = 100_000, before = () => undefined }: { mostBytes?: number; before?: (name: string) => void } = {},
): Promise<LogStretch> => {
  const { access } = accessTo(directory, mostBytes, before);
  return readOn(access, format, inOrder(await access.list(patient), format), position, patient);
};
