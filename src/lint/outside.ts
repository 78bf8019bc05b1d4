import type { Cluster, Node } from '../k8s/cluster.ts';
import { categorizeEndpoints, readyEndpoints, virtualIps } from '../k8s/endpoints.ts';
import { key } from '../k8s/pod.ts';
import type { Service, ServicePort } from '../k8s/service.ts';
import { formatEndpoint, type IpAddress } from '../net/address.ts';
import { at, type Locus } from '../source/origin.ts';
import { type Lint, type ReportFinding, some } from './lint.ts';

/** How services are reached from outside, and on which nodes. */
export const outside: Lint = (cluster, _datapath, tell) => {
  for (const service of cluster.services.values()) {
    unreached(service, tell);
    withoutLocal(cluster, service, tell);
  }
  sharedAddresses(cluster, tell);
  hiddenHostPorts(cluster, tell);
};

function unreached(service: Service, tell: ReportFinding): void {
  if (service.type === 'LoadBalancer' && service.loadBalancerIngress.length === 0)
    tell(
      at(service.locus, 'type'),
      'load-balancer-pending',
      `the load balancer of service ${service.name} has no address`,
      'state status.loadBalancer.ingress, once something has given it one',
    );
  if (service.type !== 'NodePort') return;
  for (const port of service.ports)
    if (port.nodePort === null)
      tell(
        port.locus,
        'node-port-not-stated',
        `service ${service.name} is of type NodePort, and port ${port.port} has no nodePort`,
        'state the one that the API server gave it: here none is allocated',
      );
}

/** A traffic policy, for what it counts, and where. */
interface Policy {
  readonly field: 'externalTrafficPolicy' | 'internalTrafficPolicy';
  readonly what: string;
  readonly ports: readonly ServicePort[];
  readonly nodes: readonly Node[];
}

/** Load balancers ask each node for its health, and so leave out those without an endpoint: only what comes by itself gets lost. */
function withoutLocal(cluster: Cluster, service: Service, tell: ReportFinding): void {
  const nodes = [...cluster.nodes.values()].filter((n) => n.kubeProxy.running);
  if (service.externalTrafficPolicy === 'Local') {
    const ports = service.ports.filter((p) => service.externalIps.length > 0 || (service.type === 'NodePort' && p.nodePort !== null));
    reportNodes(service, { field: 'externalTrafficPolicy', what: 'what comes from outside', ports, nodes }, tell);
  }
  if (service.internalTrafficPolicy === 'Local' && service.clusterIp !== null) {
    const callers = nodes.filter((n) => cluster.podsByNode.has(n.name) || cluster.hostPodsByNode.has(n.name));
    reportNodes(
      service,
      { field: 'internalTrafficPolicy', what: 'what is sent to its ClusterIP', ports: service.ports, nodes: callers },
      tell,
    );
  }
}

function reportNodes(service: Service, { field, what, ports, nodes }: Policy, tell: ReportFinding): void {
  const usable = (port: ServicePort, node: Node) => categorizeEndpoints(service, port, { name: node.name, zone: null });
  // Where there is no endpoint at all, the policy is not to blame.
  const lacking = nodes.filter((n) => ports.some((p) => usable(p, n).any && usable(p, n).local.length === 0));
  if (lacking.length === 0) return;
  tell(
    at(service.locus, field),
    'no-local-endpoints',
    `on ${some(lacking.map((n) => n.name))} ${what} is dropped: service ${service.name} has no endpoint there`,
    `a pod of it on each node, or ${field}: Cluster`,
  );
}

/** Nodes look at an address and a port, and the first service that has both gets the packet. */
function sharedAddresses(cluster: Cluster, tell: ReportFinding): void {
  const taken = new Map<string, Service>();
  for (const service of cluster.services.values())
    for (const { port, protocol } of service.ports)
      for (const address of new Set([...service.externalIps, ...virtualIps(service)])) {
        const text = `${formatEndpoint(address, port)}/${protocol}`;
        const other = taken.get(text);
        if (other === undefined) taken.set(text, service);
        else if (other !== service)
          tell(
            placeOf(service, address),
            'external-address-shared',
            `${text} is that of service ${key(other)} already`,
            'only one of them can get what is sent there',
          );
      }
}

function placeOf(service: Service, address: IpAddress): Locus {
  const index = service.externalIps.indexOf(address);
  if (index !== -1) return at(service.locus, 'externalIPs', index);
  return service.loadBalancerIngress.find((i) => i.ip === address)?.locus ?? service.locus;
}

/** kube-proxy puts its rules before all others, so a node port is translated before portmap or a socket sees it. */
function hiddenHostPorts(cluster: Cluster, tell: ReportFinding): void {
  if (cluster.kubeProxy.nodePortAddresses !== null) return;
  const nodePorts = new Map<string, Service>();
  for (const service of cluster.services.values())
    for (const port of service.ports)
      if (port.nodePort !== null && readyEndpoints(port).length > 0) nodePorts.set(`${port.nodePort}/${port.protocol}`, service);
  if (nodePorts.size === 0) return;
  for (const pod of cluster.pods.values())
    for (const { port, host, protocol, locus } of pod.containers.flatMap((c) => c.ports)) {
      const number = pod.hostNetwork ? port : host?.port;
      const service = nodePorts.get(`${number}/${protocol}`);
      if (service === undefined || cluster.nodes.get(pod.node)?.kubeProxy.running !== true) continue;
      tell(
        host?.locus ?? locus,
        'host-port-behind-node-port',
        `${number}/${protocol} is the node port of service ${key(service)}, which gets what is sent there`,
        'host ports are best outside the range of node ports, 30000 to 32767',
      );
    }
}
