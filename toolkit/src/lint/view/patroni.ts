import type { Timers } from '@submilli/core';
import { patroniDefaults } from '../known/patroni';
import { type Place, topOf } from '../parse/place';
import { booleanOf } from '../parse/quantity';
import { at, spot, type Tree } from '../parse/yaml';
import type { Edit } from '../rule';
import { filesOf, type PatroniFile, type Scene } from '../scene';

/** The cluster-wide part: `bootstrap: dcs`, or all of what `patronictl edit-config` shows. */
export const dynamicOf = ({ root }: PatroniFile): Tree | undefined => {
  const dcs = at(root, 'bootstrap', 'dcs');
  if (dcs !== undefined) return dcs;
  return ['scope', 'name', 'restapi'].some((key) => root.entries.has(key)) ? undefined : root;
};

/** A file with settings of the whole cluster. */
export type Dynamic = { readonly file: PatroniFile; readonly tree: Tree };

export const dynamicsOf = (scene: Scene): Dynamic[] =>
  filesOf(scene, 'patroni').flatMap((file) => {
    const tree = dynamicOf(file);
    return tree === undefined || tree.entries.size === 0 ? [] : [{ file, tree }];
  });

export type Choice = {
  readonly text: string;
  readonly number: number;
  readonly isOn: boolean;
  readonly isSet: boolean;
  readonly at: Place;
  readonly edit: ((text: string) => Edit) | undefined;
};

/** A plain setting as it holds, with Patroni's default where it isn't set; the first of several names that is set. */
export const choiceOf = ({ file, tree }: Dynamic, ...names: readonly string[]): Choice => {
  const node = names.map((name) => tree.entries.get(name)).find((one) => one !== undefined);
  const text = node?.text ?? String(patroniDefaults[names[0] ?? ''] ?? '');
  return {
    ...{ text, number: Number(text), isOn: booleanOf(text) ?? false, isSet: node !== undefined },
    at: node === undefined ? (tree.key ?? topOf(file.source)) : spot(node),
    edit: node === undefined ? undefined : (to) => ({ place: node.place, text: to }),
  };
};

export const timersOf = (dynamic: Dynamic): Timers => ({
  ttl: choiceOf(dynamic, 'ttl').number,
  loop_wait: choiceOf(dynamic, 'loop_wait').number,
  retry_timeout: choiceOf(dynamic, 'retry_timeout').number,
});

/** Whole patroni.yml files, of one member each. */
export const membersOf = (scene: Scene): PatroniFile[] =>
  filesOf(scene, 'patroni').filter(({ root }) => root.entries.has('postgresql') && root.entries.has('restapi'));

export const textAt = (tree: Tree | undefined, ...path: readonly string[]): string | undefined =>
  at(tree, ...path)?.text;
