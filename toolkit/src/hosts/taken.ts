import { readFileSync } from 'node:fs';
import { networkInterfaces } from 'node:os';
import { toNumber, type Subnet } from './plan';

/** The networks in the text of `/proc/net/route`, without the default route. Addresses there are little-endian hex. */
export const parseRoutes = (text: string): Subnet[] =>
  text
    .split('\n')
    .slice(1)
    .flatMap((line) => {
      const [, destination = '', , , , , , mask = ''] = line.trim().split(/\s+/);
      const ones = bigEndian(mask).toString(2).replaceAll('0', '').length;
      return destination === '' || ones === 0 ? [] : [{ address: bigEndian(destination), prefixLength: ones }];
    });

const bigEndian = (hex: string): number => Number.parseInt((hex.match(/../g) ?? []).reverse().join(''), 16);

/** What this network namespace has addresses in or routes to. */
export const takenSubnets = (): Subnet[] => [
  ...parseRoutes(readFileSync('/proc/net/route', 'utf8')),
  ...Object.values(networkInterfaces()).flatMap((addresses = []) =>
    addresses
      .filter(({ family }) => family === 'IPv4')
      .map(({ address, cidr }) => ({
        address: toNumber(address),
        prefixLength: Number(cidr?.split('/')[1] ?? 32),
      })),
  ),
];
