import { nodeAt } from '../k8s/address-index.ts';
import { nodeIp } from '../k8s/families.ts';
import type { InternetGateway } from '../k8s/network.ts';
import type { Service } from '../k8s/service.ts';
import { familyOf, formatAddress, formatEndpoint, type IpAddress, isPrivate } from '../net/address.ts';
import { natEntry } from './internet-entry.ts';
import { advised, called, type Fix } from './remedy.ts';
import { place, type Scene } from './scene.ts';

/** An address was called from the internet that leads nowhere there. */
export function wayIn(scene: Scene, gateway: InternetGateway): Fix {
  const { context, service, destination } = scene;
  const { destinationPort: port, protocol } = scene.path.forward.packet;
  const mapped = gateway.nat.find((n) => n.private === destination);
  if (mapped !== undefined)
    return called(
      `call ${formatAddress(mapped.public)} instead: the gateway makes it ${formatAddress(destination)} (${place(mapped.locus)})`,
      mapped.public,
      { port, protocol },
    );
  if (nodeAt(context.cluster, destination) !== null)
    return advised(
      'value',
      `give it a public address and call that: ${natEntry(context.cluster, gateway, formatAddress(destination))}; or call from a machine inside`,
    );
  if (service === null) return advised('choice', 'call a service that is open to the outside: this address is known inside only');
  return byService(scene, gateway, service);
}

/** A ClusterIP is the nodes' own; outside, a service is its load balancer, an external address or a node port. */
function byService({ context: { cluster, question }, path }: Scene, gateway: InternetGateway, service: Service): Fix {
  const { packet } = path.forward;
  const isAsked = (a: IpAddress) => familyOf(a) === question.family && a !== packet.destination;
  const port = service.ports.find((p) => p.port === packet.destinationPort && p.protocol === packet.protocol);
  const balancer = service.loadBalancerIngress.find((i) => isAsked(i.ip));
  if (port !== undefined && balancer !== undefined)
    return called(
      `call its load balancer, ${formatEndpoint(balancer.ip, port.port)} (${place(balancer.locus)}): ${INSIDE_ONLY}`,
      balancer.ip,
      port,
    );
  const external = service.externalIps.find((a) => isAsked(a) && !isPrivate(a));
  if (port !== undefined && external !== undefined)
    return called(
      `call its external address, ${formatEndpoint(external, port.port)} (${place(service.locus)}): ${INSIDE_ONLY}`,
      external,
      port,
    );
  if (port?.nodePort == null)
    return advised(
      'value',
      `make service ${service.name} reachable from outside (${place(service.locus)}): type: LoadBalancer, or NodePort and a node with a public address; ${INSIDE_ONLY}`,
    );
  const { nodePort, protocol } = port;
  const open = gateway.nat.find((n) => familyOf(n.private) === question.family && nodeAt(cluster, n.private) !== null);
  const own = [...cluster.nodes.values()].map((n) => nodeIp(n, question.family)).find((a) => a !== null && !isPrivate(a)) ?? null;
  const address = open?.public ?? own;
  if (address !== null)
    return called(
      `call the node port, ${formatEndpoint(address, nodePort)} (${place(open?.locus ?? nodeAt(cluster, address)?.locus ?? null)}): ${INSIDE_ONLY}`,
      address,
      { port: nodePort, protocol },
    );
  return advised(
    'value',
    `call the node port ${nodePort} on a node with a public address, which no node has: ${natEntry(cluster, gateway, "the node's ip")}; ${INSIDE_ONLY}`,
  );
}

const INSIDE_ONLY = 'a ClusterIP is not reached from outside';
