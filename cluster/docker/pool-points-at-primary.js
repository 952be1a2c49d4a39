'use strict';
// Health check of the service `follow-primary`: does the file PgBouncer includes name the member Patroni calls primary?
/* global fetch, AbortSignal */
const { readFileSync } = require('node:fs');

const isPrimary = (member) =>
  fetch(`http://${member}:8008/primary`, { signal: AbortSignal.timeout(2000) }).then(
    (answer) => answer.ok,
    () => false,
  );

const main = async () => {
  const members = ['pg1', 'pg2'];
  const answers = await Promise.all(members.map(isPrimary));
  const primary = members.find((_, i) => answers[i]);
  const followed = /host=(\S+)/.exec(readFileSync('/var/lib/pool/primary.ini', 'utf8'))?.[1];
  if (primary !== undefined && primary === followed) return;
  console.error(`primary: ${primary ?? 'none'}; the pool points at ${followed ?? 'nothing'}`);
  process.exitCode = 1;
};

void main();
