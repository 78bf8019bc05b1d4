import type { Ipset, IpsetElement } from '../../datapath/netfilter/ipset.ts';
import { type IpFamily, parseAddress } from '../../net/address.ts';
import { maskLength } from '../../net/prefix.ts';
import { didYouMean } from '../../source/suggest.ts';
import { againOrEnd, lineOf, type Reading, type StateFault, type StateText, type Unread } from '../text.ts';
import { elementOf, type Shape } from './element.ts';
import { LIST_OF_SETS, optionsOf, SET_OPTIONS, SET_TYPES, wordsOf } from './types.ts';

/** A set while its lines are read. */
interface Draft extends Shape {
  readonly name: string;
  readonly typename: string;
  readonly elements: IpsetElement[];
  /** The sets in a list:set; null: it is a set of another type. */
  readonly names: string[] | null;
  doubt: string | null;
}

/** Sets by name. Null: the type is not known, and the elements are not read. */
type Known = Map<string, Draft | null>;

/**
 * Reads the output of `ipset save` or `ipset list`. A set of which some part is not understood has a `doubt`, and matches on it are
 * unknown.
 */
export function readIpset(text: StateText): Reading {
  const drafts: Known = new Map();
  const unread: Unread[] = [];
  const faults: StateFault[] = [];
  const object = `Node/${text.node} ipset`;
  let listed: Listed | null = null;
  for (const [i, line] of text.lines.entries()) {
    const notUnderstood = (why: string) => unread.push({ locus: lineOf(text, i, object), text: line, why });
    const fault = (message: string, hint: string | null) => faults.push({ locus: lineOf(text, i, object), message, hint });
    const trimmed = line.trim();
    if (trimmed === '') listed = closed(listed, drafts, fault);
    else if (trimmed.startsWith('ipset v')) fault(`ipset printed an error: ${trimmed}`, 'ipset save');
    else if (trimmed.startsWith('Name: ')) {
      closed(listed, drafts, fault);
      listed = { name: trimmed.slice('Name: '.length).trim(), typename: null, draft: null, entries: null, isListing: false };
    } else if (listed !== null) inListing(listed, trimmed, drafts, notUnderstood);
    else saved(trimmed, drafts, notUnderstood);
  }
  closed(listed, drafts, (message, hint) => faults.push({ locus: lineOf(text, text.lines.length - 1, object), message, hint }));
  if (text.isOpen === true && listed === null) faults.push(...openEnd(text, drafts, unread));
  const isOnlyNames = drafts.size === 0 && unread.length > 0 && unread.every((u) => !/\s/.test(u.text.trim()));
  const [first] = unread;
  if (isOnlyNames && first !== undefined)
    return {
      pieces: [],
      unread: [],
      faults: [...faults, { locus: first.locus, message: 'these are names of sets only', hint: 'ipset save' }],
    };
  return { pieces: [{ kind: 'ipset', sets: finished(drafts) }], unread, faults };
}

/** The text has no last line end. Elements of its last set may be missing, and the last address may be the beginning of a longer one. */
function openEnd(text: StateText, drafts: Known, unread: Unread[]): readonly StateFault[] {
  const [last, draft] = [text.lines.length - 1, [...drafts.values()].at(-1)];
  if (draft == null) return [];
  draft.doubt ??= 'its listing may be cut off';
  if (unread.at(-1)?.locus.path[0] === last) unread.pop();
  const message = `the text seems to be cut off: its last line has no line end, and what is in set ${draft.name} is not known`;
  return [{ locus: lineOf(text, last, `Node/${text.node} ipset`), message, hint: againOrEnd(text) }];
}

type Complain = (why: string) => void;

/** Reads a line of `ipset save`. */
function saved(line: string, drafts: Known, notUnderstood: Complain): void {
  if (line.startsWith('#') || line === 'COMMIT') return;
  const [command = '', name, ...rest] = wordsOf(line);
  if (command === 'create' || command === '-N') {
    const [typename = '', ...options] = rest;
    if (name === undefined) notUnderstood('a set has a name and a type');
    else {
      const isSecond = drafts.has(name);
      const draft = created(name, typename, options, notUnderstood);
      if (isSecond) notUnderstood(`set "${name}" is created a second time`);
      if (isSecond && draft !== null) draft.doubt = 'it is created twice';
      drafts.set(name, draft);
    }
  } else if (command === 'add' || command === '-A') {
    const draft = drafts.get(name ?? '');
    if (draft === undefined) notUnderstood(`no set "${name ?? ''}" is created before`);
    else if (draft !== null) added(draft, rest, notUnderstood);
  } else notUnderstood(`"${command}" is neither create nor add`);
}

/** A set of `ipset list` while its lines are read. */
interface Listed {
  readonly name: string;
  typename: string | null;
  draft: Draft | null;
  entries: number | null;
  isListing: boolean;
}

