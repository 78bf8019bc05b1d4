import { nodeAt, nodeOfPodAddress } from '../k8s/address-index.ts';
import { gatewayIn } from '../k8s/families.ts';
import type { InternetGateway } from '../k8s/network.ts';
import type { Service } from '../k8s/service.ts';
import { familyOf, formatAddress, formatEndpoint, type IpAddress } from '../net/address.ts';
import { contains, formatPrefix } from '../net/prefix.ts';
import { at } from '../source/origin.ts';
import { takeRouteAway } from './fix-routes.ts';
import { natAddress } from './interpret-outside.ts';
import { type Fixer, place, type Scene } from './scene.ts';

/** The changes that help when the internet does not find a way in, or what leaves cannot be answered. */

export const unreachable: Fixer = (scene) => {
  const { cluster, question } = scene.context;
  const gateway = gatewayIn(cluster, question.family);
  return gateway !== null && scene.role === 'outside' ? wayIn(scene, gateway) : takeRouteAway(scene);
};

/** A private address was called from the internet. */
function wayIn(scene: Scene, gateway: InternetGateway): readonly string[] {
  const { context, service, destination } = scene;
  const mapped = gateway.nat.find((n) => n.private === destination);
  if (mapped !== undefined)
    return [`call ${formatAddress(mapped.public)} instead: the gateway makes it ${formatAddress(destination)} (${place(mapped.locus)})`];
  if (nodeAt(context.cluster, destination) !== null)
    return [`give it a public address and call that: ${natEntry(gateway, formatAddress(destination))}; or call from a machine inside`];
  if (service === null) return ['call a service that is open to the outside: this address is known inside only'];
  return [byService(scene, gateway, service)];
}

const natEntry = (gateway: InternetGateway, address: string) =>
  `nat: [{ private: ${address}, public: … }] at internet.gateway (${place(gateway.locus)})`;

function byService({ context: { cluster, question }, path }: Scene, gateway: InternetGateway, service: Service): string {
  const { packet } = path.forward;
  const port = service.ports.find((p) => p.port === packet.destinationPort && p.protocol === packet.protocol);
  if (port?.nodePort == null)
    return `make service ${service.name} reachable from outside (${place(service.locus)}): type: LoadBalancer, or NodePort and a node with a public address`;
  const open = gateway.nat.find((n) => familyOf(n.private) === question.family && nodeAt(cluster, n.private) !== null);
  if (open !== undefined) return `call the node port, ${formatEndpoint(open.public, port.nodePort)} (${place(open.locus)})`;
  return `call the node port ${port.nodePort} on a node with a public address, which no node has: ${natEntry(gateway, "the node's ip")}`;
}

export const withoutNat: Fixer = ({ context: { cluster, question }, path }) => {
  const { masquerade } = cluster;
  const gateway = gatewayIn(cluster, question.family);
  const { source, destination } = path.forward.packet;
  if (gateway === null) return [];
  const give = `give the gateway a publicIP, or a nat entry for ${formatAddress(source)} (${place(gateway.locus)})`;
  if (nodeOfPodAddress(cluster, source) === null) return [give];
  const locus = at(cluster.locus, 'masquerade');
  if (masquerade === null)
    return [
      give,
      `or let nodes masquerade what pods send: cluster.masquerade is none (${place(locus)}), and a node needs a public address then`,
    ];
  const kept = masquerade.nonMasqueradeCidrs.find((r) => contains(r, destination));
  return [give, ...(kept === undefined ? [] : [keeps(kept, destination, place(locus))])];
};

function keeps(kept: Parameters<typeof formatPrefix>[0], address: IpAddress, where: string): string {
  return `or let nodes masquerade what pods send there: nonMasqueradeCIDRs has ${formatPrefix(kept)}, which holds ${formatAddress(address)} (${where})`;
}

/** Nothing listens on the gateway's addresses of NAT; the one behind it may be called from inside. */
export function noLoopback({ context: { cluster }, path: { forward } }: Scene): readonly string[] | null {
  const { gateway } = cluster;
  const called = gateway === null || forward.netns.role !== 'gateway' ? null : natAddress(gateway, forward);
  if (gateway === null || called === null) return null;
  const { destinationPort } = forward.packet;
  if ('private' in called)
    return [
      `call ${formatEndpoint(called.private, destinationPort)} from inside (${place(called.locus)}), also by a DNS name that means it there`,
    ];
  return [`call an address that leads inside: a load balancer's, or ${natEntry(gateway, "the node's ip")}`];
}

export const balancerPending: Fixer = ({ service }) => {
  if (service === null) return [];
  const ports = service.ports.flatMap((p) => p.nodePort ?? []);
  const meanwhile = ports.length === 0 ? [] : [`call the node port ${ports.join(', ')} of any node until then`];
  return [
    `state what it got: status: { loadBalancer: { ingress: [{ ip: … }] } } (${place(service.locus)}); in a cluster: kubectl describe svc ${service.name}, and look for who makes load balancers there`,
    ...meanwhile,
  ];
};
