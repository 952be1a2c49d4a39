import { toNumber } from './plan';
import { parseRoutes } from './taken';

const text = `Iface	Destination	Gateway 	Flags	RefCnt	Use	Metric	Mask		MTU	Window	IRTT
eth0	00000000	010012AC	0003	0	0	0	00000000	0	0	0
eth0	000012AC	00000000	0001	0	0	0	0000FFFF	0	0	0
`;

it('the routes of a machine are read, and its default route is none', () => {
  expect(parseRoutes(text)).toEqual([{ address: toNumber('172.18.0.0'), prefixLength: 16 }]);
});
