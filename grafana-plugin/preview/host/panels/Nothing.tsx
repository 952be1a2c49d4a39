import { css } from '@emotion/css';
import { LoadingState, type PanelProps } from '@grafana/data';

const centre = css({ height: '100%', display: 'grid', placeItems: 'center', textAlign: 'center' });

type Props = Pick<PanelProps, 'data' | 'fieldConfig'>;

/** Instead of a drawing: why there is none, or what it means that there is nothing to draw. */
export const Nothing = ({ data, fieldConfig }: Props) => {
  if (data.state === LoadingState.Loading) return null;
  const problem = problemIn(data);
  if (problem !== undefined) return <p role="alert">{problem}</p>;
  return <p className={centre}>{fieldConfig.defaults.noValue ?? 'No data'}</p>;
};

/** What the data source says is wrong. */
export const problemIn = ({ error, errors = [] }: PanelProps['data']): string | undefined => {
  const first = error ?? errors[0];
  return first?.message ?? first?.data?.message;
};

export const isEmpty = ({ series }: PanelProps['data']): boolean => series.every(({ length }) => length === 0);
