import type { Firewall, FirewallList, FirewallRule, HostFirewall, PortRange } from '../../k8s/network.ts';
import type { TransportProtocol } from '../../k8s/pod.ts';
import type { IpFamily } from '../../net/address.ts';
import { cidr, contains, type Prefix } from '../../net/prefix.ts';
import { declared, inferred } from '../../source/origin.ts';
import type { FirewallInput, FirewallRuleInput } from '../schema/network.ts';
import type { NodeInput } from '../schema/topology.ts';
import type { Cursor } from './cursor.ts';
import { familyOfRule } from './families.ts';

const ANYWHERE = cidr('0.0.0.0/0');
const FIELD = { edge: 'internet', underlay: 'underlay' } as const;

/** A list of rules, or a mapping with a default. A rule that earlier ones leave nothing to do for is reported, with both places. */
export function readFirewall(
  root: Cursor,
  input: FirewallInput | undefined,
  where: Firewall['where'],
  families: readonly IpFamily[],
): Firewall | null {
  const list = readList(root.at(FIELD[where], 'firewall'), OBJECT[where], input, families);
  return list === null ? null : { where, ...list };
}

/** A node's own rules; null: none is stated. */
export function readHostFirewall(here: Cursor, { name, firewall }: NodeInput, families: readonly IpFamily[]): HostFirewall | null {
  if (firewall === undefined) return null;
  const read = (list: 'input' | 'forward') => readList(here.at(list), `Firewall/${name}/${list}`, firewall[list], families);
  return { input: read('input'), forward: read('forward') };
}

function readList(at: Cursor, object: string, input: FirewallInput | undefined, families: readonly IpFamily[]): FirewallList | null {
  if (input === undefined) return null;
  const here = at.of(object);
  const isList = Array.isArray(input);
  const list = isList ? here : here.at('rules');
  const rules = (isList ? input : (input.rules ?? [])).map((rule, i) => readRule(list.at(i).of(`${object}/${i + 1}`), rule));
  warnShadowed(list, rules, families);
  const action = isList ? undefined : input.default;
  const origin = action === undefined ? inferred(here.locus) : declared(here.at('default').locus);
  return { rules, otherwise: { action: action ?? 'allow', origin } };
}

const OBJECT = { edge: 'Firewall/internet', underlay: 'Firewall/underlay' } as const;

function readRule(here: Cursor, input: FirewallRuleInput): FirewallRule {
  const { name, action, from, to, protocol } = input;
  return {
    name: name ?? null,
    action,
    from: from ?? ANYWHERE,
    to: to ?? ANYWHERE,
    family: familyOfRule(input),
    protocol: protocol ?? null,
    ports: (input.ports ?? []).map((text) => readPorts(String(text))),
    origin: declared(here.locus),
  };
}

/** `22/tcp`, `30000-32767`, `53/udp` */
function readPorts(text: string): PortRange {
  const [range = '', protocol = 'tcp'] = text.split('/');
  const [first = Number.NaN, last = first] = range.split('-').map(Number);
  return { first, last, protocol: protocol as TransportProtocol };
}

/** A rule about both families is left nothing to do when earlier ones decide all that it is about in each of them. */
function warnShadowed(list: Cursor, rules: readonly FirewallRule[], all: readonly IpFamily[]): void {
  for (const [i, rule] of rules.entries()) {
    const families = rule.family === null ? all : [rule.family];
    const covering = families.map((f) => rules.slice(0, i).findIndex((e) => (e.family === null || e.family === f) && covers(e, rule)));
    const [earlier = -1] = covering;
    if (!covering.includes(-1))
      list
        .at(i)
        .warn(
          'firewall-rule-never-met',
          `the rule at ${list.at(earlier).place} decides all that this one is about`,
          'put this one before it, or leave it out',
        );
  }
}

function covers(wide: FirewallRule, narrow: FirewallRule): boolean {
  return holds(wide.from, narrow.from) && holds(wide.to, narrow.to) && coversPorts(wide, narrow);
}

const holds = (wide: Prefix, narrow: Prefix) => wide.length === 0 || (wide.length <= narrow.length && contains(wide, narrow.address));

function coversPorts(wide: FirewallRule, narrow: FirewallRule): boolean {
  if (wide.ports.length === 0 && wide.protocol === null) return true;
  if (wide.ports.length === 0)
    return narrow.ports.length === 0 ? narrow.protocol === wide.protocol : narrow.ports.every((p) => p.protocol === wide.protocol);
  return (
    narrow.ports.length > 0 &&
    narrow.ports.every((n) => wide.ports.some((w) => w.protocol === n.protocol && w.first <= n.first && w.last >= n.last))
  );
}
