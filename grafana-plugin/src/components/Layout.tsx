import type { GrafanaTheme2 } from '@grafana/data';
import { css } from '@emotion/css';
import { useStyles2 } from '@grafana/ui';
import type { ReactNode } from 'react';

type Props = { readonly children: ReactNode };

/** Charts beside each other where there is room. */
export const ChartGrid = ({ children }: Props) => <div className={useStyles2(stylesOf).charts}>{children}</div>;

/** What a page's content is chosen by. */
export const Filters = ({ children }: Props) => (
  <div className={useStyles2(stylesOf).filters} role="search">
    {children}
  </div>
);

const stylesOf = (theme: GrafanaTheme2) => ({
  charts: css({
    display: 'grid',
    gap: theme.spacing(1),
    gridTemplateColumns: `repeat(auto-fit, minmax(min(100%, ${theme.spacing(50)}), 1fr))`,
  }),
  filters: css({
    ...{ display: 'flex', flexWrap: 'wrap', gap: theme.spacing(2), alignItems: 'flex-end' },
    '& > *': { maxWidth: '100%', overflowX: 'auto' },
  }),
});
