import { formatAddress, type IpAddress } from '../net/address.ts';
import { contains, formatPrefix } from '../net/prefix.ts';
import { at } from '../origin.ts';
import { type Context, nodeOfPodAddress } from './context.ts';
import { takeRouteAway } from './fix-routes.ts';
import { type Fixer, place, type Scene } from './scene.ts';

/** What to change when the internet does not find a way in, or what leaves cannot be answered. */

export const unreachable: Fixer = (scene) => {
  const { gateway, outside } = scene.context.cluster;
  const fromOutside = gateway !== null && outside.some((h) => h.name === scene.netns);
  return fromOutside ? wayIn(scene, gateway) : takeRouteAway(scene);
};

/** A private address was called from the internet. */
function wayIn(
  { context: { cluster }, service, destination, path }: Scene,
  gateway: NonNullable<Context['cluster']['gateway']>,
): readonly string[] {
  const isNode = [...cluster.nodes.values()].some((n) => n.ip === destination);
  const mapped = gateway.nat.find((n) => n.private === destination);
  if (mapped !== undefined)
    return [`call ${formatAddress(mapped.public)} instead: the gateway makes it ${formatAddress(destination)} (${place(mapped.locus)})`];
  const entry = (address: string) => `nat: [{ private: ${address}, public: … }] at internet.gateway (${place(gateway.locus)})`;
  if (isNode)
    return [
      `give ${formatAddress(destination)} a public address, ${entry(formatAddress(destination))}, and call that; or call from a machine inside`,
    ];
  if (service === null)
    return [`call a service that is open to the outside, or give the address a public one: ${entry(formatAddress(destination))}`];
  const { packet } = path.forward;
  const port = service.ports.find((p) => p.port === packet.destinationPort && p.protocol === packet.protocol);
  const where = `(${place(service.locus)})`;
  if (port?.nodePort != null)
    return [`call the node port ${port.nodePort} on a node with a public address, which no node has: ${entry("the node's ip")}`];
  return [`open service ${service.name} to the outside ${where}: type: LoadBalancer, or NodePort and a node with a public address`];
}

export const withoutNat: Fixer = ({ context: { cluster }, path }) => {
  const { gateway, masquerade } = cluster;
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

export const balancerPending: Fixer = ({ service }) => {
  if (service === null) return [];
  const ports = service.ports.flatMap((p) => p.nodePort ?? []);
  const meanwhile = ports.length === 0 ? [] : [`call the node port ${ports.join(', ')} of any node until then`];
  return [
    `state what it got: status: { loadBalancer: { ingress: [{ ip: … }] } } (${place(service.locus)}); in a cluster: kubectl describe svc ${service.name}, and look for who makes load balancers there`,
    ...meanwhile,
  ];
};
