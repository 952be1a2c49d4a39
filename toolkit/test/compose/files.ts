import { parse } from 'yaml';
import { readRepo } from './tools';

export type ComposeService = {
  readonly image: string;
  readonly build?: { readonly context: string; readonly target: string };
  readonly pull_policy?: string;
  readonly user?: string;
  readonly restart: string;
  readonly command?: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
  readonly networks: readonly string[];
  readonly depends_on?: Readonly<Record<string, { readonly condition: string }>>;
  readonly secrets?: readonly string[];
  readonly volumes?: readonly string[];
  readonly ports?: readonly string[];
  readonly healthcheck?: object;
  readonly read_only?: boolean;
  readonly cap_drop?: readonly string[];
  readonly cap_add?: readonly string[];
  readonly privileged?: boolean;
  readonly security_opt?: readonly string[];
  readonly mem_limit?: string;
  readonly cpus?: number;
  readonly pids_limit?: number;
};

export type ComposeFile = {
  readonly services: Readonly<Record<string, ComposeService>>;
  readonly networks: Readonly<Record<string, { readonly internal?: boolean }>>;
  readonly volumes: Readonly<Record<string, object>>;
  readonly secrets: Readonly<Record<string, { readonly file: string }>>;
};

/** docker-compose.yml with its anchors resolved and its variables not. */
export const composeFile = (): ComposeFile => parse(readRepo('docker-compose.yml'), { merge: true }) as ComposeFile;

export type Instruction = { readonly keyword: string; readonly words: readonly string[] };
export type Stage = { readonly name: string; readonly base: string; readonly instructions: readonly Instruction[] };

/** The stages of the Dockerfile. It uses no heredoc and no escape directive, so a line and its continuations are one. */
export const dockerStages = (): Stage[] => {
  const lines = readRepo('Dockerfile')
    .replaceAll(/^#.*\n/gm, '')
    .replaceAll('\\\n', ' ')
    .split('\n')
    .filter((line) => line.trim() !== '');
  return lines.reduce<Stage[]>((stages, line) => {
    const [keyword = '', ...words] = line.trim().split(/\s+/);
    if (keyword === 'FROM') return [...stages, { name: words[2] ?? '', base: words[0] ?? '', instructions: [] }];
    const last = stages.at(-1);
    if (last === undefined) throw new Error(`Dockerfile: ${keyword} before the first FROM`);
    return [...stages.slice(0, -1), { ...last, instructions: [...last.instructions, { keyword, words }] }];
  }, []);
};

/** The words of each such instruction of a stage, without flags; `flags` only. */
export const instructionsOf = (stage: Stage, keyword: string): string[][] =>
  stage.instructions.filter((i) => i.keyword === keyword).map(({ words }) => [...words]);
