import { chainOf } from '../datapath/netfilter/indexed-chain.ts';
import type { ConnectionState, Match } from '../datapath/netfilter/match.ts';
import type { Chain, Rule, TableName } from '../datapath/netfilter/ruleset.ts';
import type { NamedSet } from '../datapath/netfilter/sets.ts';
import type { Target } from '../datapath/netfilter/target.ts';
import type { SharedChains } from '../datapath/netfilter/written.ts';
import type { KubeProxy } from '../k8s/cluster.ts';
import { type IpFamily, LOOPBACK } from '../net/address.ts';
import { cidr, hostPrefix } from '../net/prefix.ts';
import type { Origin } from '../source/origin.ts';
import { localDetector } from './detect-local.ts';
import { FIELDS, type IpSets } from './ipvs-sets.ts';
import type { ProxiedNode } from './mode.ts';

/** The jumps from the base chains. kube-proxy prepends them one by one, so the last one of its list comes first. */
export function jumpRules(origin: Origin): readonly { table: TableName; hook: string; rule: Rule }[] {
  const jump = (table: TableName, hook: string, chain: string, comment: string) => ({
    table,
    hook,
    rule: { matches: [], target: { kind: 'jump', chain }, comment, origin } as const,
  });
  return [
    jump('filter', 'INPUT', 'KUBE-IPVS-FILTER', 'kubernetes ipvs access filter'),
    jump('filter', 'INPUT', 'KUBE-PROXY-FIREWALL', 'kube-proxy firewall rules'),
    jump('filter', 'INPUT', 'KUBE-NODE-PORT', 'kubernetes health check rules'),
    jump('filter', 'FORWARD', 'KUBE-PROXY-FIREWALL', 'kube-proxy firewall rules'),
    jump('filter', 'FORWARD', 'KUBE-FORWARD', 'kubernetes forwarding rules'),
    jump('filter', 'OUTPUT', 'KUBE-IPVS-OUT-FILTER', 'kubernetes ipvs access filter'),
    jump('nat', 'PREROUTING', 'KUBE-SERVICES', 'kubernetes service portals'),
    jump('nat', 'OUTPUT', 'KUBE-SERVICES', 'kubernetes service portals'),
    jump('nat', 'POSTROUTING', 'KUBE-POSTROUTING', 'kubernetes postrouting rules'),
  ];
}

interface Here {
  readonly family: IpFamily;
  readonly kubeProxy: KubeProxy;
  readonly node: ProxiedNode;
  readonly origin: Origin;
  readonly sets: IpSets;
}

/** Chains of rules with sets: their number does not grow with the services. */
export function serviceChains(here: Here): SharedChains {
  const tables: Readonly<Partial<Record<TableName, ReadonlyMap<string, Chain>>>> = {
    nat: byName(natRules(here)),
    filter: byName(filterRules(here)),
  };
  return {
    chain: (table, name) => tables[table]?.get(name),
    names: (table) => [...(tables[table]?.keys() ?? [])],
  };
}

type Rules = Readonly<Record<string, readonly (Rule | null)[]>>;

const byName = (rules: Rules): ReadonlyMap<string, Chain> =>
  new Map(
    Object.entries(rules).map(([name, list]) => [
      name,
      chainOf(
        name,
        list.filter((r) => r !== null),
      ),
    ]),
  );

const jump = (chain: string): Target => ({ kind: 'jump', chain });
const ACCEPT: Target = { kind: 'ACCEPT' };
const RETURN: Target = { kind: 'RETURN' };
const DROP: Target = { kind: 'DROP' };
const MARK_MASQ = jump('KUBE-MARK-MASQ');
const state = (...states: ConnectionState[]): Match => ({ kind: 'ctstate', states, negated: false });
const LOOPBACK_NET = { IPv4: cidr('127.0.0.0/8'), IPv6: hostPrefix(LOOPBACK.IPv6) } as const;

/** The rules of a node that ask its sets; one that asks an empty set is not written. */
function asking({ family, origin }: Here) {
  const { dst, src } = FIELDS[family];
  const port = ['meta l4proto', 'th dport'] as const;
  const keys = {
    dst: [dst],
    'dst,dst': [dst, ...port],
    'src,dst': [src, ...port],
    'dst,dst,src': [dst, ...port, src],
    port: ['th dport'],
  } as const;
  const rule = (matches: readonly Match[], target: Target, comment: string | null = null): Rule => ({ matches, target, comment, origin });
  const isIn = (set: NamedSet, how: keyof typeof keys): Match => ({ kind: 'lookup', key: keys[how], set, negated: false });
  const ask = (set: NamedSet, how: keyof typeof keys, target: Target, before: readonly Match[] = [], after: readonly Match[] = []) =>
    [...set.elements()].length === 0 ? null : rule([...before, isIn(set, how), ...after], target);
  return { rule, ask, isIn };
}

