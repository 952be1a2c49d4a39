import { t, Trans } from '@grafana/i18n';
import { Collapse, Field, Input, RadioButtonGroup, Switch } from '@grafana/ui';
import { useState } from 'react';
import { useLinks } from '../../app/links';
import { definePage } from '../../app/page';
import { useUrlValue } from '../../app/url-value';
import { RecommendationList } from '../../components/advice/RecommendationList';
import { useAsides } from '../../components/advice/use-asides';
import { severityWord } from '../../components/advice/words';
import { Choice } from '../../components/Choice';
import { Filters } from '../../components/Layout';
import { Empty, isAnyTrouble, Loading, Troubles } from '../../components/states';
import {
  type Advice,
  filterAdvice,
  groupAdvice,
  type Grouping,
  groupings,
  severities,
  type StateGroup,
  stateGroups,
} from '../../domain/advice';
import { isAside } from '../../domain/aside';
import { useAdvice } from './use-advice';

const Content = () => {
  const link = useLinks();
  const { answers, now, earlier, notEvaluated, loading: asking } = useAdvice();
  const [states, setStates] = useUrlValue('state', 'open');
  const [severity, setSeverity] = useUrlValue('severity');
  const [target, setTarget] = useUrlValue('target');
  const [text, setText] = useUrlValue('text', '', { replace: true });
  const [by, setBy] = useUrlValue('group', 'severity');
  const [mine, setMine] = useUrlValue('aside', 'hide');
  const [asides, , isKnown] = useAsides();
  const loading = asking || !isKnown;
  // Not shown for a moment, to be taken away again.
  const all = isKnown ? [...now, ...earlier] : [];
  const isMine = (one: Advice): boolean => isAside(asides, one, Date.now());
  const found = filterAdvice(all, { states: groupOf(states), severity, target, text }).filter(
    (one) => mine === 'show' || !isMine(one),
  );
  const groups = groupAdvice(found, groupings.find((one) => one === by) ?? 'severity');

  return (
    <>
      <Troubles answers={answers} />
      <Filters>
        <Field label={t('advice.filter.state', 'State')} noMargin>
          <RadioButtonGroup value={groupOf(states)} onChange={setStates} options={stateOptions()} />
        </Field>
        <Choice
          label={t('advice.filter.severity', 'Severity')}
          value={severity}
          onChange={setSeverity}
          options={severities.map((value) => ({ value, label: severityWord(value) }))}
        />
        <Choice
          label={t('advice.filter.target', 'Target')}
          value={target}
          onChange={setTarget}
          options={[...new Set(all.map((one) => one.target))].sort().map((value) => ({ value, label: value }))}
        />
        <Field label={t('advice.filter.group', 'Group by')} noMargin>
          <RadioButtonGroup<Grouping>
            value={groupings.find((one) => one === by) ?? 'severity'}
            onChange={setBy}
            options={groupOptions()}
          />
        </Field>
        <Field label={t('advice.filter.text', 'Words')} noMargin>
          <Input id="advice-text" value={text} onChange={({ currentTarget }) => setText(currentTarget.value)} />
        </Field>
        <Field label={t('advice.filter.aside', 'What I put aside')} noMargin>
          <Switch
            id="advice-aside"
            value={mine === 'show'}
            onChange={({ currentTarget }) => setMine(currentTarget.checked ? 'show' : 'hide')}
          />
        </Field>
      </Filters>
      {loading && all.length === 0 ? <Loading lines={6} /> : null}
      {!loading && found.length === 0 && (all.length > 0 || !isAnyTrouble(answers)) ? (
        <NoAdvice any={all.length > 0} />
      ) : null}
      <RecommendationList groups={groups} isAside={isMine} linkOf={(one) => link(`advice/${one.exporter}/${one.id}`)} />
      <NotEvaluated rules={notEvaluated} />
    </>
  );
};

const groupOf = (text: string): StateGroup => stateGroups.find((one) => one === text) ?? 'open';

const stateOptions = () => [
  { value: 'open' as const, label: t('advice.states.open', 'Open') },
  { value: 'acknowledged' as const, label: t('advice.states.acknowledged', 'Acknowledged') },
  { value: 'put aside' as const, label: t('advice.states.aside', 'Put aside') },
  { value: 'done' as const, label: t('advice.states.done', 'Done') },
  { value: 'all' as const, label: t('advice.states.all', 'All') },
];

const groupOptions = () => [
  { value: 'severity' as const, label: t('advice.groups.severity', 'Severity') },
  { value: 'target' as const, label: t('advice.groups.target', 'Target') },
  { value: 'rule' as const, label: t('advice.groups.rule', 'Rule') },
  { value: 'none' as const, label: t('advice.groups.none', 'Nothing') },
];

const NoAdvice = ({ any }: { readonly any: boolean }) => (
  <Empty
    title={any ? t('advice.none-shown', 'Nothing is left with these filters') : t('advice.none', 'There is no advice')}
  >
    {any ? null : (
      <p>
        <Trans i18nKey="advice.none-hint">
          The rules that could look have found nothing. Those that could not are listed below, with what they miss.
        </Trans>
      </p>
    )}
  </Empty>
);

type Rule = { readonly rule: string; readonly target: string; readonly reason: string };

const NotEvaluated = ({ rules }: { readonly rules: readonly Rule[] }) => {
  const [open, setOpen] = useState(false);
  if (rules.length === 0) return null;
  return (
    <Collapse
      label={t('advice.not-evaluated', '{{count}} rules could not look', { count: rules.length })}
      isOpen={open}
      onToggle={() => setOpen(!open)}
    >
      <ul>
        {rules.map(({ rule, target, reason }) => (
          <li key={`${rule} ${target}`}>
            <strong>{rule}</strong> ({target}): {reason}
          </li>
        ))}
      </ul>
    </Collapse>
  );
};

export const AdvicePage = definePage({ charts: () => ({}), Content });
