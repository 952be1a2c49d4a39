import { doesNotApply, elsewhere, type Row, says, type Told } from '../cell';

/** Nothing is written, and what is wrong is said in one sentence. */
const refuses = (how: string, text: string): Told => ({ how, status: 2, says: text });

const unanswered = elsewhere(
  'toolkit/test/e2e/report.test.ts',
  'ends at Ctrl-C, and writes nothing',
  'a question ends after a minute, or at Ctrl-C; nothing is written',
);

/** Prometheus, as `submilli report` reads it; that it is gone altogether is told by the heartbeat that it no longer sends. */
export const prometheus: Row = {
  kill: says(refuses('its process', 'no answer from .*ECONNREFUSED')),
  stop: unanswered,
  refuse: says(refuses('nobody listens on its port', 'no answer from .*ECONNREFUSED')),
  reset: says(refuses('after half of what it sends', 'no answer from')),
  slow: unanswered,
  garbage: says(refuses('random bytes', 'no answer from|not Prometheus')),
  tls: says(
    { ...refuses('', 'no answer from .*(self-signed|unable to verify)'), tls: 'another authority' },
    { ...refuses('', 'no answer from .*certificate has expired'), tls: 'an expired certificate' },
    { ...refuses('', 'no answer from'), tls: 'plain text' },
  ),
  password: elsewhere(
    'toolkit/test/e2e/report.test.ts',
    'logs in with files, and says so when that is refused',
    'a Prometheus with a password, and a wrong one',
  ),
  permission: doesNotApply('Whoever may ask it may ask for everything.'),
  disk: doesNotApply(
    'What it can no longer keep is a gap, and a gap is told as one: `toolkit/test/e2e/report.test.ts`. Rules go on.',
  ),
  clock: doesNotApply('All of its times are its own; ages in rules are differences of `time()` and what servers tell.'),
  network: unanswered,
};
