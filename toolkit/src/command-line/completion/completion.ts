import type { CommandNode } from '../tree';
import { bashCompletion } from './bash';
import { fishCompletion } from './fish';
import { placesOf } from './places';
import { zshCompletion } from './zsh';

const scripts = { bash: bashCompletion, zsh: zshCompletion, fish: fishCompletion } as const;

export type Shell = keyof typeof scripts;
export const shells = Object.keys(scripts) as Shell[];

/** A script that completes the command line in this shell. */
export const completionFor = (shell: Shell, root: CommandNode): string => scripts[shell](placesOf(root));
