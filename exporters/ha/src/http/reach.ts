import { Problem } from '@submilli/core';

/**
 * How a port answers. `starting`: PostgreSQL says that it starts up or shuts down. `refused`: its host is there, nobody
 * listens. `silent`: somebody listens, nobody answers. `unreachable`: not even its host answers.
 */
export type Reach = 'answers' | 'starting' | 'refused' | 'silent' | 'unreachable';

/** A failure that says how far we came. */
export class Unreached extends Problem {
  readonly reach: Reach;

  constructor(reach: Reach, problem: Problem) {
    const { what, where, hint } = problem;
    super(problem.kind, {
      what,
      ...(where === undefined ? {} : { where }),
      ...(hint === undefined ? {} : { hint }),
      cause: problem.cause,
    });
    this.name = 'Unreached';
    this.reach = reach;
  }
}

const AWAY = ['EHOSTUNREACH', 'ENETUNREACH', 'EHOSTDOWN', 'ETIMEDOUT', 'ENOTFOUND', 'EAI_AGAIN'];

/** What an error of a socket says; one after the connection was made is somebody who hangs up. */
export const reachOf = (error: unknown): Reach => {
  const first: unknown = error instanceof AggregateError ? error.errors[0] : error;
  const code = (first as { readonly code?: unknown } | null)?.code;
  return typeof code === 'string' && AWAY.includes(code) ? 'unreachable' : 'refused';
};
