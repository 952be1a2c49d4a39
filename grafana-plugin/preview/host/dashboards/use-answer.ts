import { useEffect, useState } from 'react';

export type Problem = { readonly status?: number; readonly message: string };

const problemOf = (error: unknown): Problem => {
  const { status, data } = error as { readonly status?: number; readonly data?: { readonly message?: string } };
  return { ...(status === undefined ? {} : { status }), message: data?.message ?? String(error) };
};

/** What the server answers to a question about one thing; a question that has been overtaken is forgotten. */
export const useAnswer = <T>(ask: (about: string) => Promise<T>, about: string) => {
  const [state, setState] = useState<{ about: string; answer?: T; problem?: Problem }>({ about });
  useEffect(() => {
    let current = true;
    ask(about).then(
      (answer) => current && setState({ about, answer }),
      (error: unknown) => current && setState({ about, problem: problemOf(error) }),
    );
    return () => {
      current = false;
    };
  }, [ask, about]);
  return state.about === about ? state : { about };
};
