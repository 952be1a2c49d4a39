import { doesNotApply, elsewhere, type Row } from '../cell';

/** Nobody here reads it: Prometheus tells it what fires, and it tells people. */
const silence = elsewhere(
  'toolkit/test/e2e/alerts.test.ts',
  'hears the heartbeat again and again, and nothing else with it',
  'nothing that it should have told can be told by it: whoever waits for the heartbeat of `Watchdog` hears that it is silent',
);

/** Alertmanager, as those hear it who are told by it. */
export const alertmanager: Row = {
  ...{ kill: silence, stop: silence, refuse: silence, reset: silence, slow: silence, garbage: silence },
  ...{ tls: silence, password: silence, network: silence },
  permission: doesNotApply('It asks nobody for a right: it is told, and tells.'),
  disk: doesNotApply('On its disk are silences and what was told; without, it says things twice, and none not at all.'),
  clock: doesNotApply(
    'Its waits are between what Prometheus sends; an hour’s jump makes a notification early or late.',
  ),
};
