import type { ConnectionState, Match } from '../../datapath/netfilter/ruleset.ts';
import type { NamedSet, Selector } from '../../datapath/netfilter/sets.ts';
import { parseAddress } from '../../net/address.ts';
import { hostPrefix, type Prefix, parseCidr, prefixOf } from '../../net/prefix.ts';
import { type DataType, numberOf, partOf } from './data-types.ts';
import { modelled } from './fields.ts';
import { anonymousSet, type Key, keyOf } from './key.ts';
import type { CompareOp, Element, Expr, Statement } from './syntax.ts';

/** What the rules of a table may refer to. */
export interface Scope {
  readonly family: string;
  /** Undefined: the listing has no such set, or it is not understood. */
  set(name: string): NamedSet | undefined;
}

type Compared = Extract<Statement, { kind: 'match' }>;

/** Null: it is not modelled, and nobody knows whether it matches. */
export function matchOf({ left, op, right }: Compared, scope: Scope): Match | null {
  if (left.kind === 'numgen') return byChance(left, op, right);
  if (left.kind === 'op') return maskedMatch(left, op, right, scope);
  if (left.kind === 'field' && /^fib saddr \. (mark \. )?iif oif$/.test(left.name)) return reversePath(left.name, op, right);
  const key = keyOf(left, scope.family);
  if (key === null) return null;
  const isNegated = op === '!=' || op === '!';
  if (right.kind === 'ref') {
    const set = scope.set(right.name);
    if (set === undefined || set.type.length !== key.types.length || op === '!') return null;
    // Kernels differ in what is not in a set that has all: nft_lookup_eval, net/netfilter/nft_lookup.c.
    if (isNegated && set.find([]) !== undefined) return null;
    return { kind: 'lookup', key: key.selectors, set, negated: isNegated };
  }
  if (right.kind === 'set') return amongElements(key, right.items, isNegated);
  const [selector, ...others] = key.selectors;
  const [type] = key.types;
  if (selector === undefined || type === undefined) return null;
  if (others.length > 0) return amongElements(key, [alone(right)], isNegated);
  if (type.isBits === true) return bitsOf(selector, type, op, right);
  return compared(selector, type, op, right);
}

const alone = (key: Expr): Element => ({ key, data: null, comment: null, line: 0 });

function amongElements(key: Key, items: readonly Element[], negated: boolean): Match | null {
  const set = anonymousSet(items, key.types);
  return set === null ? null : { kind: 'lookup', key: key.selectors, set, negated };
}

/** `numgen random mod 10 < 3`, `numgen inc mod 2 0` */
function byChance({ modulus, offset }: Extract<Expr, { kind: 'numgen' }>, op: CompareOp, right: Expr): Match | null {
  const value = right.kind === 'word' ? numberOf(right.text) : null;
  if (value === null || modulus === 0) return null;
  const numbers = Array.from({ length: Math.min(modulus, 65536) }, (_, i) => i + offset);
  if (numbers.length < modulus) return null;
  const holding = numbers.filter((n) => holds(n, op, value)).length;
  return { kind: 'statistic', probability: holding / modulus };
}

function holds(n: number, op: CompareOp, value: number): boolean {
  switch (op) {
    case 'implicit':
    case '==':
      return n === value;
    case '!=':
    case '!':
      return n !== value;
    case '<':
      return n < value;
    case '>':
      return n > value;
    case '<=':
      return n <= value;
    case '>=':
      return n >= value;
  }
}

/** `meta mark & 0x4000 == 0x4000`; iptables' `statistic` is a random number that is compared. */
function maskedMatch(
  { op: sign, left, right: mask }: Extract<Expr, { kind: 'op' }>,
  op: CompareOp,
  right: Expr,
  scope: Scope,
): Match | null {
  const name = left.kind === 'field' ? left.name : '';
  const bits = sign === '&' ? maskOf(mask, modelled(name, scope.family)?.type) : null;
  if (bits === null) return null;
  if (name === 'meta random') return randomShare(bits, op, right);
  const field = modelled(name, scope.family);
  if (field === null) return null;
  const value = maskOf(right, field.type);
  if (value === null || (op !== '==' && op !== '!=' && op !== 'implicit')) return null;
  return bitsMatch(field.selector, bits, value, op === '!=');
}

