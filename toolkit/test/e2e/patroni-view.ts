import { haExporter } from '@submilli/ha';
import { configSchema } from '@submilli/core';
import { differences, type Exception, judged } from '../../../exporters/core/test/side-by-side';
import { scrape, watch } from '../../../exporters/core/test/watching';
import { getOk } from '../../src/stack/http';

/** What Patroni 3.0.2 says otherwise than our view, which is that of 4.1. */
const exceptions: readonly Exception[] = [
  [/^family only there: patroni_master$/, 'patroni_primary says the same; gone with 4.0'],
  [/^label only here: patroni_\w+ name$/, 'added by 3.2'],
  [/^type: patroni_postgres_timeline is gauge here, counter there$/, 'it goes back when a cluster is restored'],
  [/^family only here: patroni_(postgres_state|quorum_standby|fail\w+_(enabled|priority))$/, 'added by later versions'],
];

/** Compares the view of one member with what that member says of itself at the same time. */
export const patroniVerdict = async (url: string, caFile: string): Promise<ReturnType<typeof judged>> => {
  const config = configSchema.parse({
    clusters: [{ name: 'one', patroni: [url], patroni_ca_file: caFile }],
    compatibility: ['patroni'],
  });
  const target = watch(haExporter, config);
  const ask = (): Promise<string> => getOk(`${url}/metrics`, AbortSignal.timeout(5000), { caFile });
  try {
    const before = await ask();
    const text = await scrape(target);
    const ours = text.split('\n').filter((line) => /^(# TYPE )?patroni_/.test(line));
    return judged(differences(before, ours.join('\n'), await ask()), exceptions);
  } finally {
    await target.close();
  }
};
