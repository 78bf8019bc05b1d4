import type { Cluster } from '../k8s/cluster.ts';
import { isHeadless, nodeIp, podIp } from '../k8s/families.ts';
import type { Node } from '../k8s/node.ts';
import type { Pod } from '../k8s/pod.ts';
import type { Service } from '../k8s/service.ts';
import { familyOf, type IpAddress, type IpFamily } from '../net/address.ts';
import { seenFromOutside, serviceTarget } from '../query/service-target.ts';
import type { Target } from '../query/target.ts';
import { inOrder, type Numbered, portsOutside, statedPorts } from './ports-stated.ts';
import type { AskedPort, End, MatrixQuestion } from './question.ts';

/** The address of an end that calls; null: it has none of the family. */
export function addressOf(end: End, family: IpFamily): IpAddress | null {
  switch (end.kind) {
    case 'pod':
      return podIp(end.pod, family);
    case 'node':
      return nodeIp(end.node, family);
    case 'service':
      return null;
    case 'outside':
      return familyOf(end.address) === family ? end.address : null;
  }
}

type Asking = Pick<MatrixQuestion, 'ports' | 'protocol'>;

/**
 * What is called at an end, in the order of protocols and ports: one connection each, at the address that those inside, or those outside, call. None: it
 * has no address of the family, or there is nothing to ask of it.
 */
export function callsTo(cluster: Cluster, asking: Asking, end: End, family: IpFamily, fromOutside: boolean): readonly Target[] {
  if (end.kind === 'service') return callsToService(cluster, asking, end.service, family, fromOutside);
  const address = end.kind === 'node' && fromOutside ? publicIp(cluster, end.node, family) : addressOf(end, family);
  if (address === null) return [];
  return portsOf(cluster, asking, end, family).map(({ protocol, port }) => ({
    protocol,
    port,
    addresses: [address],
    notes: [],
    servicePort: null,
    missing: null,
  }));
}

function portsOf(
  cluster: Cluster,
  { ports, protocol }: Asking,
  end: Exclude<End, { kind: 'service' }>,
  family: IpFamily,
): readonly Numbered[] {
  if (ports !== null) return inOrder(ports.flatMap((asked) => numbered(asked, end)));
  if (protocol === 'icmp') return [{ protocol, port: null }];
  const stated = end.kind === 'outside' ? portsOutside(cluster) : statedPorts(cluster, end, family);
  return protocol === null ? stated : stated.filter((p) => p.protocol === protocol);
}

/** A name is a container's; of pods on a node's network the node has the port, too. */
function numbered({ protocol, port }: AskedPort, end: End): readonly Numbered[] {
  if (typeof port !== 'string') return [{ protocol, port }];
  const pods: readonly Pod[] = end.kind === 'pod' ? [end.pod] : [];
  return pods
    .flatMap((pod) => pod.containers)
    .flatMap((c) => c.ports)
    .flatMap((p) => (p.name === port && p.protocol === protocol ? [{ protocol, port: p.port }] : []));
}

/** What the gateway translates to it, or an ExternalIP; else its own address. */
function publicIp({ gateway }: Cluster, node: Node, family: IpFamily): IpAddress | null {
  const own = nodeIp(node, family);
  const external = node.addresses.find((a) => a.type === 'ExternalIP' && familyOf(a.address) === family);
  const translated = gateway?.nat.find((n) => n.private === own)?.public;
  return (external?.type === 'ExternalIP' ? external.address : translated) ?? own;
}

/** As a trace calls it by its name: at a ClusterIP; headless at its endpoints; from outside at its load balancer, or what else leads in. */
function callsToService(
  cluster: Cluster,
  { ports, protocol }: Asking,
  service: Service,
  family: IpFamily,
  fromOutside: boolean,
): readonly Target[] {
  if (service.externalName !== null || !service.ipFamilies.includes(family)) return [];
  const stated: readonly AskedPort[] = service.ports.map((p) => ({ protocol: p.protocol, port: p.port }));
  const all =
    ports ?? (protocol === 'icmp' ? [{ protocol, port: null }] : stated.filter((p) => protocol === null || p.protocol === protocol));
  const asked = all.filter((p) => typeof p.port !== 'string' || hasPort(service, p.port, p.protocol));
  const targets = asked.flatMap(({ protocol: wanted, port }): readonly Target[] => {
    if (wanted === 'icmp' && isHeadless(service)) return [];
    const target = serviceTarget(service, { protocol: wanted, port, walkClosed: true }, family);
    if (!target.ok) return [];
    return [fromOutside ? seenFromOutside(cluster, service, target.value, family) : target.value];
  });
  return inOrder(targets);
}

const hasPort = ({ ports }: Service, name: string, protocol: AskedPort['protocol']): boolean =>
  ports.some((p) => p.name === name && p.protocol === protocol);
