import { asWord } from '../../datapath/netfilter/iptables-words.ts';
import type { Match } from '../../datapath/netfilter/match.ts';
import type { Target } from '../../datapath/netfilter/target.ts';
import { bitsOfText, flagOfOther, prefixOfText } from './basic.ts';
import type { Context, Module, Stated } from './module.ts';
import { MODULES_BY_NAME } from './modules.ts';
import { isOfOtherFamily, MODULES, protocolOf } from './protocols.ts';
import { TARGETS_BY_NAME } from './targets.ts';

/** The parts of a rule. `why`: the reasons why some are not understood; a part that is understood and not modelled is none. */
export interface Said {
  readonly matches: readonly Match[];
  readonly target: Target | null;
  readonly comment: string | null;
  readonly why: readonly string[];
  /** The chain of a jump that the table does not have; null: it has all. */
  readonly missing: string | null;
}

type OptionName = Pick<Stated, 'name' | 'negated'>;

/** A match module that a rule loads, or its target, with the options of the rule that are its own. */
interface Loaded {
  readonly name: string;
  /** Null: the module is unknown, and its words are kept in `words`. */
  readonly options: Readonly<Record<string, number>> | null;
  readonly module: Module | null;
  readonly stated: Stated[];
  readonly words: string[];
}

interface Draft {
  readonly matches: Match[];
  readonly loaded: Loaded[];
  readonly why: string[];
  protocol: string | null;
  target: Loaded | null;
  missing: string | null;
  jump: { readonly chain: string; readonly isGoto: boolean } | null;
}

/** Reads the words of a rule's line, from behind `-A CHAIN`. */
export function readRule(words: readonly string[], context: Context): Said {
  const draft: Draft = { matches: [], loaded: [], why: [], protocol: null, target: null, missing: null, jump: null };
  const other = flagOfOther(words, context.family);
  if (other !== null) draft.matches.push({ kind: 'fixed', matches: false, text: other });
  let i = other === null ? 0 : words.length;
  while (i < words.length) i = readWord(words, i, draft, context);
  const matches = [...draft.matches];
  let comment: string | null = null;
  for (const loaded of draft.loaded) {
    if (loaded.name === 'comment') comment ??= loaded.stated[0]?.args[0] ?? null;
    const found = loaded.words.length > 0 ? null : (loaded.module?.read(loaded.stated, context) ?? null);
    const lacks = found === null ? (loaded.module?.lacks?.(loaded.stated, context) ?? null) : null;
    if (found === null) matches.push({ kind: 'unknown', text: textOf('-m', loaded), ...(lacks === null ? {} : { lacks }) });
    else matches.push(...found);
  }
  const target = targetOf(draft, context);
  matches.push(...writesOf(draft, context));
  return { matches, target, comment, why: draft.why, missing: draft.missing };
}

/** Reads an option with its arguments; returns the index behind them. */
function readWord(words: readonly string[], at: number, draft: Draft, context: Context): number {
  let i = at;
  let negated = words[i] === '!';
  if (negated) i++;
  const name = words[i++] ?? '!';
  if (words[i] === '!' && name !== '!' && BASIC.has(name)) {
    negated = true;
    i++;
  }
  const value = words[i];
  switch (name) {
    case '-m':
    case '--match':
      if (value === undefined) draft.why.push(`${name} without a module`);
      else draft.loaded.push(loadedModule(value));
      return i + 1;
    case '-j':
    case '--jump':
    case '-g':
    case '--goto':
      if (value === undefined) draft.why.push(`${name} without a target`);
      else jumpTo(draft, value, name === '-g' || name === '--goto');
      return i + 1;
    case '-c':
    case '--set-counters':
      return i + 2;
    case '-4':
    case '-6':
    case '--ipv4':
    case '--ipv6':
      return i;
    case '-f':
    case '--fragment':
      draft.matches.push({ kind: 'fixed', matches: negated, text: negated ? '! -f' : '-f' });
      return i;
  }
  if (!BASIC.has(name)) return readOption(words, i, { name, negated }, draft);
  const match = value === undefined ? null : basicMatch({ name, negated }, value, draft, context);
  if (match === null) {
    draft.matches.push({ kind: 'unknown', text: [...(negated ? ['!'] : []), name, asWord(value ?? '')].join(' ') });
    draft.why.push(`"${value ?? ''}" is nothing that ${name} takes`);
  } else if (match !== 'any') draft.matches.push(match);
  return i + 1;
}

const BASIC: ReadonlySet<string> = new Set(
  '-s --source --src -d --destination --dst -p --protocol --proto -i --in-interface -o --out-interface'.split(' '),
);

