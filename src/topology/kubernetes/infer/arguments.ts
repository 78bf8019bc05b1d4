import type { Path } from '../../../source/origin.ts';
import type { ContainerObject } from '../schema/pod.ts';
import type { FlagName } from './names-read.ts';

/** A flag of a command line, without its dashes, and where it stands below what was read. */
export interface Argument {
  readonly name: string;
  readonly value: string;
  readonly path: Path;
}

interface Word {
  readonly text: string;
  readonly path: Path;
}

/** The flags of a container: of its command, then of its arguments. */
export function argumentsOf({ command, args }: Pick<ContainerObject, 'command' | 'args'>): readonly Argument[] {
  const wordsIn = (field: string, list: readonly string[] | null | undefined): readonly Word[] =>
    (list ?? []).flatMap((text, i) => shellWords(text).map((word) => ({ text: word, path: [field, i] })));
  return flagsIn([...wordsIn('command', command), ...wordsIn('args', args)]);
}

/** What a node's annotation lists as JSON: `["server","--cluster-cidr","10.42.0.0/16"]`. Null: it is no such list. */
export function argumentsInJson(text: string): { readonly words: readonly string[]; readonly flags: readonly Argument[] } | null {
  let list: unknown;
  try {
    list = JSON.parse(text);
  } catch {
    return null;
  }
  if (!Array.isArray(list) || !list.every((word) => typeof word === 'string')) return null;
  return { words: list, flags: flagsIn(list.map((word) => ({ text: word, path: [] }))) };
}

/** `--flag=value`, `--flag value`, and `--flag` for true. */
function flagsIn(words: readonly Word[]): readonly Argument[] {
  return words.flatMap(({ text, path }, i) => {
    const flag = /^--?([a-zA-Z][\w-]*)(?:=(.*))?$/s.exec(text);
    if (flag?.[1] === undefined) return [];
    const next = words[i + 1];
    const value = flag[2] ?? (next === undefined || next.text.startsWith('-') ? 'true' : next.text);
    return [{ name: flag[1], value, path }];
  });
}

/**
 * A command may be one string for a shell: `kube-proxy --master=… --cluster-cidr=10.0.0.0/8 1>>/var/log/kube-proxy.log`. One word that
 * begins with a dash may have spaces in its value, and is left whole.
 */
function shellWords(text: string): readonly string[] {
  if (/^-|^\S*$/.test(text)) return [text];
  return [...text.matchAll(/(?:[^\s"']|"[^"]*"|'[^']*')+/g)].map(([word]) => word.replace(/["']/g, ''));
}

/** The last one wins, as in the flags of Kubernetes' own programs. */
export const argument = (flags: readonly Argument[], name: FlagName): Argument | null => flags.findLast((f) => f.name === name) ?? null;