const maskOf = (e: Expr, type: DataType | undefined): number | null => {
  if (e.kind === 'list' || (e.kind === 'op' && e.op === '|')) {
    const parts = e.kind === 'list' ? e.items : [e.left, e.right];
    let sum = 0;
    for (const part of parts) {
      const bits = maskOf(part, type);
      if (bits === null) return null;
      sum |= bits;
    }
    return sum >>> 0;
  }
  if (e.kind !== 'word') return null;
  const value = type === undefined ? numberOf(e.text) : type.value(e.text);
  return typeof value === 'number' ? value : null;
};

/** Source: the words that iptables-nft's `statistic` is translated to. */
function randomShare(mask: number, op: CompareOp, right: Expr): Match | null {
  const limit = right.kind === 'word' ? numberOf(right.text) : null;
  if (limit === null || mask !== 0x7fffffff) return null;
  const share = Math.min(limit / (mask + 1), 1);
  if (op === '<') return { kind: 'statistic', probability: share };
  return op === '>=' ? { kind: 'statistic', probability: 1 - share } : null;
}

function bitsMatch(selector: Selector, mask: number, value: number, negated: boolean): Match {
  if (selector === 'meta mark') return { kind: 'mark', value, mask, negated };
  if (selector === 'ct mark') return { kind: 'connmark', value, mask, negated };
  return { kind: 'bits', field: selector, mask, value, negated };
}

/** Named bits: `syn` alone or `syn,ack` ask for any of them, `== syn` for just these, `syn / syn,ack` for these among those. */
function bitsOf(field: Selector, type: DataType, op: CompareOp, right: Expr): Match | null {
  if (right.kind === 'op' && right.op === '/') {
    const [value, mask] = [maskOf(right.left, type), maskOf(right.right, type)];
    return value === null || mask === null || (op !== 'implicit' && op !== '!=')
      ? null
      : { kind: 'bits', field, mask, value, negated: op === '!=' };
  }
  const value = maskOf(right, type);
  if (value === null) return null;
  const named = op === 'implicit' ? connectionStates(field, value) : null;
  if (named !== null) return { kind: 'ctstate', states: named, negated: false };
  switch (op) {
    case 'implicit':
      return { kind: 'bits', field, mask: value, value: 0, negated: true };
    case '!':
      return { kind: 'bits', field, mask: value, value: 0, negated: false };
    case '==':
    case '!=':
      return { kind: 'bits', field, mask: field === 'tcp flags' ? 0xff : 0xffff, value, negated: op === '!=' };
    default:
      return null;
  }
}

const STATES: readonly (readonly [ConnectionState, number])[] = [
  ['INVALID', 1],
  ['ESTABLISHED', 2],
  ['RELATED', 4],
  ['NEW', 8],
  ['UNTRACKED', 64],
];
const STATUSES: readonly (readonly [ConnectionState, number])[] = [
  ['SNAT', 16],
  ['DNAT', 32],
];

/** The words that the walk has for these bits; null: it has not for all. */
function connectionStates(field: Selector, bits: number): readonly ConnectionState[] | null {
  const all = field === 'ct state' ? STATES : field === 'ct status' ? STATUSES : [];
  const states = all.filter(([, bit]) => (bits & bit) !== 0);
  return bits !== 0 && states.reduce((sum, [, bit]) => sum | bit, 0) === bits ? states.map(([name]) => name) : null;
}

/** Does the answer's way leave by the device that the packet came in by? */
function reversePath(name: string, op: CompareOp, right: Expr): Match | null {
  const isMissing = right.kind === 'word' && (right.text === 'missing' || right.text === '0');
  const exists = right.kind === 'word' && (right.text === 'exists' || right.text === '1');
  if ((!isMissing && !exists) || (op !== 'implicit' && op !== '==' && op !== '!=')) return null;
  return { kind: 'rpfilter', ...(name.includes('mark') ? {} : { unmarked: true }), negated: isMissing !== (op === '!=') };
}

