import type { GrafanaTheme2 } from '@grafana/data';
import { css } from '@emotion/css';
import { t, Trans } from '@grafana/i18n';
import { config } from '@grafana/runtime';
import { Alert, Button, Field, Input, RadioButtonGroup, Stack, useStyles2 } from '@grafana/ui';
import type { AdviceAction } from '@submilli/api/recommendations';
import { useState } from 'react';
import { useNote } from '../../api/use-exporters';
import { type Advice, isOpen } from '../../domain/advice';
import { isAside } from '../../domain/aside';
import { useAsides } from './use-asides';

const HOUR = 3600_000;
type Days = 1 | 7 | 30;
type Chosen = 'acknowledge' | 'snooze' | 'dismiss';

/** What can be said about a recommendation: to the team by editors, or to put it aside for oneself. */
export const AdviceActions = ({ advice }: { readonly advice: Advice }) => {
  const { user } = config.bootData;
  const role: string = user.orgRole;
  const mayTell = role === 'Editor' || role === 'Admin' || user.isGrafanaAdmin;
  const [chosen, choose] = useState<Chosen>();
  const note = useNote();
  const [asides, putAside] = useAsides();
  const aside = isAside(asides, advice, Date.now());
  const say = (action: AdviceAction, why: string, until?: Date): void => {
    const said = {
      by: user.login,
      ...(why === '' ? {} : { why }),
      ...(until === undefined ? {} : { until: until.toISOString() }),
    };
    note.mutate(
      { exporter: advice.exporter, id: advice.id, action, request: said },
      { onSuccess: () => choose(undefined) },
    );
  };
  return (
    <Stack direction="column" gap={1}>
      <Stack direction="row" gap={1} wrap="wrap">
        {isOpen(advice) ? null : (
          <Button variant="secondary" icon="history" disabled={!mayTell} onClick={() => say('reopen', '')}>
            <Trans i18nKey="advice.reopen">Reopen</Trans>
          </Button>
        )}
        <Button
          variant="secondary"
          icon="check"
          disabled={!mayTell}
          aria-expanded={chosen === 'acknowledge'}
          onClick={() => choose('acknowledge')}
        >
          <Trans i18nKey="advice.acknowledge">Acknowledge</Trans>
        </Button>
        <Button
          variant="secondary"
          icon="clock-nine"
          aria-expanded={chosen === 'snooze'}
          onClick={() => choose('snooze')}
        >
          <Trans i18nKey="advice.snooze">Snooze</Trans>
        </Button>
        <Button variant="secondary" icon="times" aria-expanded={chosen === 'dismiss'} onClick={() => choose('dismiss')}>
          <Trans i18nKey="advice.dismiss">Dismiss</Trans>
        </Button>
        {aside ? (
          <Button variant="secondary" icon="eye" onClick={() => void putAside(advice.id, undefined)}>
            <Trans i18nKey="advice.show-again">Show me again</Trans>
          </Button>
        ) : null}
      </Stack>
      {mayTell ? null : (
        <span>
          <Trans i18nKey="advice.viewer">Viewers can put advice aside for themselves; editors tell the team.</Trans>
        </span>
      )}
      {chosen === undefined ? null : (
        <ReasonForm
          key={chosen}
          chosen={chosen}
          mayTell={mayTell}
          busy={note.isPending}
          onCancel={() => choose(undefined)}
          onTeam={(why, days) =>
            say(chosen, why, days === undefined ? undefined : new Date(Date.now() + days * 24 * HOUR))
          }
          onMe={(why, days) => {
            const until = days === undefined ? null : Date.now() + days * 24 * HOUR;
            void putAside(advice.id, { until, why, severity: advice.severity }).then(() => choose(undefined));
          }}
        />
      )}
      {note.error === null ? null : (
        <Alert severity="error" title={t('advice.not-said', 'That was not accepted')}>
          {note.error.detail}
        </Alert>
      )}
    </Stack>
  );
};

type FormProps = {
  readonly chosen: Chosen;
  readonly mayTell: boolean;
  readonly busy: boolean;
  readonly onTeam: (why: string, days: Days | undefined) => void;
  readonly onMe: (why: string, days: Days | undefined) => void;
  readonly onCancel: () => void;
};

const ReasonForm = ({ chosen, mayTell, busy, onTeam, onMe, onCancel }: FormProps) => {
  const styles = useStyles2(formStyles);
  const [why, setWhy] = useState('');
  const [days, setDays] = useState<Days>(1);
  const [whom, setWhom] = useState<'team' | 'me'>(mayTell ? 'team' : 'me');
  const needsReason = chosen === 'dismiss' && why.trim() === '';
  const forDays = chosen === 'snooze' ? days : undefined;
  return (
    <form
      className={styles.form}
      onSubmit={(event) => {
        event.preventDefault();
        if (needsReason) return;
        if (whom === 'team') onTeam(why.trim(), forDays);
        else onMe(why.trim(), forDays);
      }}
    >
      <Field
        label={chosen === 'dismiss' ? t('advice.why', 'Why') : t('advice.why-optional', 'Why (optional)')}
        noMargin
      >
        <Input
          id="advice-why"
          value={why}
          maxLength={500}
          autoFocus
          onChange={({ currentTarget }) => setWhy(currentTarget.value)}
        />
      </Field>
      {chosen === 'snooze' ? (
        <Field label={t('advice.for', 'For')} noMargin>
          <RadioButtonGroup<Days>
            value={days}
            onChange={setDays}
            options={[
              { value: 1, label: t('advice.day', 'a day') },
              { value: 7, label: t('advice.week', 'a week') },
              { value: 30, label: t('advice.month', '30 days') },
            ]}
          />
        </Field>
      ) : null}
      {chosen === 'acknowledge' ? null : (
        <Field label={t('advice.whom', 'For whom')} noMargin>
          <RadioButtonGroup
            value={whom}
            onChange={setWhom}
            options={[
              { value: 'team' as const, label: t('advice.team', 'the team') },
              { value: 'me' as const, label: t('advice.me', 'me alone') },
            ]}
            disabledOptions={mayTell ? [] : ['team']}
          />
        </Field>
      )}
      <Stack direction="row" gap={1}>
        <Button type="submit" disabled={busy || needsReason}>
          <Trans i18nKey="advice.confirm">Confirm</Trans>
        </Button>
        <Button variant="secondary" onClick={onCancel}>
          <Trans i18nKey="advice.cancel">Cancel</Trans>
        </Button>
      </Stack>
    </form>
  );
};

const formStyles = (theme: GrafanaTheme2) => ({
  form: css({ display: 'grid', gap: theme.spacing(1.5), maxWidth: theme.spacing(60) }),
});
