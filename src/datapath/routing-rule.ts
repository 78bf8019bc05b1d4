import { familyOf, type IpAddress, type IpFamily } from '../net/address.ts';
import { contains, formatPrefix, type Prefix } from '../net/prefix.ts';
import type { Origin } from '../source/origin.ts';
import type { Untold } from './untold.ts';

/** What becomes of a packet that a rule selects. */
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
  /** Of no meaning beside an action. */
  readonly table: number;
  readonly origin: Origin;
  /** Left out: of both, where it names no address. */
  readonly family?: IpFamily;
  /** `not`: it selects what its selectors do not. */
  readonly inverted?: true;
  readonly oif?: string;
  /** By its number; ports are those of any protocol that has them. */
  readonly protocol?: number;
  readonly sourcePorts?: PortSpan;
  readonly destinationPorts?: PortSpan;
  /** A route that it finds with a prefix of this length or a shorter one is none. */
  readonly suppressPrefixLength?: number;
  /** Left out: it looks up its table. */
  readonly action?: RuleAction;
  /** Selectors that are not modelled, as they are written: `uidrange 1000-2000`. Whether it selects a packet is not known then. */
  readonly unmodelled?: string;
  /** It stands for rules that are not told. */
  readonly untold?: Untold;
}

/** The parts of a packet that a rule may look at. `iif` is null for a packet that is sent from here (rules call that `lo`). */
export interface FlowKey {
  readonly destination: IpAddress;
  readonly source: IpAddress | null;
  readonly iif: string | null;
  readonly mark: number;
  /** The number of its protocol, and its ports. Left out: whoever asks does not say, and rules by them do not select. */
  readonly transport?: Transport;
  /** The device that it is to leave by, where the look-up is told: its sender is bound to it, or the kernel wants it (IPv6). */
  readonly oif?: string;
  /** Of all routes to a prefix one by `oif` is taken, before any other of a better metric: rt6_device_match, net/ipv6/route.c. */
  readonly isByOif?: true;
  /** What is taken for the answer of a rule with selectors that are not modelled; null: nothing. */
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

/** What `ip rule` takes beside the two prefixes. */
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

/** What a rule does, as `ip rule` writes it. */
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

/** As iproute2 takes it, and as it is stated: what a mark without a mask means is the kernel's business. */
const fwmarkText = ({ value, mask }: NonNullable<RoutingRule['mark']>): string =>
  `0x${value.toString(16)}${mask === null ? '' : `/0x${mask.toString(16)}`}`;