/** A field and one value, an interval or a prefix. */
function compared(selector: Selector, type: DataType, op: CompareOp, right: Expr): Match | null {
  if (right.kind !== 'word') return null;
  if (op === '<' || op === '>' || op === '<=' || op === '>=') return ordered(selector, type, op, right.text);
  if (op === '!') return null;
  const negated = op === '!=';
  const part = partOf(right.text, type);
  if (part === null) return null;
  switch (selector) {
    case 'ip saddr':
    case 'ip6 saddr':
    case 'ip daddr':
    case 'ip6 daddr': {
      const prefix = asPrefix(right.text);
      if (prefix === null) break;
      return { kind: selector.endsWith('saddr') ? 'source' : 'destination', prefix, negated };
    }
    case 'iifname':
    case 'oifname':
      return { kind: selector === 'iifname' ? 'in-interface' : 'out-interface', name: interfaceName(right.text), negated };
    case 'meta mark':
    case 'ct mark':
      if (typeof part === 'number') return bitsMatch(selector, ALL_BITS, part, negated);
      if (right.text.includes('/') && typeof part === 'object' && 'first' in part)
        return bitsMatch(selector, (ALL_BITS << (32 - Number(right.text.split('/')[1]))) >>> 0, part.first, negated);
      break;
    case 'meta l4proto':
      if (part === 'tcp' || part === 'udp' || part === 'sctp') return { kind: 'protocol', protocol: part, negated };
      break;
    case 'fib daddr type':
    case 'fib saddr type': {
      const named = ADDRESS_TYPES.find(([, number]) => number === part);
      if (named !== undefined) return { kind: selector === 'fib daddr type' ? 'dst-type' : 'src-type', type: named[0], negated };
      break;
    }
    case 'tcp sport':
    case 'udp sport':
    case 'sctp sport':
    case 'tcp dport':
    case 'udp dport':
    case 'sctp dport':
      return portMatch(selector, part, negated);
  }
  const set = anonymousSet([alone(right)], [type]);
  return set === null ? null : { kind: 'lookup', key: [selector], set, negated };
}

const ALL_BITS = 0xffffffff;
const ADDRESS_TYPES = [
  ['UNICAST', 1],
  ['LOCAL', 2],
  ['BROADCAST', 3],
  ['MULTICAST', 5],
] as const;

/** In a rule a name's ending `*` stands for any ending, unless it is escaped. */
const interfaceName = (name: string) =>
  name.endsWith('\\*') ? `${name.slice(0, -2)}*` : name.endsWith('*') ? `${name.slice(0, -1)}+` : name;

function asPrefix(word: string): Prefix | null {
  const cidr = parseCidr(word);
  if (cidr !== null) return prefixOf(cidr.address, cidr.length);
  const address = parseAddress(word);
  return address === null ? null : hostPrefix(address);
}

function portMatch(selector: string, part: ReturnType<typeof partOf>, negated: boolean): Match | null {
  const [protocol, kind] = selector.split(' ');
  if ((protocol !== 'tcp' && protocol !== 'udp' && protocol !== 'sctp') || (kind !== 'sport' && kind !== 'dport')) return null;
  if (typeof part === 'number') return { kind, protocol, first: part, last: part, negated };
  if (typeof part !== 'object' || part === null || !('first' in part)) return null;
  return { kind, protocol, first: part.first, last: part.last, negated };
}

const MOST = 2 ** 32 - 1;

function ordered(selector: Selector, type: DataType, op: '<' | '>' | '<=' | '>=', word: string): Match | null {
  const value = type.value(word);
  if (typeof value !== 'number' || type.name === 'ipv4_addr') return null;
  const [first, last] = op === '<' ? [0, value - 1] : op === '<=' ? [0, value] : op === '>' ? [value + 1, MOST] : [value, MOST];
  const text = first === last ? String(first) : `${first}-${last}`;
  if (first > last) return { kind: 'fixed', matches: false, text: `${selector} ${op} ${word}` };
  const set = anonymousSet([alone({ kind: 'word', text })], [{ ...type, value: (w) => (/^\d+$/.test(w) ? Number(w) : null) }]);
  return set === null ? null : { kind: 'lookup', key: [selector], set, negated: false };
}