/** `any`: every packet matches. */
function basicMatch({ name, negated }: OptionName, value: string, draft: Draft, context: Context): Match | 'any' | null {
  switch (name) {
    case '-s':
    case '--source':
    case '--src':
    case '-d':
    case '--destination':
    case '--dst': {
      const prefix = prefixOfText(value, context.family);
      const isSource = name === '-s' || name.startsWith('--s');
      if (prefix !== null) return { kind: isSource ? 'source' : 'destination', prefix, negated };
      const bits = bitsOfText(value, isSource ? 'saddr' : 'daddr', context.family);
      return bits === null ? null : { ...bits, negated };
    }
    case '-p':
    case '--protocol':
    case '--proto': {
      const protocol = protocolOf(value);
      if (protocol === null) return null;
      if (protocol === 'all') return negated ? { kind: 'fixed', matches: false, text: '! -p all' } : 'any';
      if (!negated) draft.protocol = protocol;
      if (isOfOtherFamily(protocol, context.family)) return { kind: 'fixed', matches: negated, text: `${negated ? '! ' : ''}-p ${value}` };
      return { kind: 'protocol', protocol, negated };
    }
    default:
      // `+` alone matches any device, and packets without one.
      if (value === '+') return negated ? { kind: 'fixed', matches: false, text: `! ${name} +` } : 'any';
      return { kind: name === '-i' || name === '--in-interface' ? 'in-interface' : 'out-interface', name: value, negated };
  }
}

function loadedModule(name: string): Loaded {
  const module = MODULES_BY_NAME.get(name) ?? null;
  return { name, options: module?.options ?? null, module, stated: [], words: [] };
}

function jumpTo(draft: Draft, name: string, isGoto: boolean): void {
  draft.jump = { chain: name, isGoto };
  draft.target = { name, options: TARGETS_BY_NAME.get(name)?.options ?? null, module: null, stated: [], words: [] };
}

/**
 * Reads an option of the target or of a match module: of the module that was loaded last and has it, or else of the protocol's module,
 * which it loads.
 */
function readOption(words: readonly string[], at: number, { name, negated }: OptionName, draft: Draft): number {
  const owner = ownerOf(name, draft);
  if (owner === null) {
    const last = draft.target ?? draft.loaded.at(-1);
    const end = endOf(words, at);
    const whole = [...(negated ? ['!'] : []), name, ...words.slice(at, end)];
    if (last?.options === null) last.words.push(...whole);
    else {
      draft.why.push(`unknown option "${name}"`);
      if (draft.target !== null) draft.target.words.push(...whole);
      else draft.loaded.push({ name: '', options: null, module: null, stated: [], words: whole });
    }
    return end;
  }
  let i = at;
  const isNegated = negated || words[i] === '!';
  if (words[i] === '!') i++;
  const count = owner.options?.[name] ?? 0;
  const args = words.slice(i, i + count);
  if (args.length < count) draft.why.push(`${name} wants ${count === 1 ? 'a word' : `${count} words`} more`);
  owner.stated.push({ name, args, negated: isNegated });
  return i + count;
}

const hasOption = ({ options }: Loaded, name: string) => options !== null && Object.hasOwn(options, name);

function ownerOf(name: string, draft: Draft): Loaded | null {
  if (draft.target !== null && hasOption(draft.target, name)) return draft.target;
  for (let i = draft.loaded.length - 1; i >= 0; i--) {
    const loaded = draft.loaded[i];
    if (loaded !== undefined && hasOption(loaded, name)) return loaded;
  }
  const protocol = draft.protocol;
  if (protocol === null) return null;
  const implicit = loadedModule(MODULES[protocol] ?? protocol);
  if (!hasOption(implicit, name)) return null;
  draft.loaded.push(implicit);
  return implicit;
}

/** The index of the next option: words in between are taken for arguments of the unknown one before. */
function endOf(words: readonly string[], at: number): number {
  let i = at;
  while (i < words.length && !/^(?:!|--?[a-z])/i.test(words[i] ?? '')) i++;
  return i;
}

const textOf = (flag: string, { name, stated, words }: Loaded): string =>
  [
    ...(name === '' ? [] : [`${flag} ${name}`]),
    ...stated.flatMap((o) => [...(o.negated ? ['!'] : []), o.name, ...o.args.map(asWord)]),
    ...words.map(asWord),
  ].join(' ');

/** The elements that the target writes to sets, whether it ends the packet's way or not. */
const writesOf = ({ target }: Draft, context: Context): readonly Match[] =>
  target === null ? [] : (TARGETS_BY_NAME.get(target.name)?.writes?.(target.stated, context) ?? []);

function targetOf(draft: Draft, context: Context): Target | null {
  const { target, jump } = draft;
  if (target === null || jump === null) return null;
  const { chain, isGoto } = jump;
  if (context.isChain(chain)) return { kind: isGoto ? 'goto' : 'jump', chain };
  const text = textOf(isGoto ? '-g' : '-j', target);
  const module = isGoto ? undefined : TARGETS_BY_NAME.get(chain);
  if (module === undefined && target.words.length === 0) draft.missing = chain;
  else if (module === undefined) draft.why.push(`unknown target "${chain}"`);
  const found = target.words.length > 0 ? undefined : module?.read(target.stated, context);
  const lacks = module?.lacks === undefined ? {} : { lacks: module.lacks };
  return found === undefined ? { kind: 'unmodelled', text, ...lacks } : found;
}
