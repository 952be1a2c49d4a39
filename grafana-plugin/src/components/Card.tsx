import type { GrafanaTheme2 } from '@grafana/data';
import { css } from '@emotion/css';
import { useStyles2 } from '@grafana/ui';
import { type ReactNode, useId } from 'react';

type Props = { readonly title: string; readonly children: ReactNode; readonly actions?: ReactNode };

/** A part of a page with a heading of its own. */
export const Card = ({ title, children, actions }: Props) => {
  const styles = useStyles2(stylesOf);
  const id = useId();
  return (
    <section className={styles.card} aria-labelledby={id}>
      <div className={styles.head}>
        <h2 id={id} className={styles.title}>
          {title}
        </h2>
        {actions}
      </div>
      {children}
    </section>
  );
};

/** Cards beside each other where there is room. */
export const Cards = ({ children }: { readonly children: ReactNode }) => {
  const styles = useStyles2(stylesOf);
  return <div className={styles.cards}>{children}</div>;
};

const stylesOf = (theme: GrafanaTheme2) => ({
  card: css({
    background: theme.colors.background.primary,
    border: `1px solid ${theme.colors.border.weak}`,
    borderRadius: theme.shape.radius.default,
    padding: theme.spacing(2),
    minWidth: 0,
  }),
  head: css({
    display: 'flex',
    flexWrap: 'wrap',
    justifyContent: 'space-between',
    alignItems: 'center',
    gap: theme.spacing(1),
  }),
  title: css({ ...theme.typography.h5, margin: `0 0 ${theme.spacing(1)}` }),
  cards: css({
    display: 'grid',
    gap: theme.spacing(2),
    alignItems: 'start',
    gridTemplateColumns: `repeat(auto-fit, minmax(min(100%, ${theme.spacing(45)}), 1fr))`,
  }),
});
