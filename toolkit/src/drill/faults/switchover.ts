import { switchOver } from '../switchover';
import type { Fault } from './fault';

/** Not a fault, but measured like one. */
export const switchover: Fault = {
  refusal: ({ patroni }) =>
    patroni === undefined ? 'Patroni’s REST API asks for a user and password for it' : undefined,
  inject: async ({ topology, patroni, primary, standby, journal, event }) => {
    await switchOver({
      ...{ topology, patroni, from: primary, to: standby, journal },
      onStep: (step) => event('switchover', step),
    });
    return {
      what: `switchover from ${primary.name} to ${standby.name}, with the pool paused`,
      member: primary,
      hold: { until: 'failover', atLeastSeconds: 1 },
      undo: [],
    };
  },
};
