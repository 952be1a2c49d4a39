import { rulesPage } from './docs/page';
import { grafanaFiles } from './grafana/files';
import { alerts, files } from './groups';
import { notANumberYaml, proofYaml } from './proof';
import { rulesYaml } from './rules-file';

/** Every generated file of this room, by its path in it. */
export const generated = (): ReadonlyMap<string, string> =>
  new Map([
    ['tests/not-a-number.rules.yml', notANumberYaml(alerts)] as const,
    ...files.map((file) => [`${file.name}.rules.yml`, rulesYaml(file)] as const),
    ...files.flatMap((file) => {
      const proof = proofYaml(file);
      return proof === undefined ? [] : [[`tests/${file.name}.test.yml`, proof] as const];
    }),
    ...grafanaFiles(),
    ['../docs/dashboards-and-rules.md', rulesPage()] as const,
  ]);
