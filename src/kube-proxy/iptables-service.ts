import { type Chain, type Match, plainChain, type Rule, type Target } from '../datapath/netfilter.ts';
import type { Endpoint, Service, ServicePort } from '../k8s/cluster.ts';
import { endpointName, readyEndpoints } from '../k8s/endpoints.ts';
import type { IpAddress } from '../net/address.ts';
import { hostPrefix, type Prefix } from '../net/prefix.ts';
import { declared, type Origin } from '../origin.ts';
import { endpointChain, serviceChain, servicePortName } from './names.ts';

/** What one port of a ClusterIP service puts into the tables: either a way to its endpoints, or a refusal. */
export interface ServiceRules {
  /** Its line in nat KUBE-SERVICES; null without endpoints. */
  readonly nat: Rule | null;
  /** Its line in filter KUBE-SERVICES; null with endpoints. */
  readonly filter: Rule | null;
  readonly chains: readonly Chain[];
}

/** Source: syncProxyRules, pkg/proxy/iptables/proxier.go. */
export function serviceRules(service: Service, port: ServicePort, clusterIp: IpAddress, podCidr: Prefix): ServiceRules {
  const name = servicePortName(service.namespace, service.name, port.name);
  const origin = declared(service.locus);
  const toService: readonly Match[] = [
    { kind: 'destination', prefix: hostPrefix(clusterIp), negated: false },
    { kind: 'protocol', protocol: port.protocol, negated: false },
    { kind: 'dport', protocol: port.protocol, first: port.port, last: port.port, negated: false },
  ];
  const endpoints = readyEndpoints(port);
  if (endpoints.length === 0) {
    const filter = rule(toService, { kind: 'REJECT', with: 'icmp-port-unreachable' }, `${name} has no endpoints`, origin);
    return { nat: null, filter, chains: [] };
  }
  const chain = serviceChain(name, port.protocol);
  return {
    nat: rule(toService, { kind: 'jump', chain }, `${name} cluster IP`, origin),
    filter: null,
    chains: [balance(chain, name, port, toService, endpoints, podCidr, origin), ...endpoints.map((e) => endpoint(name, port, e))],
  };
}

const rule = (matches: readonly Match[], target: Target, comment: string, origin: Origin): Rule => ({ matches, target, comment, origin });
const MARK_MASQ: Target = { kind: 'jump', chain: 'KUBE-MARK-MASQ' };

/** KUBE-SVC: what comes from outside the pod range will be masqueraded; then one endpoint of those left, each as likely as another. */
function balance(
  chain: string,
  name: string,
  port: ServicePort,
  toService: readonly Match[],
  endpoints: readonly Endpoint[],
  podCidr: Prefix,
  origin: Origin,
): Chain {
  const notLocal: Match = { kind: 'source', prefix: podCidr, negated: true };
  const rules = endpoints.map((e, i) => {
    const left = endpoints.length - i;
    const share: readonly Match[] = left === 1 ? [] : [{ kind: 'statistic', probability: 1 / left }];
    const target = { kind: 'jump', chain: endpointChain(name, port.protocol, endpointName(e)) } as const;
    return rule(share, target, `${name} -> ${endpointName(e)}`, declared(e.locus));
  });
  return plainChain(chain, [rule([...toService, notLocal], MARK_MASQ, `${name} cluster IP`, origin), ...rules]);
}

/** KUBE-SEP: an endpoint that calls itself is masqueraded, or its answer would never come back here (hairpin). */
function endpoint(name: string, port: ServicePort, e: Endpoint): Chain {
  const origin = declared(e.locus);
  const itself: Match = { kind: 'source', prefix: hostPrefix(e.ip), negated: false };
  const protocol: Match = { kind: 'protocol', protocol: port.protocol, negated: false };
  return plainChain(endpointChain(name, port.protocol, endpointName(e)), [
    rule([itself], MARK_MASQ, name, origin),
    rule([protocol], { kind: 'DNAT', address: e.ip, port: e.port }, name, origin),
  ]);
}
