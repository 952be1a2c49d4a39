import { deviceOf, freeSubnet, planNetwork, toNumber } from './plan';

const state = '/var/tmp/one/stack';

describe('the network of hosts', () => {
  it('is named after the state directory, short enough for a device', () => {
    expect(deviceOf(state)).toMatch(/^sub-[0-9a-f]{8}$/);
    expect(deviceOf(state)).not.toBe(deviceOf('/var/tmp/two/stack'));
    expect(deviceOf(state).length).toBeLessThanOrEqual(15);
  });

  it('takes another subnet when an address, a route or a wider network is in the way', () => {
    const first = freeSubnet(state, []) ?? '';
    expect(first).toMatch(/^10\.(6[4-9]|[7-9]\d|1[01]\d|12[0-7])\.\d+\.0$/);
    const next = freeSubnet(state, [{ address: toNumber(first) + 7, prefixLength: 32 }]) ?? '';
    expect(next).not.toBe(first);
    const [, second = ''] = first.split('.');
    const wide = { address: toNumber(`10.${second}.0.0`), prefixLength: 16 };
    expect(freeSubnet(state, [wide])).not.toMatch(new RegExp(`^10\\.${second}\\.`));
  });

  it('is refused where all of 10.0.0.0 is routed already; a default route is no reason', () => {
    expect(freeSubnet(state, [{ address: toNumber('10.0.0.0'), prefixLength: 8 }])).toBeUndefined();
  });

  it('gives each host an address of its own', () => {
    const plan = planNetwork(state, '10.70.1.0', [{ name: 'a' }, { name: 'b' }, { name: 'c' }]);
    expect(plan.address).toBe('10.70.1.1');
    expect(plan.hosts.map(({ name, address }) => `${name} ${address}`)).toEqual([
      'a 10.70.1.11',
      'b 10.70.1.12',
      'c 10.70.1.13',
    ]);
  });
});
