import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { configSchema, parseConfig } from '@submilli/core';

const file = join(__dirname, '..', '..', 'submilli.yml');
const text = readFileSync(file, 'utf8');

describe('the documented configuration, submilli.yml', () => {
  it('writes out exactly the defaults', () => {
    expect(parseConfig(text, file, {})).toEqual(configSchema.parse({}));
  });

  it('shows examples that are valid when their comment signs are taken away', () => {
    const examples = text
      .replaceAll(/^(postgres|pgbouncer|clusters): \[\]$/gm, '$1:')
      .replaceAll(/^(reference|witness): null$/gm, '$1:')
      .replaceAll(/^#( {2}(- | |\w).*)$/gm, '$1');
    const config = parseConfig(examples, file, {});
    expect(config.postgres[0]?.name).toBe('pg1');
    expect(config.clusters[0]?.patroni).toHaveLength(2);
    expect(config.witness?.witnesses).toHaveLength(3);
    expect(config.reference?.etcd).toHaveLength(3);
  });
});
