import { describeFailure } from '../hop/failure.ts';
import { nodeOfPodAddress } from '../k8s/address-index.ts';
import { gatewayIn, nodeIp } from '../k8s/families.ts';
import { formatAddress, formatEndpoint } from '../net/address.ts';
import { contains, formatPrefix } from '../net/prefix.ts';
import { set } from '../source/edit.ts';
import { at } from '../source/origin.ts';
import { notKept } from './fix-missing-route.ts';
import { takeRouteAway } from './fix-routes.ts';
import { wayIn } from './fix-way-in.ts';
import { natEntry } from './internet-entry.ts';
import { natAddress } from './interpret-outside.ts';
import { withoutEndpoints } from './interpret-service.ts';
import { advised, called, edited, type Fix } from './remedy.ts';
import { type Fixer, place, type Scene } from './scene.ts';

/** The changes that help when the internet does not find a way in, or what leaves cannot be answered. */

export const unreachable: Fixer = (scene) => {
  const { cluster, question } = scene.context;
  const gateway = gatewayIn(cluster, question.family);
  return gateway !== null && scene.role === 'outside' ? [wayIn(scene, gateway)] : takeRouteAway(scene);
};

export const withoutNat: Fixer = ({ context: { cluster, question }, path }) => {
  const { masquerade } = cluster;
  const gateway = gatewayIn(cluster, question.family);
  const { source, destination } = path.forward.packet;
  if (gateway === null) return [];
  const give = advised('value', `give the gateway a publicIP, or a nat entry for ${formatAddress(source)} (${place(gateway.locus)})`);
  if (nodeOfPodAddress(cluster, source) === null || cluster.cni.masquerades.by === 'plugin') return [give];
  const locus = at(cluster.locus, 'masquerade');
  if (masquerade === null)
    return [
      give,
      advised(
        'value',
        `or let nodes masquerade what pods send: cluster.masquerade is none (${place(locus)}), and a node needs a public address then`,
      ),
    ];
  const kept = masquerade.nonMasqueradeCidrs.filter((r) => contains(r, destination));
  if (kept.length === 0) return [give];
  const words = `or let nodes masquerade what pods send there: nonMasqueradeCIDRs has ${kept.map(formatPrefix).join(' and ')}, which holds ${formatAddress(destination)} (${place(locus)})`;
  const node = nodeOfPodAddress(cluster, source);
  const ip = node === null ? null : nodeIp(node, question.family);
  const isPublic = gateway.nat.some((n) => n.private === ip);
  const ranges = notKept(cluster, masquerade.nonMasqueradeCidrs, destination).map(formatPrefix);
  return [
    give,
    isPublic
      ? edited(words, set(at(locus, 'nonMasqueradeCIDRs'), ranges))
      : advised('value', `${words}; the node needs a public address then`),
  ];
};

/** Nothing listens on the gateway's addresses of NAT; the one behind it may be called from inside. */
export function noLoopback({ context: { cluster }, path: { forward } }: Scene): readonly Fix[] | null {
  const { gateway } = cluster;
  const found = gateway === null || forward.netns.role !== 'gateway' ? null : natAddress(gateway, forward);
  if (gateway === null || found === null) return null;
  const { destinationPort: port, protocol } = forward.packet;
  if ('private' in found)
    return [
      called(
        `call ${formatEndpoint(found.private, port)} from inside (${place(found.locus)}), also by a DNS name that means it there`,
        found.private,
        { port, protocol },
      ),
    ];
  return [advised('value', `call an address that leads inside: a load balancer's, or ${natEntry(cluster, gateway, "the node's ip")}`)];
}

export const balancerPending: Fixer = ({ service, context: { cluster, question } }) => {
  if (service === null) return [];
  const ports = service.ports.filter((p) => p.nodePort !== null);
  const asked = service.ports.find((p) => p.port === question.target.port) ?? service.ports[0];
  const port = ports.find((p) => p === asked) ?? ports[0];
  const words = `call the node port ${ports.map((p) => p.nodePort).join(', ')} of any node until then`;
  const inside = question.source.kind !== 'Host';
  const node = [...cluster.nodes.values()].find((n) => nodeIp(n, question.family) !== null);
  const ip = node === undefined ? null : nodeIp(node, question.family);
  const empty = asked === undefined ? null : withoutEndpoints(cluster, service, asked, question.family);
  const isEmpty = empty !== null && empty.code !== 'FACT_MISSING';
  const meanwhile = isEmpty
    ? [advised('hint', `with an address it would still not answer, nor do its node ports: ${describeFailure(empty)} (${empty.code})`)]
    : port?.nodePort == null
      ? []
      : [inside && ip !== null ? called(words, ip, { port: port.nodePort, protocol: port.protocol }) : advised('choice', words)];
  return [
    advised(
      'value',
      `state what it got: status: { loadBalancer: { ingress: [{ ip: … }] } } (${place(service.locus)}); in a cluster: kubectl describe svc ${service.name}, and look for who makes load balancers there`,
    ),
    ...meanwhile,
  ];
};
