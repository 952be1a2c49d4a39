import { LoadingState, type PanelData, type PanelProps } from '@grafana/data';
import { t } from '@grafana/i18n';
import type { ReactNode } from 'react';
import { Empty, Failed, Loading } from '../../components/states';

type Props = {
  readonly data: PanelData;
  readonly isEmpty: boolean;
  /** Whoever made the panel may have said what it means that there is nothing: then that is said. */
  readonly fieldConfig: PanelProps['fieldConfig'];
  readonly emptyTitle: string;
  /** What would have to be asked for. */
  readonly hint: ReactNode;
  readonly children: () => ReactNode;
};

const FORBIDDEN = /\b(401|403|forbidden|unauthori[sz]ed|permission|access denied)\b/i;

const problemIn = ({ state, error, errors }: PanelData): string | undefined => {
  const [first] = errors ?? [];
  const message = (error ?? first)?.message ?? (error ?? first)?.data?.message;
  if (message !== undefined && message !== '') return message;
  return state === LoadingState.Error ? t('panel.no-reason', 'The data source gives no reason.') : undefined;
};

/** What a panel shows when it has nothing to draw: that it loads, may not, can not, or is asked for nothing it knows. */
export const PanelState = ({ data, isEmpty, fieldConfig, emptyTitle, hint, children }: Props) => {
  if (!isEmpty) return <>{children()}</>;
  const problem = problemIn(data);
  if (problem !== undefined) {
    return (
      <Failed
        title={
          FORBIDDEN.test(problem)
            ? t('panel.forbidden', 'You may not read this data source')
            : t('panel.failed', 'The query failed')
        }
        detail={problem}
      />
    );
  }
  if (data.state === LoadingState.Loading || data.state === LoadingState.NotStarted) return <Loading />;
  const { noValue = '' } = fieldConfig.defaults;
  return noValue === '' ? <Empty title={emptyTitle}>{hint}</Empty> : <Empty title={noValue} />;
};
