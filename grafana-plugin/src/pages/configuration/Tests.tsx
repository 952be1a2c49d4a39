import type { GrafanaTheme2 } from '@grafana/data';
import { css } from '@emotion/css';
import { t, Trans } from '@grafana/i18n';
import { Button, Icon, useStyles2 } from '@grafana/ui';
import { useState } from 'react';
import type { Settings } from '../../settings';
import { type Outcome, tryAll } from './try-all';

type Props = { readonly settings: Settings; readonly unsaved: boolean };

/** Asks everything once, and says exactly what answers and what does not. */
export const Tests = ({ settings, unsaved }: Props) => {
  const styles = useStyles2(stylesOf);
  const [outcomes, setOutcomes] = useState<readonly Outcome[]>([]);
  const [trying, setTrying] = useState(false);
  const run = async (): Promise<void> => {
    setTrying(true);
    setOutcomes(await tryAll(settings));
    setTrying(false);
  };
  return (
    <section aria-label={t('configuration.test.title', 'Test')}>
      <Button variant="secondary" icon="heart-rate" onClick={() => void run()} disabled={trying || unsaved}>
        <Trans i18nKey="configuration.test.button">Test</Trans>
      </Button>{' '}
      {unsaved ? <Trans i18nKey="configuration.test.save-first">Save first: what is saved is tested.</Trans> : null}
      <ul className={styles.list} aria-live="polite">
        {outcomes.map(({ what, ok, said }) => (
          <li key={what} data-testid={`outcome-${what}`}>
            <Icon name={ok ? 'check-circle' : 'exclamation-triangle'} className={ok ? styles.good : styles.bad} />{' '}
            <strong>{what}</strong>: {said}
          </li>
        ))}
      </ul>
    </section>
  );
};

const stylesOf = (theme: GrafanaTheme2) => ({
  list: css({ listStyle: 'none', marginTop: theme.spacing(2), display: 'grid', gap: theme.spacing(1) }),
  good: css({ color: theme.colors.success.text }),
  bad: css({ color: theme.colors.error.text }),
});