function inListing(listed: Listed, line: string, drafts: Known, notUnderstood: Complain): void {
  const [, field = '', value = ''] = /^([A-Z][A-Za-z ]*):\s*(.*)$/.exec(line) ?? [];
  if (listed.isListing) {
    if (listed.draft !== null) added(listed.draft, wordsOf(line), notUnderstood);
  } else if (field === 'Type') listed.typename = value.trim();
  else if (field === 'Header') {
    listed.draft = created(listed.name, listed.typename ?? '', wordsOf(value), notUnderstood);
    drafts.set(listed.name, listed.draft);
  } else if (field === 'Number of entries') listed.entries = Number(value);
  else if (field === 'Members') listed.isListing = true;
  else if (field !== 'Revision' && field !== 'Size in memory' && field !== 'References' && field !== 'Default binding')
    notUnderstood('no line of a set');
}

/** Ends a set of `ipset list`: are all its members there? */
function closed(listed: Listed | null, drafts: Known, fault: (message: string, hint: string | null) => void): null {
  if (listed === null) return null;
  const { name, draft, entries, isListing } = listed;
  if (draft === null) {
    if (!drafts.has(name)) drafts.set(name, null);
    return null;
  }
  const found = draft.names?.length ?? draft.elements.length;
  if (!isListing && entries !== 0) {
    draft.doubt = 'its members are not listed';
    fault(`set ${name} is listed without its members`, 'ipset save');
  } else if (entries !== null && found < entries && draft.doubt === null) {
    draft.doubt = 'not all its members are listed';
    fault(`set ${name} has ${entries} entries, and ${found} are listed: the text is cut off`, 'ipset save');
  }
  return null;
}

function created(name: string, typename: string, words: readonly string[], notUnderstood: Complain): Draft | null {
  const dimensions = typename === LIST_OF_SETS ? [] : Object.hasOwn(SET_TYPES, typename) ? SET_TYPES[typename] : undefined;
  if (dimensions === undefined) {
    const near = didYouMean(typename, [...Object.keys(SET_TYPES), LIST_OF_SETS]);
    notUnderstood(`sets of type "${typename}" are not known${near === null ? '' : `: ${near}`}`);
    return null;
  }
  const options = optionsOf(words, SET_OPTIONS);
  const problem = typeof options === 'string' ? options : null;
  const stated = typeof options === 'string' ? new Map<string, string>() : options;
  const family = familyIn(stated, dimensions.length === 0 || !dimensions.some((d) => d === 'ip' || d === 'net'));
  const length = netmaskIn(stated);
  const markmask = Number(stated.get('markmask') ?? 0xffffffff);
  const isSetOfNets = dimensions.includes('net');
  const bits = family === 'IPv6' ? 128 : 32;
  const doubt =
    problem ??
    (length === undefined || (length ?? 0) > bits || (length !== null && isSetOfNets) ? 'its netmask is not modelled' : null) ??
    (Number.isInteger(markmask) ? null : 'its markmask is no number');
  if (doubt !== null) notUnderstood(doubt);
  return {
    name,
    typename,
    dimensions,
    family,
    length: length ?? null,
    markmask,
    elements: [],
    names: typename === LIST_OF_SETS ? [] : null,
    doubt,
  };
}

/** The family of a set with addresses; bitmap:ip has no option for it, and is of IPv4. */
function familyIn(options: ReadonlyMap<string, string>, isOfBoth: boolean): IpFamily | null {
  if (isOfBoth) return null;
  return options.get('family') === 'inet6' ? 'IPv6' : 'IPv4';
}

/** The length of the netmask; null: there is none; undefined: it is no prefix. */
function netmaskIn(options: ReadonlyMap<string, string>): number | null | undefined {
  const text = options.get('netmask') ?? options.get('bitmask');
  if (text === undefined) return null;
  if (/^\d{1,3}$/.test(text)) return Number(text);
  const mask = parseAddress(text);
  return mask === null ? undefined : (maskLength(mask) ?? undefined);
}

function added(draft: Draft, words: readonly string[], notUnderstood: Complain): void {
  if (draft.names !== null) {
    draft.names.push(words[0] ?? '');
    return;
  }
  const element = elementOf(draft, words);
  if (typeof element !== 'string') {
    draft.elements.push(element);
    return;
  }
  draft.doubt ??= 'not all its elements are understood';
  notUnderstood(element);
}

function finished(drafts: Known): ReadonlyMap<string, Ipset> {
  const sets = new Map<string, Ipset>();
  for (const [name, draft] of drafts) if (draft !== null && draft.names === null) sets.set(name, setOf(draft));
  for (const [name, draft] of drafts) {
    if (draft?.names == null) continue;
    sets.set(name, { ...setOf(draft), members: draft.names.map((member) => sets.get(member) ?? null) });
  }
  return sets;
}

const setOf = ({ name, typename, family, dimensions, markmask, elements, doubt }: Draft): Ipset => ({
  name,
  typename,
  family,
  dimensions,
  markmask,
  elements,
  doubt,
});
