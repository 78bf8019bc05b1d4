import type { Match } from '../datapath/netfilter/match.ts';
import type { Rule } from '../datapath/netfilter/ruleset.ts';
import type { BalancerRole } from '../datapath/roles.ts';
import { type NextHop, type Route, usualMetric } from '../datapath/route.ts';
import type { Cluster } from '../k8s/cluster.ts';
import { nodeIp } from '../k8s/families.ts';
import { healthyNodes } from '../k8s/healthy-nodes.ts';
import type { Node } from '../k8s/node.ts';
import { key } from '../k8s/pod.ts';
import type { LoadBalancerIngress, Service, ServicePort } from '../k8s/service.ts';
import { familyOf, type IpAddress } from '../net/address.ts';
import { hostPrefix } from '../net/prefix.ts';
import { declared } from '../source/origin.ts';

/**
 * The load balancers of services, as the gateway has them. With ipMode VIP a packet is handed to a node as it is, and the node knows the
 * address; with Proxy it is sent on to a node port, in the balancer's own name. Which nodes get any, their health checks decide.
 */
export interface Balancing {
  readonly routes: readonly Route[];
  readonly rules: readonly { readonly chain: string; readonly rule: Rule }[];
}

/** Those of the family of `inside`, the gateway's own address. `towards` is the next hop to a node. */
export function balancing(cluster: Cluster, inside: IpAddress, towards: (node: Node) => IpAddress | null): Balancing {
  const all = [...cluster.services.values()].flatMap((service) =>
    service.loadBalancerIngress.flatMap((ingress) => (familyOf(ingress.ip) === familyOf(inside) ? [{ service, ingress }] : [])),
  );
  const proxied = all.filter((b) => b.ingress.mode === 'Proxy');
  return {
    // A packet that a proxy does not send on has nowhere to go.
    routes: all.map(({ service, ingress }) =>
      ingress.mode === 'VIP' ? routeTo(cluster, service, ingress, towards) : nowhere(service, ingress),
    ),
    rules: proxied.flatMap(({ service, ingress }) => [
      ...service.ports.flatMap((p) => toNodePorts(cluster, service, p, ingress)),
      ownName(service, ingress, inside),
    ]),
  };
}

function routeTo(cluster: Cluster, service: Service, ingress: LoadBalancerIngress, towards: (node: Node) => IpAddress | null): Route {
  const reached = healthyNodes(cluster, service, familyOf(ingress.ip)).flatMap((node) => {
    const via = towards(node);
    return via === null ? [] : [{ name: node.name, via }];
  });
  if (reached.length === 0) return nowhere(service, ingress);
  const nextHops = reached.map(({ via }): NextHop => ({ via, device: 'eth0', weight: 1 }));
  return {
    prefix: hostPrefix(ingress.ip),
    type: 'unicast',
    metric: usualMetric(familyOf(ingress.ip)),
    nextHops,
    source: null,
    origin: declared(ingress.locus),
    role: balancerOf(
      service,
      reached.map((n) => n.name),
    ),
  };
}

const balancerOf = (service: Service, nodes: readonly string[]): BalancerRole => ({ kind: 'balancer', service: key(service), nodes });

const nowhere = (service: Service, { ip, locus }: LoadBalancerIngress): Route => ({
  prefix: hostPrefix(ip),
  type: 'blackhole',
  metric: usualMetric(familyOf(ip)),
  nextHops: [],
  source: null,
  origin: declared(locus),
  role: balancerOf(service, []),
});

function toNodePorts(cluster: Cluster, service: Service, port: ServicePort, { ip, locus }: LoadBalancerIngress) {
  const { nodePort, protocol } = port;
  if (nodePort === null) return [];
  const family = familyOf(ip);
  const nodes = healthyNodes(cluster, service, family);
  const called: readonly Match[] = [
    { kind: 'destination', prefix: hostPrefix(ip), negated: false },
    { kind: 'protocol', protocol, negated: false },
    { kind: 'dport', protocol, first: port.port, last: port.port, negated: false },
  ];
  const comment = `load balancer of ${service.name}`;
  const rule = (matches: readonly Match[], target: Rule['target'], to: readonly string[]) => ({
    chain: 'PREROUTING',
    rule: { matches: [...called, ...matches], target, comment, origin: declared(locus), role: balancerOf(service, to) },
  });
  const targets = nodes.flatMap((node) => {
    const address = nodeIp(node, family);
    return address === null ? [] : [{ address, name: node.name }];
  });
  const balanced = targets.map(({ address, name }, i) => {
    const left = targets.length - i;
    const share: readonly Match[] = left === 1 ? [] : [{ kind: 'statistic', probability: 1 / left }];
    return rule(share, { kind: 'DNAT', address, port: nodePort }, [name]);
  });
  return [rule([], { kind: 'MARK', value: BALANCED, mask: BALANCED }, []), ...balanced];
}

/** Set on packets that the balancer has taken, so that they leave in the balancer's own name: nodes do not see the client. */
const BALANCED = 0x1;

function ownName(service: Service, { locus }: LoadBalancerIngress, inside: IpAddress) {
  const matches: readonly Match[] = [{ kind: 'mark', value: BALANCED, mask: BALANCED, negated: false }];
  const target = { kind: 'SNAT', address: inside } as const;
  const comment = `load balancer of ${service.name}`;
  return { chain: 'POSTROUTING', rule: { matches, target, comment, origin: declared(locus), role: balancerOf(service, []) } };
}
