import type { GrafanaTheme2 } from '@grafana/data';
import { css } from '@emotion/css';
import { t, Trans } from '@grafana/i18n';
import { ClipboardButton, useStyles2 } from '@grafana/ui';

/** Text to copy: SQL, configuration, a command. It is shown as it is, and never run from here. */
export const Copyable = ({ text, label }: { readonly text: string; readonly label: string }) => {
  const styles = useStyles2(stylesOf);
  return (
    <div className={styles.box}>
      <pre className={styles.text} aria-label={label} tabIndex={0}>
        {text}
      </pre>
      <ClipboardButton
        icon="copy"
        variant="secondary"
        size="sm"
        getText={() => text}
        aria-label={t('copyable.copy-what', 'Copy: {{label}}', { label })}
      >
        <Trans i18nKey="copyable.copy">Copy</Trans>
      </ClipboardButton>
    </div>
  );
};

const stylesOf = (theme: GrafanaTheme2) => ({
  box: css({ display: 'grid', gap: theme.spacing(1), justifyItems: 'start' }),
  text: css({ width: '100%', margin: 0, maxHeight: theme.spacing(40), overflow: 'auto', whiteSpace: 'pre-wrap' }),
});
