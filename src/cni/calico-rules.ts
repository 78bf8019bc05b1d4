import type { RulesetBuilder } from '../datapath/netfilter/builder.ts';
import type { Match } from '../datapath/netfilter/match.ts';
import type { Rule } from '../datapath/netfilter/ruleset.ts';
import type { Target } from '../datapath/netfilter/target.ts';
import type { Host } from '../k8s/cni.ts';
import { FAMILIES, familyOf, type IpAddress, type IpFamily } from '../net/address.ts';
import { hostPrefix, type Prefix } from '../net/prefix.ts';
import type { Origin } from '../source/origin.ts';

/**
 * Felix' chains in iptables, as far as they decide where a packet goes when no policy does. Its jumps stand before all others. Where it
 * asks an ipset, of the pools or the hosts, there is a rule for each element here. Source: projectcalico/calico, felix/rules/static.go,
 * endpoints.go and dispatch.go.
 */
export interface CalicoRules {
  /** How the names of pods' host ends begin. */
  readonly prefix: string;
  readonly pools: readonly { readonly cidr: Prefix; readonly natOutgoing: boolean }[];
  readonly vxlanPort: number;
  readonly tunnels: readonly CalicoTunnel[];
  readonly origin: Origin;
}

/** A node's end of a tunnel, which the packets of these hosts only get to. */
export interface CalicoTunnel {
  readonly family: IpFamily;
  readonly device: string;
  readonly carrier: readonly Match[];
  readonly hosts: readonly IpAddress[];
}

/** Set when policy lets a packet pass. */
const ACCEPTED = 0x10000;

export function calicoRules(host: Pick<Host, 'rules' | 'addresses' | 'pods'>, config: CalicoRules): void {
  for (const family of FAMILIES)
    if (host.addresses.some((a) => familyOf(a) === family)) {
      const rules = host.rules[family];
      antiSpoofing(rules, config);
      policy(
        rules,
        host.pods.filter((p) => p.addresses.some((a) => familyOf(a.address) === family)).map((p) => p.vethName),
        config,
      );
      natOutgoing(rules, family, config);
      for (const tunnel of config.tunnels) if (tunnel.family === family) tunnelled(rules, tunnel, config);
    }
}

type Config = Pick<CalicoRules, 'prefix' | 'origin' | 'vxlanPort'>;

const writer =
  ({ origin }: Config) =>
  (target: Target, comment: string, ...matches: readonly Match[]): Rule => ({
    matches,
    target,
    comment,
    origin,
  });

const cameBy = (name: string): Match => ({ kind: 'in-interface', name, negated: false });
const leavesBy = (name: string): Match => ({ kind: 'out-interface', name, negated: false });
const jump = (chain: string): Target => ({ kind: 'jump', chain });
const goto = (chain: string): Target => ({ kind: 'goto', chain });
const DROP: Target = { kind: 'DROP' };
const ACCEPT: Target = { kind: 'ACCEPT' };

function antiSpoofing({ prepend, append }: RulesetBuilder, config: Config): void {
  const rule = writer(config);
  prepend('raw', 'PREROUTING', rule(jump('cali-PREROUTING'), 'calico'));
  append(
    'raw',
    'cali-PREROUTING',
    rule(DROP, 'calico: a pod sends in the name of another', cameBy(`${config.prefix}+`), { kind: 'rpfilter', negated: true }),
  );
}

function policy({ prepend, append }: RulesetBuilder, hostEnds: readonly string[], config: Config): void {
  const rule = writer(config);
  const any = `${config.prefix}+`;
  prepend('filter', 'INPUT', rule(jump('cali-INPUT'), 'calico'));
  append('filter', 'cali-INPUT', rule(goto('cali-wl-to-host'), 'calico: from pods', cameBy(any)));
  append(
    'filter',
    'cali-wl-to-host',
    rule(jump('cali-from-wl-dispatch'), 'calico: what they may send'),
    rule(ACCEPT, 'calico: defaultEndpointToHostAction'),
  );
  prepend('filter', 'FORWARD', rule(jump('cali-FORWARD'), 'calico'));
  append(
    'filter',
    'cali-FORWARD',
    rule(jump('cali-from-wl-dispatch'), 'calico: from pods', cameBy(any)),
    rule(jump('cali-to-wl-dispatch'), 'calico: to pods', leavesBy(any)),
  );
  const accepted: Match = { kind: 'mark', value: ACCEPTED, mask: ACCEPTED, negated: false };
  append('filter', 'FORWARD', rule(ACCEPT, 'calico: policy lets it pass', accepted));
  for (const name of hostEnds) {
    append('filter', 'cali-from-wl-dispatch', rule(goto(`cali-fw-${name}`), 'calico: of one pod', cameBy(name)));
    append('filter', 'cali-to-wl-dispatch', rule(goto(`cali-tw-${name}`), 'calico: of one pod', leavesBy(name)));
    append('filter', `cali-fw-${name}`, ...endpoint(config, ...encapsulatedByPods(config)));
    append('filter', `cali-tw-${name}`, ...endpoint(config));
  }
  const unknown = rule(DROP, 'calico: of no pod that it knows');
  append('filter', 'cali-from-wl-dispatch', unknown);
  append('filter', 'cali-to-wl-dispatch', unknown);
}

