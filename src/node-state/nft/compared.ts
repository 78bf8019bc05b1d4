import type { Match } from '../../datapath/netfilter/match.ts';
import type { Selector } from '../../datapath/netfilter/sets.ts';
import { parseAddress } from '../../net/address.ts';
import { hostPrefix, type Prefix, parseCidr, prefixOf } from '../../net/prefix.ts';
import { bitsMatch } from './bits.ts';
import { type DataType, partOf } from './data-types.ts';
import { alone, anonymousSet } from './key.ts';
import type { CompareOp, Expr } from './syntax.ts';

/** A field and one value, an interval or a prefix. */
export function compared(selector: Selector, type: DataType, op: CompareOp, right: Expr): Match | null {
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
