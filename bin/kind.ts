const COMMANDS = ['check', 'validate', 'show', 'lab'] as const;

/** Kinds of command lines that need different code: each has its own file in the cache, so that none loads what only others need. */
export type Kind = 'pod' | 'service' | 'url' | 'state' | 'text' | (typeof COMMANDS)[number];

/** A guess from the words alone; nothing but time hangs on it. */
export function kindOf(words: readonly string[]): Kind {
  if (words.some((w) => TEXT.has(w))) return 'text';
  const command = COMMANDS.find((c) => words.includes(c));
  if (command !== undefined) return command;
  if (words.some((w) => w.startsWith('--node-state'))) return 'state';
  if (words.some((w) => w.includes('://'))) return 'url';
  return words.some((w) => /(^|\/)(svc|service)\//.test(w)) ? 'service' : 'pod';
}

/** What reads no input. */
const TEXT: ReadonlySet<string> = new Set(['help', '--help', '-h', '--version', '-V', 'completion']);
