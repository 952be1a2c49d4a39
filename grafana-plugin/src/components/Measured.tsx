import { css } from '@emotion/css';
import { useMeasure } from 'react-use';
import type { ReactNode } from 'react';

/** Draws what needs to know how wide it is. */
export const Measured = ({ children }: { readonly children: (width: number) => ReactNode }) => {
  const [ref, { width }] = useMeasure<HTMLDivElement>();
  return (
    <div ref={ref} className={css({ width: '100%', minWidth: 0 })}>
      {width > 0 ? children(width) : null}
    </div>
  );
};
