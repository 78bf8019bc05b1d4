import type { PortSpan, RoutingRule, RuleAction } from '../../datapath/routing-rule.ts';
import type { Prefix } from '../../net/prefix.ts';
import type { Origin } from '../../source/origin.ts';
import { type Entry, prefixFrom } from './entry.ts';
import { tableNumber } from './tables.ts';

/**
 * Fields without effect on a packet's way: the rule's maker, and accounting. A detached device has no packets, so that its name alone
 * selects nothing.
 */
const WITHOUT_EFFECT = ['protocol', 'flow', 'flow_from', 'flow_to', 'iif_detached', 'oif_detached', 'unresolved'];

/** Selectors that are not modelled. */
const UNMODELLED = [
  'tos',
  'dscp',
  'flowlabel',
  'tun_id',
  'uid_start',
  'uid_end',
  'l3mdev',
  'suppress_ifgroup',
  'nat_gateway',
  'masquerade',
];

/** Reads a rule of either family; null: it has no priority. */
export function readRule(entry: Entry, origin: Origin): RoutingRule | null {
  const priority = entry.number('priority');
  const action = actionOf(entry);
  const table = entry.word('table');
  const [from, to] = [ends(entry, 'src', 'srclen'), ends(entry, 'dst', 'dstlen')];
  const [iif, oif, mark] = [entry.word('iif'), entry.word('oif'), markOf(entry)];
  const selectors = { ...(oif === null ? {} : { oif }), ...portsOf(entry) };
  const suppress = entry.number('suppress_prefixlen');
  const inverted = entry.has('not');
  entry.leave(WITHOUT_EFFECT);
  const unmodelled = [...entry.unknown, ...entry.wrong];
  if (priority === null) return null;
  return {
    priority,
    from,
    to,
    iif,
    mark,
    table: table === null ? 0 : tableNumber(table),
    origin,
    ...(inverted ? { inverted: true } : {}),
    ...selectors,
    ...(suppress === null ? {} : { suppressPrefixLength: suppress }),
    ...(action === null ? {} : { action }),
    ...(unmodelled.length === 0 ? {} : { unmodelled: unmodelledText(entry, unmodelled) }),
  };
}

/** The complaints about a rule. Selectors that are known and not modelled are none. */
export function unreadOfRule(entry: Entry): readonly string[] {
  return [...entry.unknownWords(UNMODELLED), ...entry.wrong];
}

/** The unmodelled selectors as `ip rule` prints them: the ends of a range are two fields in JSON. */
function unmodelledText(entry: Entry, keys: readonly string[]): string {
  const { uid_start: first, uid_end: last } = entry.fields;
  const uids = first === undefined ? [] : [`uidrange ${String(first)}${last === undefined ? '' : `-${String(last)}`}`];
  return [...uids, ...keys.filter((key) => key !== 'uid_start' && key !== 'uid_end').map((key) => entry.said(key))].join(' ');
}

/** The prefix of `from` or `to`; null: all. JSON has the length in a field of its own. */
function ends(entry: Entry, key: string, length: string): Prefix | null {
  const [word, bits] = [entry.word(key), entry.number(length)];
  if (word === null || word === 'all') return null;
  const prefix = prefixFrom(bits === null ? word : `${word}/${bits}`);
  if (prefix === null) entry.wrong.push(`${key} "${word}" is no prefix`);
  return prefix;
}

function markOf(entry: Entry): RoutingRule['mark'] {
  const [value, mask] = [entry.number('fwmark'), entry.number('fwmask')];
  return value === null ? null : { value, mask };
}

const PROTOCOLS: Readonly<Record<string, number>> = { icmp: 1, tcp: 6, udp: 17, 'ipv6-icmp': 58, sctp: 132, ipip: 4, ipencap: 4, ipv6: 41 };

function portsOf(entry: Entry): Pick<RoutingRule, 'protocol' | 'sourcePorts' | 'destinationPorts'> {
  const [name, source, destination] = [entry.word('ipproto'), span(entry, 'sport'), span(entry, 'dport')];
  const protocol =
    name === null ? null : Object.hasOwn(PROTOCOLS, name) ? PROTOCOLS[name] : /^\d{1,3}$/.test(name) ? Number(name) : undefined;
  if (protocol === undefined) entry.wrong.push(`ipproto "${name}" is not known`);
  return {
    ...(protocol == null ? {} : { protocol }),
    ...(source === null ? {} : { sourcePorts: source }),
    ...(destination === null ? {} : { destinationPorts: destination }),
  };
}

/** The ports of a selector. JSON has a range in two fields, text in one word. */
function span(entry: Entry, key: string): PortSpan | null {
  const [first, last, word] = [entry.number(`${key}_start`), entry.number(`${key}_end`), entry.word(key)];
  if (first !== null && last !== null) return [first, last];
  const match = /^(\d{1,5})(?:-(\d{1,5}))?$/.exec(word ?? '');
  if (match !== null) return [Number(match[1]), Number(match[2] ?? match[1])];
  if (word !== null) entry.wrong.push(`${key} "${word}" is no port`);
  return null;
}

function actionOf(entry: Entry): RuleAction | null {
  // A rule with suppress_ifgroup may give up the route that it found, and `not` turns its selectors round: together they are not modelled.
  if (entry.has('not') && entry.has('suppress_ifgroup'))
    return { kind: 'unmodelled', text: `lookup ${entry.word('table') ?? 'main'} suppress_ifgroup ${entry.word('suppress_ifgroup')}` };
  // The table is that of the VRF to which the packet's device belongs.
  if (entry.has('l3mdev')) return { kind: 'unmodelled', text: 'lookup [l3mdev-table]' };
  const [nat, masquerade] = [entry.word('nat_gateway'), entry.has('masquerade')];
  if (nat !== null || masquerade) return { kind: 'unmodelled', text: nat === null ? 'masquerade' : `map-to ${nat}` };
  const [target, nop, action] = [entry.number('goto'), entry.has('nop'), entry.word('action')];
  if (target !== null) return { kind: 'goto', priority: target };
  if (nop) return { kind: 'nop' };
  switch (action) {
    case 'blackhole':
    case 'unreachable':
    case 'prohibit':
    case 'nop':
      return { kind: action };
    case null:
      return null;
    default:
      entry.wrong.push(`action "${action}" is not known`);
      return null;
  }
}
