import { type NextHop, type Route, usualMetric } from '../datapath/fib.ts';
import type { Match, Rule } from '../datapath/netfilter/ruleset.ts';
import type { Cluster, Node } from '../k8s/cluster.ts';
import { categorizeEndpoints } from '../k8s/endpoints.ts';
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

export function balancing(cluster: Cluster, inside: IpAddress, towards: (node: Node) => IpAddress): Balancing {
  const all = [...cluster.services.values()].flatMap((service) => service.loadBalancerIngress.map((ingress) => ({ service, ingress })));
  const proxied = all.filter((b) => b.ingress.mode === 'Proxy');
  return {
    // What a proxy does not send on has nowhere to go.
    routes: all.map(({ service, ingress }) => (ingress.mode === 'VIP' ? routeTo(cluster, service, ingress, towards) : nowhere(ingress))),
    rules: proxied.flatMap(({ service, ingress }) => [
      ...service.ports.flatMap((p) => toNodePorts(cluster, service, p, ingress)),
      ownName(service, ingress, inside),
    ]),
  };
}

/** With policy Local only nodes with an endpoint pass the check. */
function healthyNodes(cluster: Cluster, service: Service): readonly Node[] {
  const nodes = [...cluster.nodes.values()];
  if (service.externalTrafficPolicy === 'Cluster') return nodes;
  return nodes.filter((n) => service.ports.some((p) => categorizeEndpoints(service, p, { name: n.name, zone: null }).local.length > 0));
}

function routeTo(cluster: Cluster, service: Service, ingress: LoadBalancerIngress, towards: (node: Node) => IpAddress): Route {
  const nextHops = healthyNodes(cluster, service).map((n): NextHop => ({ via: towards(n), device: 'eth0', weight: 1 }));
  if (nextHops.length === 0) return nowhere(ingress);
  return {
    prefix: hostPrefix(ingress.ip),
    type: 'unicast',
    metric: usualMetric(familyOf(ingress.ip)),
    nextHops,
    source: null,
    origin: declared(ingress.locus),
  };
}

const nowhere = ({ ip, locus }: LoadBalancerIngress): Route => ({
  prefix: hostPrefix(ip),
  type: 'blackhole',
  metric: usualMetric(familyOf(ip)),
  nextHops: [],
  source: null,
  origin: declared(locus),
});

function toNodePorts(cluster: Cluster, service: Service, port: ServicePort, { ip, locus }: LoadBalancerIngress) {
  const { nodePort, protocol } = port;
  if (nodePort === null) return [];
  const nodes = healthyNodes(cluster, service);
  const called: readonly Match[] = [
    { kind: 'destination', prefix: hostPrefix(ip), negated: false },
    { kind: 'protocol', protocol, negated: false },
    { kind: 'dport', protocol, first: port.port, last: port.port, negated: false },
  ];
  const rule = (matches: readonly Match[], target: Rule['target']) => ({
    chain: 'PREROUTING',
    rule: { matches: [...called, ...matches], target, comment: `load balancer of ${service.name}`, origin: declared(locus) },
  });
  const balanced = nodes.map((node, i) => {
    const left = nodes.length - i;
    const share: readonly Match[] = left === 1 ? [] : [{ kind: 'statistic', probability: 1 / left }];
    return rule(share, { kind: 'DNAT', address: node.ip, port: nodePort });
  });
  return [rule([], { kind: 'MARK', value: BALANCED, mask: BALANCED }), ...balanced];
}

/** Set on what the balancer has taken, so that it leaves in the balancer's own name: nodes do not see the client. */
const BALANCED = 0x1;

function ownName({ name }: Service, { locus }: LoadBalancerIngress, inside: IpAddress) {
  const matches: readonly Match[] = [{ kind: 'mark', value: BALANCED, mask: BALANCED, negated: false }];
  const target = { kind: 'SNAT', address: inside } as const;
  return { chain: 'POSTROUTING', rule: { matches, target, comment: `load balancer of ${name}`, origin: declared(locus) } };
}
