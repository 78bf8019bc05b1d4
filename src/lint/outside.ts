import type { Cluster } from '../k8s/cluster.ts';
import { categorizeEndpoints, externalIpsIn, readyEndpoints, virtualIps } from '../k8s/endpoints.ts';
import { isHeadless, podIp, prefixesIn } from '../k8s/families.ts';
import { isProxied, type Node } from '../k8s/node.ts';
import { key } from '../k8s/pod.ts';
import type { Service, ServicePort } from '../k8s/service.ts';
import { familyOf, formatAddress, formatEndpoint, type IpAddress, type IpFamily } from '../net/address.ts';
import { at, type Locus } from '../source/origin.ts';
import { type Lint, type ReportFinding, serviceFamilies, some } from './lint.ts';

/** How services are reached from outside, and on which nodes. */
export const outside: Lint = (cluster, _datapath, report) => {
  for (const service of cluster.services.values()) {
    unreached(service, report);
    withoutLocal(cluster, service, report);
    rangesOfProxy(service, report);
  }
  sharedAddresses(cluster, report);
  hiddenHostPorts(cluster, report);
};

function unreached(service: Service, report: ReportFinding): void {
  if (service.type === 'LoadBalancer' && service.loadBalancerIngress.length === 0)
    report(
      at(service.locus, 'type'),
      'load-balancer-pending',
      `the load balancer of service ${service.name} has no address`,
      'state status.loadBalancer.ingress, once something has given it one',
    );
  if (service.type !== 'NodePort') return;
  for (const port of service.ports)
    if (port.nodePort === null)
      report(
        port.locus,
        'node-port-not-stated',
        `service ${service.name} is of type NodePort, and port ${port.port} has no nodePort`,
        'state the one that the API server gave it: here none is allocated',
      );
}

/** kube-proxy has rules for the addresses of ipMode VIP only. A load balancer that is a proxy has to ask the ranges itself. */
function rangesOfProxy({ name, loadBalancerIngress, loadBalancerSourceRanges, locus }: Service, report: ReportFinding): void {
  const proxied = loadBalancerIngress.filter((i) => i.mode === 'Proxy' && prefixesIn(loadBalancerSourceRanges, familyOf(i.ip)).length > 0);
  const [first] = proxied;
  if (first === undefined) return;
  report(
    at(locus, 'loadBalancerSourceRanges'),
    'source-ranges-not-asked',
    `no node asks them for ${some(proxied.map((i) => formatAddress(i.ip)))}, since kube-proxy has no rule for an address of ipMode Proxy: only the load balancer of service ${name} can, and here none does`,
    'state rules like them in internet.firewall',
  );
}

/** A traffic policy, for what it counts, and where. */
interface Policy {
  readonly field: 'externalTrafficPolicy' | 'internalTrafficPolicy';
  readonly what: string;
  /** The ports that it counts for, in a family. */
  ports(family: IpFamily): readonly ServicePort[];
  /** The nodes where such traffic begins, in a family. */
  nodes(family: IpFamily): readonly Node[];
}

/** Load balancers ask each node for its health, and so leave out those without an endpoint: only what comes by itself gets lost. */
function withoutLocal(cluster: Cluster, service: Service, report: ReportFinding): void {
  const nodes = [...cluster.nodes.values()].filter(isProxied);
  if (service.externalTrafficPolicy === 'Local') {
    const isOpen = (port: ServicePort, family: IpFamily) =>
      externalIpsIn(service, family).length > 0 || (service.type === 'NodePort' && port.nodePort !== null);
    const ports = (family: IpFamily) => service.ports.filter((p) => isOpen(p, family));
    const policy: Policy = { field: 'externalTrafficPolicy', what: 'what comes from outside', ports, nodes: () => nodes };
    reportNodes(cluster, service, policy, report);
  }
  if (service.internalTrafficPolicy === 'Local' && !isHeadless(service)) {
    const hasPods = ({ name }: Node, family: IpFamily) =>
      [cluster.podsByNode, cluster.hostPodsByNode].some((pods) => pods.get(name)?.some((p) => podIp(p, family) !== null));
    const callers = (family: IpFamily) => nodes.filter((n) => hasPods(n, family));
    const what = 'what is sent to its ClusterIP';
    reportNodes(cluster, service, { field: 'internalTrafficPolicy', what, ports: () => service.ports, nodes: callers }, report);
  }
}

/** A finding when there are nodes without an endpoint in every family of the service. */
function reportNodes(cluster: Cluster, service: Service, { field, what, ports, nodes }: Policy, report: ReportFinding): void {
  const inEach = serviceFamilies(cluster, service).map((family) => {
    const usable = (port: ServicePort, node: Node) => categorizeEndpoints(service, port, { name: node.name, zone: null }, family);
    // Where there is no endpoint at all, the policy is not to blame.
    return nodes(family).filter((n) => ports(family).some((p) => usable(p, n).any && usable(p, n).local.length === 0));
  });
  const [lacking] = inEach;
  if (lacking === undefined || inEach.some((l) => l.length === 0)) return;
  report(
    at(service.locus, field),
    'no-local-endpoints',
    `on ${some(lacking.map((n) => n.name))} ${what} is dropped: service ${service.name} has no endpoint there`,
    `a pod of it on each node, or ${field}: Cluster`,
  );
}

/** Nodes look at an address and a port, and the first service that has both gets the packet. */
function sharedAddresses(cluster: Cluster, report: ReportFinding): void {
  const taken = new Map<string, Service>();
  for (const service of cluster.services.values())
    for (const { port, protocol } of service.ports)
      for (const address of new Set([...service.externalIps, ...cluster.families.flatMap((family) => virtualIps(service, family))])) {
        const text = `${formatEndpoint(address, port)}/${protocol}`;
        const other = taken.get(text);
        if (other === undefined) taken.set(text, service);
        else if (other !== service)
          report(
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
function hiddenHostPorts(cluster: Cluster, report: ReportFinding): void {
  const nodePorts = new Map(cluster.families.map((family) => [family, openNodePorts(cluster, family)]));
  if ([...nodePorts.values()].every((ports) => ports.size === 0)) return;
  for (const pod of cluster.pods.values())
    for (const { port, host, protocol, locus } of pod.containers.flatMap((c) => c.ports)) {
      const number = pod.hostNetwork ? port : host?.port;
      const inEach = pod.ips.map(({ address }) => nodePorts.get(familyOf(address))?.get(`${number}/${protocol}`));
      const service = inEach.find((s) => s !== undefined);
      const node = cluster.nodes.get(pod.node ?? '');
      if (service === undefined || node === undefined || !isProxied(node)) continue;
      report(
        host?.locus ?? locus,
        'host-port-behind-node-port',
        `${number}/${protocol} is the node port of service ${key(service)}, which gets what is sent there`,
        `host ports are best outside the range of node ports, ${cluster.nodePortRange.first} to ${cluster.nodePortRange.last}`,
      );
    }
}

/** The services by their node ports, as `30080/tcp`, where these are open on all addresses of a family, or on the node's own. */
function openNodePorts({ kubeProxy, services }: Cluster, family: IpFamily): ReadonlyMap<string, Service> {
  const open = new Map<string, Service>();
  const { nodePortAddresses } = kubeProxy;
  if (nodePortAddresses !== 'primary' && prefixesIn(nodePortAddresses ?? [], family).length > 0) return open;
  for (const service of services.values())
    for (const port of service.ports)
      if (port.nodePort !== null && readyEndpoints(port, family).length > 0) open.set(`${port.nodePort}/${port.protocol}`, service);
  return open;
}
