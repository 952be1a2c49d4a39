import { isIP } from 'node:net';
import { type HbaRecord, parseHbaLine } from '../parse/hba';
import type { Broken } from '../parse/place';
import { at } from '../parse/yaml';
import { filesOf, type HbaFile, type PatroniFile, type Scene } from '../scene';
import { dynamicOf } from './patroni';

/** The rules of one server: of a pg_hba.conf, or of a list in patroni.yml. */
export type Access = {
  readonly file: HbaFile | PatroniFile;
  readonly records: readonly HbaRecord[];
  readonly broken: readonly Broken[];
};

const ofPatroni = (file: PatroniFile): Access[] => {
  const lists = [
    at(file.root, 'postgresql', 'pg_hba'),
    at(dynamicOf(file), 'postgresql', 'pg_hba'),
    at(file.root, 'bootstrap', 'pg_hba'),
  ];
  // A member's own list holds over that of the DCS; a dynamic configuration by itself has one list only.
  const list = lists.find((one) => one !== undefined);
  if (list === undefined) return [];
  const parsed = list.items.flatMap(({ place: { source, start, end }, quoted, text }) => {
    if (text === undefined) return [];
    const inner = quoted ? 1 : 0;
    const found = parseHbaLine(source, start + inner, end - inner);
    return found === undefined ? [] : [found];
  });
  return [
    {
      file,
      records: parsed.filter((one): one is HbaRecord => 'method' in one),
      broken: parsed.filter((one): one is Broken => 'what' in one),
    },
  ];
};

export const accessesOf = (scene: Scene): Access[] => [
  ...filesOf(scene, 'hba').map((file): Access => ({ file, records: file.records, broken: [] })),
  ...filesOf(scene, 'patroni').flatMap(ofPatroni),
];

/** Whether connections of a record come from the machine itself only. */
export const isFromHere = ({ type, address }: HbaRecord): boolean =>
  type.text === 'local' || /^(127\.\d+\.\d+\.\d+(\/\d+)?|::1(\/128)?|localhost|samehost)$/.test(address?.text ?? '');

const bits = (address: string): string | undefined => {
  if (isIP(address) === 4)
    return address
      .split('.')
      .map((part) => Number(part).toString(2).padStart(8, '0'))
      .join('');
  if (isIP(address) !== 6 || address.includes('.')) return undefined;
  const [head = '', tail] = address.split('::');
  const groups = (text: string): string[] => (text === '' ? [] : text.split(':'));
  const [left, right] = [groups(head), groups(tail ?? '')];
  const middle = tail === undefined ? [] : Array.from({ length: 8 - left.length - right.length }, () => '0');
  return [...left, ...middle, ...right].map((group) => parseInt(group, 16).toString(2).padStart(16, '0')).join('');
};

/** The bits that an address of the record begins with, and how many there are; undefined for names and keywords. */
const network = ({ address, mask }: HbaRecord): string | undefined => {
  const [base = '', prefix] = (address?.text ?? '').split('/');
  const all = bits(base);
  if (all === undefined) return undefined;
  const family = all.length === 32 ? '4' : '6';
  const length =
    prefix !== undefined
      ? Number(prefix)
      : (bits(mask?.text ?? '') ?? '1'.repeat(all.length)).replace(/0+$/, '').length;
  return `${family}:${all.slice(0, length)}`;
};

export const isEverywhere = (record: HbaRecord): boolean =>
  record.address?.text === 'all' || /^[46]:$/.test(network(record) ?? '');

const TYPES: Readonly<Record<string, readonly string[]>> = {
  host: ['host', 'hostssl', 'hostnossl', 'hostgssenc', 'hostnogssenc'],
};

const coversNames = (wide: HbaRecord['users'], narrow: HbaRecord['users'], replication: boolean): boolean =>
  narrow.every(({ text }) =>
    wide.some((one) => one.text === text || (one.text === 'all' && !(replication && text === 'replication'))),
  );

/** Whether whatever matches the second record has matched the first. */
export const covers = (first: HbaRecord, second: HbaRecord): boolean => {
  if (!(TYPES[first.type.text] ?? [first.type.text]).includes(second.type.text)) return false;
  if (!coversNames(first.databases, second.databases, true) || !coversNames(first.users, second.users, false))
    return false;
  if (second.type.text === 'local' || first.address?.text === 'all') return true;
  if (first.address?.text === second.address?.text && first.mask?.text === second.mask?.text) return true;
  const [wide, narrow] = [network(first), network(second)];
  return wide !== undefined && narrow?.startsWith(wide) === true;
};