function natRules(here: Here): Rules {
  const { sets, family, kubeProxy, node } = here;
  const { rule, ask } = asking(here);
  const mark = 2 ** kubeProxy.masqueradeBit;
  const protocol = (name: 'tcp' | 'udp' | 'sctp'): readonly Match[] => [{ kind: 'protocol', protocol: name, negated: false }];
  const local: Match = { kind: 'dst-type', type: 'LOCAL', negated: false };
  return {
    'KUBE-SERVICES': [
      rule([{ kind: 'source', prefix: LOOPBACK_NET[family], negated: false }], RETURN),
      ask(sets.loadBalancer, 'dst,dst', jump('KUBE-LOAD-BALANCER')),
      masqueraded(here),
      ask(sets.externalIp, 'dst,dst', MARK_MASQ),
      // Before each of these another rule accepts what comes from outside: these accept that too.
      ask(sets.externalIp, 'dst,dst', ACCEPT, [], [local]),
      ask(sets.externalIpLocal, 'dst,dst', ACCEPT, [], [local]),
      rule([local], jump('KUBE-NODE-PORT')),
      ask(sets.clusterIp, 'dst,dst', ACCEPT),
      ask(sets.loadBalancer, 'dst,dst', ACCEPT),
    ],
    'KUBE-LOAD-BALANCER': [ask(sets.loadBalancerLocal, 'dst,dst', RETURN), rule([], MARK_MASQ)],
    'KUBE-NODE-PORT': [
      ask(sets.tcpLocal, 'port', RETURN, protocol('tcp')),
      ask(sets.tcp, 'port', MARK_MASQ, protocol('tcp')),
      ask(sets.udpLocal, 'port', RETURN, protocol('udp')),
      ask(sets.udp, 'port', MARK_MASQ, protocol('udp')),
      ask(sets.sctpLocal, 'dst,dst', RETURN, protocol('sctp')),
      ask(sets.sctp, 'dst,dst', MARK_MASQ, protocol('sctp')),
    ],
    'KUBE-POSTROUTING': [
      ask(sets.loopBack, 'dst,dst,src', { kind: 'MASQUERADE', randomFully: false }),
      rule([{ kind: 'mark', value: mark, mask: mark, negated: true }], RETURN),
      rule([], { kind: 'MARK', value: mark, mask: 0 }),
      rule([], { kind: 'MASQUERADE', randomFully: true }, 'kubernetes service traffic requiring SNAT'),
    ],
    'KUBE-MARK-MASQ': [rule([], { kind: 'MARK', value: mark, mask: mark })],
  };

  /** What the node itself sends to a ClusterIP has that address as its source too, since both are its own. */
  function masqueraded({ kubeProxy: { masqueradeAll, detectLocal } }: Here): Rule | null {
    const isLocal = localDetector(detectLocal, node, family);
    if (masqueradeAll) return ask(sets.clusterIp, 'dst,dst', MARK_MASQ);
    return isLocal === null ? ask(sets.clusterIp, 'src,dst', MARK_MASQ) : ask(sets.clusterIp, 'dst,dst', MARK_MASQ, [], [isLocal(true)]);
  }
}

const PORT_UNREACHABLE = { IPv4: 'icmp-port-unreachable', IPv6: 'icmp6-port-unreachable' } as const;

function filterRules(here: Here): Rules {
  const { sets, family, kubeProxy } = here;
  const { rule, ask, isIn } = asking(here);
  const mark = 2 ** kubeProxy.masqueradeBit;
  return {
    'KUBE-IPVS-FILTER': [
      ask(sets.loadBalancer, 'dst,dst', RETURN),
      ask(sets.clusterIp, 'dst,dst', RETURN),
      ask(sets.externalIp, 'dst,dst', RETURN),
      ask(sets.externalIpLocal, 'dst,dst', RETURN),
      ask(sets.health, 'port', RETURN),
      // Pings too: https://github.com/kubernetes/website/issues/41002.
      rule([state('NEW'), isIn(sets.ipvsIps, 'dst')], { kind: 'REJECT', with: PORT_UNREACHABLE[family] }),
    ],
    'KUBE-PROXY-FIREWALL': [ask(sets.firewall, 'dst,dst', jump('KUBE-SOURCE-RANGES-FIREWALL'))],
    'KUBE-SOURCE-RANGES-FIREWALL': [ask(sets.sourceCidr, 'dst,dst,src', RETURN), ask(sets.sourceIp, 'dst,dst,src', RETURN), rule([], DROP)],
    'KUBE-NODE-PORT': [ask(sets.health, 'port', ACCEPT)],
    'KUBE-FORWARD': [
      rule([{ kind: 'mark', value: mark, mask: mark, negated: false }], ACCEPT, 'kubernetes forwarding rules'),
      rule([state('RELATED', 'ESTABLISHED')], ACCEPT, 'kubernetes forwarding conntrack rule'),
    ],
    'KUBE-IPVS-OUT-FILTER': sets.closedToNode.map(({ address, protocol, port }) =>
      rule(
        [
          { kind: 'source', prefix: hostPrefix(address), negated: false },
          { kind: 'ipvs', address, protocol, port },
        ],
        DROP,
      ),
    ),
  };
}
