import type { Match } from '../../datapath/netfilter/match.ts';
import type { NamedSet } from '../../datapath/netfilter/sets.ts';
import { bitsOf, maskedMatch } from './bits.ts';
import { byChance } from './chance.ts';
import { compared } from './compared.ts';
import { alone, anonymousSet, type Key, keyOf } from './key.ts';
import type { CompareOp, Element, Expr, Statement } from './syntax.ts';

/** The sets that rules of a table can refer to. */
export interface Scope {
  readonly family: string;
  /** Undefined: the listing has no such set, or it is not understood. */
  set(name: string): NamedSet | undefined;
}

type Compared = Extract<Statement, { kind: 'match' }>;

/** The match of a statement; null: it is not modelled, so that it is unknown whether a packet matches. */
export function matchOf({ left, op, right }: Compared, scope: Scope): Match | null {
  if (left.kind === 'numgen') return byChance(left, op, right);
  if (left.kind === 'op') return maskedMatch(left, op, right, scope.family);
  if (left.kind === 'field' && /^fib saddr( \. mark)?( \. iif)? oif$/.test(left.name)) return reversePath(left.name, op, right);
  if (left.kind === 'field' && NEVER_THERE.test(left.name)) return absent(left.name, op, right);
  const key = keyOf(left, scope.family);
  if (key === null) return null;
  const isNegated = op === '!=' || op === '!';
  if (right.kind === 'ref') {
    const set = scope.set(right.name);
    if (set === undefined || set.type.length !== key.types.length || op === '!') return null;
    // Kernels differ in whether a catch-all element answers a negated look-up: nft_lookup_eval, net/netfilter/nft_lookup.c.
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

function amongElements(key: Key, items: readonly Element[], negated: boolean): Match | null {
  const set = anonymousSet(items, key.types);
  return set === null ? null : { kind: 'lookup', key: key.selectors, set, negated };
}

/** Fields that no modelled packet has: IPsec, extension headers, options of IP. */
const NEVER_THERE = /^(?:meta (?:ipsec|secpath)|rt ipsec|exthdr \w+|ip option [\w-]+)$/;

function absent(name: string, op: CompareOp, right: Expr): Match | null {
  const asked = presence(op, right);
  return asked === null ? null : { kind: 'fixed', matches: asked === 'missing', text: `${name} ${asked}` };
}

/** The presence that a comparison asks for; null: it asks for something else. */
function presence(op: CompareOp, right: Expr): 'exists' | 'missing' | null {
  if (right.kind !== 'word' || !/^(?:exists|missing|[01])$/.test(right.text)) return null;
  if (op !== 'implicit' && op !== '==' && op !== '!=') return null;
  const isMissing = right.text === 'missing' || right.text === '0';
  return isMissing !== (op === '!=') ? 'missing' : 'exists';
}

/** `fib saddr . iif oif exists`: is the route back to the source by the packet's input device? Without `iif`: is there any route back? */
function reversePath(name: string, op: CompareOp, right: Expr): Match | null {
  const asked = presence(op, right);
  if (asked === null) return null;
  const loose = name.includes('iif') ? {} : { loose: true as const };
  return { kind: 'rpfilter', isFib: true, ...loose, ...(name.includes('mark') ? {} : { unmarked: true }), negated: asked === 'missing' };
}
