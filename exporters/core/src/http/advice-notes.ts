import express, { type Request, type Response, Router } from 'express';
import { z } from 'zod';
import { type AdviceAction, adviceActions, adviceRequest, type AdviceRequest } from '../api/recommendations';
import type { AdviceBook } from '../advice/book';
import { type Clock } from '../clock';
import { userOf, whyNotWrite } from './caller';

export type AdviceNotesOptions = {
  readonly book: AdviceBook;
  readonly clock: Clock;
  /** The names of the targets there are now. */
  readonly targets: () => readonly string[];
  /** Whether whoever gets here has given user and password. */
  readonly isLoggedIn: boolean;
};

const STATUS = { unknown: 404, conflict: 409 } as const;
const LONGEST_MS = 366 * 24 * 3600 * 1000;

/** `POST /api/v1/recommendations/{id}/{action}`: what somebody says of a recommendation. Changes nothing but that. */
export const adviceNotes = ({ book, clock, targets, isLoggedIn }: AdviceNotesOptions): Router => {
  const mayWrite = (request: Request, response: Response, next: () => void): void => {
    const why = whyNotWrite(request, isLoggedIn, 'a note on advice');
    if (why === undefined) next();
    else refuse(response, 403, why);
  };
  // No form of a foreign web page can send this type without asking first, and nobody here says yes to that.
  const isJson = (request: Request, response: Response, next: () => void): void => {
    if (typeof request.is('application/json') === 'string') next();
    else refuse(response, 415, 'the body is JSON, with content-type: application/json');
  };
  const body = express.json({ limit: '8kb' });
  const router = Router();
  router.post(
    '/:id/:action',
    mayWrite,
    isJson,
    body,
    async (request: Request<{ id: string; action: string }>, response) => {
      const { id } = request.params;
      const action = adviceActions.find((known) => known === request.params.action);
      if (action === undefined) {
        refuse(response, 404, `what can be done is ${adviceActions.join(', ')}`);
        return;
      }
      const parsed = adviceRequest.safeParse(request.body);
      if (!parsed.success) {
        refuse(response, 400, z.prettifyError(parsed.error).replaceAll('\n', ' '));
        return;
      }
      const user = isLoggedIn ? userOf(request.get('authorization')) : undefined;
      const said = saidOf(action, parsed.data, user, clock.wall());
      if (typeof said === 'string') {
        refuse(response, 400, said);
        return;
      }
      const answer = await book.say(id, said, targets());
      if ('refused' in answer) refuse(response, STATUS[answer.refused], answer.why);
      else response.json(answer);
    },
  );
  return router;
};

const refuse = (response: Response, status: number, error: string): void => {
  response.status(status).json({ error, hint: null });
};

/** A sentence if it makes no sense. */
const saidOf = (action: AdviceAction, request: AdviceRequest, user: string | undefined, now: number) => {
  const { why = null } = request;
  const until = request.until === undefined ? null : Date.parse(request.until);
  const by = nameOf(request.by, user);
  if (by === undefined) return 'say who you are: by';
  if (action === 'reopen') return until === null ? { action, by, why, until } : 'nothing is reopened until a moment';
  if (action === 'snooze' && until === null) return 'say until when: until, as 2030-01-31T12:00:00Z';
  if (until !== null && (until <= now || until > now + LONGEST_MS)) return 'until is a moment in the year to come';
  return { action, by, why, until };
};

/** Whoever speaks for somebody else (a web page with a login of its own) is named too. */
const nameOf = (by: string | undefined, user: string | undefined): string | undefined =>
  user === undefined || by === user ? by : by === undefined ? user : `${by} (through ${user})`;