/** Of one pod, one way: what connection tracking says comes first, and policies are judged beside these rules. */
function endpoint(config: Config, ...between: readonly Rule[]): readonly Rule[] {
  const rule = writer(config);
  return [
    rule(ACCEPT, 'calico: of a known connection', { kind: 'ctstate', states: ['RELATED', 'ESTABLISHED'], negated: false }),
    rule(DROP, 'calico: of no connection', { kind: 'ctstate', states: ['INVALID'], negated: false }),
    ...between,
    rule({ kind: 'MARK', value: ACCEPTED, mask: ACCEPTED }, 'calico: past its policies, which are judged beside these rules'),
  ];
}

/** A pod that made its own tunnel packets would get past its policy. */
const encapsulatedByPods = (config: Config): readonly Rule[] => [
  writer(config)(DROP, 'calico: a tunnel made by a pod', UDP, udp(config.vxlanPort)),
];

const UDP: Match = { kind: 'protocol', protocol: 'udp', negated: false };
const udp = (port: number): Match => ({ kind: 'dport', protocol: 'udp', first: port, last: port, negated: false });

function natOutgoing({ prepend, append }: RulesetBuilder, family: IpFamily, config: CalicoRules): void {
  const { pools } = config;
  const rule = writer(config);
  const own = pools.filter((p) => familyOf(p.cidr.address) === family);
  prepend('nat', 'POSTROUTING', rule(jump('cali-POSTROUTING'), 'calico'));
  append('nat', 'cali-POSTROUTING', rule(jump('cali-nat-outgoing'), 'calico: natOutgoing'));
  append(
    'nat',
    'cali-nat-outgoing',
    ...own.map(({ cidr }) => rule({ kind: 'RETURN' }, 'calico: to pods', { kind: 'destination', prefix: cidr, negated: false })),
    ...own.flatMap((p) =>
      p.natOutgoing
        ? [rule({ kind: 'MASQUERADE', randomFully: false }, 'calico: from pods', { kind: 'source', prefix: p.cidr, negated: false })]
        : [],
    ),
  );
}

/** Packets of tunnels come from hosts only, and what a process sends into one in the name of another device gets the tunnel's address. */
function tunnelled({ append, prepend }: RulesetBuilder, { device, carrier, hosts }: CalicoTunnel, config: CalicoRules): void {
  const rule = writer(config);
  const chain = `cali-from-${device}`;
  const toHere: Match = { kind: 'dst-type', type: 'LOCAL', negated: false };
  prepend('filter', 'cali-INPUT', rule(goto(chain), 'calico: a tunnel', ...carrier, toHere));
  append(
    'filter',
    chain,
    ...hosts.map((a) => rule(ACCEPT, 'calico: a node', { kind: 'source', prefix: hostPrefix(a), negated: false })),
    rule(DROP, 'calico: no node'),
  );
  append(
    'nat',
    'cali-POSTROUTING',
    rule(
      { kind: 'MASQUERADE', randomFully: false },
      "calico: the tunnel's own address",
      leavesBy(device),
      { kind: 'src-type', type: 'LOCAL', on: 'out', negated: true },
      { kind: 'src-type', type: 'LOCAL', negated: false },
    ),
  );
}

/** What a tunnel travels in. */
export const carrierOf = (port: number | null): readonly Match[] =>
  port === null ? [{ kind: 'protocol', protocol: 'ipencap', negated: false }] : [UDP, udp(port)];
