import { type Edit, example, type Example, type Hit, type Rule } from '../../rule';
import type { Context, Scene } from '../../scene';
import { addSetting, type Server, serversOf, valueOf, type Value } from '../../view/server';

export const conf = (lines: string, context?: Partial<Context>): Example =>
  example({ postgresql: `${lines}\n` }, context);

export const inServers =
  (check: (server: Server, scene: Scene) => readonly Hit[]) =>
  (scene: Scene): Hit[] =>
    serversOf(scene).flatMap((server) => check(server, scene));

/** The edit that gives a setting a value, where that is one line of a postgresql.conf or stands already. */
export const giving = (server: Server, name: string, { setting }: Value, text: string): Pick<Hit, 'edit'> => {
  const edit = setting?.edit(text) ?? addSetting(server, name, text);
  return edit === undefined ? {} : { edit };
};

export type SettingRule = Omit<Rule, 'kinds' | 'check'> & {
  readonly name: string;
  /** What is wrong with the value, if anything. */
  readonly says: (value: Value, scene: Scene, server: Server) => string | undefined;
  /** What --fix writes. */
  readonly want?: string;
  /** And what it writes with it, where the one is not enough. */
  readonly also?: Readonly<Record<string, string>>;
};

const editsFor = (server: Server, name: string, text: string): Edit[] => {
  const value = valueOf(server, name);
  return value === undefined ? [] : [giving(server, name, value, text).edit ?? []].flat();
};

/** A rule about one setting of PostgreSQL. */
export const settingRule = ({ name, says, want, also = {}, ...rule }: SettingRule): Rule => ({
  ...{ ...rule, kinds: ['postgresql', 'patroni'] },
  check: inServers((server, scene) => {
    const value = valueOf(server, name);
    const text = value === undefined ? undefined : says(value, scene, server);
    if (value === undefined || text === undefined) return [];
    return [
      {
        at: value.at,
        says: `${text}${value.isSet ? '' : ' (default)'}`,
        edit:
          want === undefined
            ? []
            : Object.entries({ [name]: want, ...also }).flatMap(([each, to]) => editsFor(server, each, to)),
      },
    ];
  }),
});
