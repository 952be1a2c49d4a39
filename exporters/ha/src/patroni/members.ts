import { type Deadline, type Problem, problemFrom } from '@submilli/core';
import { type Endpoint, getJson } from '../http/get';
import { type MemberAnswer, memberAnswer } from './schema';

/** One address of Patroni's REST API and what it says of its member, or why it says nothing. */
export type MemberState = {
  readonly address: string;
  readonly answer: MemberAnswer | Problem;
};

export const askMember = async (endpoint: Endpoint, deadline: Deadline): Promise<MemberState> => {
  const answer = await getJson(endpoint, '/patroni', deadline)
    .then((json) => memberAnswer.parse(json))
    .catch((error: unknown) => problemFrom(error, `Patroni ${endpoint.address}/patroni`));
  return { address: endpoint.address, answer };
};

/** "2026-11-23 12:00:00.123456+00:00" in seconds since 1970, to the microsecond; null where there is none. */
export const momentOf = (text: string | null | undefined): number | null => {
  if (text === null || text === undefined || text.length > LONGEST) return null;
  const [, date, time, fraction = '', zone = ''] = /^(\S+)[ T]([\d:]+)(\.\d+)?(\S*)$/.exec(text) ?? [];
  const whole = Date.parse(`${date}T${time}${zone === '' ? 'Z' : zone}`) / 1000;
  return Number.isNaN(whole) ? null : Number(`${whole}${fraction}`);
};

/** To look for a time in a text that is none takes the square of its length. */
const LONGEST = 64;
