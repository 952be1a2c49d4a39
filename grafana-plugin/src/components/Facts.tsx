import type { GrafanaTheme2 } from '@grafana/data';
import { css } from '@emotion/css';
import { useStyles2 } from '@grafana/ui';
import type { ReactNode } from 'react';

/** Names and values, side by side where there is room. */
export const Facts = ({ facts }: { readonly facts: readonly (readonly [string, ReactNode])[] }) => {
  const styles = useStyles2(stylesOf);
  return (
    <dl className={styles.list}>
      {facts.map(([name, value]) => (
        <div key={name} className={styles.pair}>
          <dt className={styles.name}>{name}</dt>
          <dd className={styles.value}>{value}</dd>
        </div>
      ))}
    </dl>
  );
};

const stylesOf = (theme: GrafanaTheme2) => ({
  list: css({
    display: 'grid',
    gridTemplateColumns: `repeat(auto-fill, minmax(${theme.spacing(24)}, 1fr))`,
    gap: theme.spacing(1.5),
    margin: 0,
  }),
  pair: css({ minWidth: 0 }),
  name: css({
    color: theme.colors.text.secondary,
    fontWeight: 'normal',
    fontSize: theme.typography.bodySmall.fontSize,
  }),
  value: css({ margin: 0, overflowWrap: 'anywhere' }),
});
