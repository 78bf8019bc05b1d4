import { familyOf, type IpAddress, type IpFamily } from '../net/address.ts';
import { contains, formatPrefix, type Prefix } from '../net/prefix.ts';
import type { Origin } from '../source/origin.ts';
import type { Untold } from './untold.ts';

/** The action on a packet that the rule selects. */
export type RuleAction =
  | { readonly kind: 'nop' | 'blackhole' | 'unreachable' | 'prohibit' }
  /** The first rule with that priority is asked next; there may be none, and then it is as `nop`. */
  | { readonly kind: 'goto'; readonly priority: number }
  /** One that is not modelled; or one that hangs on what was not given, with the command that prints it. */
  | { readonly kind: 'unmodelled'; readonly text: string; readonly command?: string };

/** First and last. */
export type PortSpan = readonly [number, number];

export interface RoutingRule {
  readonly priority: number;
  readonly from: Prefix | null;
  readonly to: Prefix | null;
  readonly iif: string | null;
  /** A null mask: none is stated. */
  readonly mark: { readonly value: number; readonly mask: number | null } | null;
  /** The table of a look-up; without a meaning beside another action. */
  readonly table: number;
  readonly origin: Origin;
  /** Left out: of both, where it names no address. */
  readonly family?: IpFamily;
  /** `not`: it selects what its selectors do not. */
  readonly inverted?: true;
  readonly oif?: string;
  /** The number of the protocol; ports without it are those of any protocol that has ports. */
  readonly protocol?: number;
  readonly sourcePorts?: PortSpan;
  readonly destinationPorts?: PortSpan;
  /** A route that it finds with a prefix of this length or a shorter one is none. */
  readonly suppressPrefixLength?: number;
  /** Left out: it looks up its table. */
  readonly action?: RuleAction;
  /** Selectors that are not modelled, as they are written: `uidrange 1000-2000`. Whether it selects a packet is not known then. */
  readonly unmodelled?: string;
  /** It stands for unknown rules. */
  readonly untold?: Untold;
}

/** The parts of a packet that a rule may look at. `iif` is null for a packet that is sent from here (rules call that `lo`). */
export interface FlowKey {
  readonly destination: IpAddress;
  readonly source: IpAddress | null;
  readonly iif: string | null;
  readonly mark: number;
  /**
   * The number of the packet's protocol, and its ports. Undefined: the look-up is not for a particular packet, and rules with these
   * selectors do not match.
   */
  readonly transport?: Transport;
  /** The device that the look-up is bound to, by its socket or by the kernel (IPv6). Undefined: it is not bound. */
  readonly oif?: string;
  /** A route by `oif` is taken before any other to the prefix, even of a better metric: rt6_device_match, net/ipv6/route.c. */
  readonly isByOif?: true;
  /** The supposed answer of a rule whose selectors are not modelled; null: no answer. */
  readonly supposed?: (rule: RoutingRule) => boolean | null;
}

export interface Transport {
  readonly protocol: number;
  readonly sourcePort: number;
  readonly destinationPort: number;
}

/** fib_rule_match, net/core/fib_rules.c: `not` turns round all that the rule asks. Null: that is not known. */
export function selects(rule: RoutingRule, flow: FlowKey): boolean | null {
  if (rule.family !== undefined && rule.family !== familyOf(flow.destination)) return false;
  const isInverted = rule.inverted === true;
  if (!fits(rule, flow)) return isInverted;
  return rule.unmodelled === undefined ? !isInverted : null;
}

function fits(rule: RoutingRule, flow: FlowKey): boolean {
  if (rule.from !== null && (flow.source === null || !contains(rule.from, flow.source))) return false;
  if (rule.to !== null && !contains(rule.to, flow.destination)) return false;
  if (rule.iif !== null && rule.iif !== (flow.iif ?? 'lo')) return false;
  if (rule.oif !== undefined && rule.oif !== flow.oif) return false;
  return (rule.mark === null || hasMark(rule.mark, flow.mark)) && isOfTransport(rule, flow.transport);
}

const NO_TRANSPORT: Transport = { protocol: 0, sourcePort: 0, destinationPort: 0 };

function isOfTransport(rule: RoutingRule, { protocol, sourcePort, destinationPort } = NO_TRANSPORT): boolean {
  const { protocol: wanted = protocol, sourcePorts, destinationPorts } = rule;
  return wanted === protocol && isIn(sourcePorts, sourcePort) && isIn(destinationPorts, destinationPort);
}

const isIn = (span: PortSpan | undefined, port: number) => span === undefined || (port >= span[0] && port <= span[1]);

/**
 * The bits of the mask are alike; what the value has beside them does not count. Without a mask all bits count, but for a
 * value of 0, which is then no selector at all. Source: net/core/fib_rules.c, fib_nl2rule.
 */
function hasMark({ value, mask }: NonNullable<RoutingRule['mark']>, mark: number): boolean {
  const bits = mask ?? (value === 0 ? 0 : 0xffffffff);
  return ((mark ^ value) & bits) === 0;
}

/** `from 10.244.1.10/32 iif eth0`, as iproute2 prints what a rule selects. */
export function selectorText(r: Partial<Omit<RoutingRule, 'priority' | 'origin'>>): string {
  return [
    `${r.inverted === true ? 'not ' : ''}from ${r.from == null ? 'all' : formatPrefix(r.from)}`,
    ...(r.to == null ? [] : [`to ${formatPrefix(r.to)}`]),
    ...otherSelectors(r),
  ].join(' ');
}

/** The selectors beside the two prefixes, in the words of `ip rule`. */
export const otherSelectors = (r: Partial<RoutingRule>): readonly string[] => [
  ...(r.iif == null ? [] : [`iif ${r.iif}`]),
  ...(r.oif === undefined ? [] : [`oif ${r.oif}`]),
  ...(r.mark == null ? [] : [`fwmark ${fwmarkText(r.mark)}`]),
  ...(r.protocol === undefined ? [] : [`ipproto ${r.protocol}`]),
  ...(r.sourcePorts === undefined ? [] : [`sport ${spanText(r.sourcePorts)}`]),
  ...(r.destinationPorts === undefined ? [] : [`dport ${spanText(r.destinationPorts)}`]),
  ...(r.unmodelled === undefined ? [] : [r.unmodelled]),
];

const spanText = ([first, last]: PortSpan) => (first === last ? `${first}` : `${first}-${last}`);

/** The action in the words of `ip rule`. */
export function actionText({ action, table, suppressPrefixLength: length }: RoutingRule, nameOf: (table: number) => string): string {
  if (action === undefined) return `lookup ${nameOf(table)}${length === undefined ? '' : ` suppress_prefixlength ${length}`}`;
  switch (action.kind) {
    case 'goto':
      return `goto ${action.priority}`;
    case 'unmodelled':
      return action.text;
    default:
      return action.kind;
  }
}

/** The mark as iproute2 accepts it; without a mask if none is stated, because the kernel has a default. */
const fwmarkText = ({ value, mask }: NonNullable<RoutingRule['mark']>): string =>
  `0x${value.toString(16)}${mask === null ? '' : `/0x${mask.toString(16)}`}`;
