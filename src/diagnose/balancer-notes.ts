import type { Hop } from '../hop/hop.ts';
import type { Cluster } from '../k8s/cluster.ts';
import { prefixesIn } from '../k8s/families.ts';
import { key } from '../k8s/pod.ts';
import { familyOf, formatAddress, type IpAddress } from '../net/address.ts';
import { contains } from '../net/prefix.ts';
import { at, type Locus } from '../source/origin.ts';
import type { FlowPath } from '../walk/flow-path.ts';
import { type Called, type Context, calledService } from './context.ts';

/** A part of a load balancer, or of another way to the nodes, that is not in the walk. */
interface Note {
  readonly message: string;
  readonly locus: Locus;
}

export function balancerNotes({ cluster }: Context, { forward: { hops } }: FlowPath): readonly Note[] {
  return [takenByNode(cluster, hops), rangesNotAsked(cluster, hops)].filter((n) => n !== null);
}

/**
 * kube-proxy translates external IPs, and load balancers' addresses of ipMode VIP, wherever a packet for them comes by: from inside, that is
 * the client's own node. Source: syncProxyRules, pkg/proxy/iptables/proxier.go
 * (externalIPs, load-balancer ingress); KEP-1860 (ipMode).
 */
function takenByNode(cluster: Cluster, hops: readonly Hop[]): Note | null {
  const [first] = hops;
  const called = first === undefined ? null : calledService(cluster, first.packet);
  if (first === undefined || called === null || !isFromOutside(called, first.packet.destination)) return null;
  const taking = hops.findIndex((h) => h.role === 'node' && isTranslatedOrRefused(h));
  const node = hops[taking]?.netns;
  if (node === undefined || hops.slice(0, taking).some((h) => h.role === 'gateway')) return null;
  const { service, entry } = called;
  const address = formatAddress(first.packet.destination);
  const passedBy =
    entry === 'external'
      ? `${node} takes ${address}, an external address of service ${key(service)}, itself: what leads it to the nodes from outside, and any firewall there, has no part in this`
      : `${node} takes ${address} itself, past the load balancer of service ${key(service)} (ipMode VIP): what that one does, as TLS, the PROXY protocol or rules of its own, has no part in this`;
  return { message: passedBy, locus: placeOf(called, first.packet.destination) };
}

/** Is it an address that the nodes take for themselves, and that is meant for what comes from outside? */
function isFromOutside({ service, entry }: Called, address: IpAddress): boolean {
  if (entry === 'external') return true;
  return entry === 'load-balancer' && service.loadBalancerIngress.some((i) => i.ip === address && i.mode === 'VIP');
}

const isTranslatedOrRefused = (h: Hop): boolean =>
  (h.kind === 'nat' && h.action === 'dnat') || (h.kind === 'filter' && (h.verdict === 'DROP' || h.verdict === 'REJECT'));

function placeOf({ service }: Called, address: IpAddress): Locus {
  const index = service.externalIps.indexOf(address);
  if (index !== -1) return at(service.locus, 'externalIPs', index);
  return service.loadBalancerIngress.find((i) => i.ip === address)?.locus ?? service.locus;
}

/** A load balancer of ipMode Proxy calls node ports in its own name: kube-proxy never sees its address, and has no rule that could ask. */
function rangesNotAsked({ services }: Cluster, hops: readonly Hop[]): Note | null {
  const balanced = hops.find((h) => h.kind === 'load-balancer' && h.action === 'dnat');
  const service = balanced?.kind === 'load-balancer' ? services.get(balanced.service) : undefined;
  if (balanced === undefined || service === undefined) return null;
  const { source } = balanced.packet;
  const ranges = prefixesIn(service.loadBalancerSourceRanges, familyOf(source));
  if (ranges.length === 0 || ranges.some((r) => contains(r, source))) return null;
  const message = `loadBalancerSourceRanges of service ${key(service)} are for its load balancer alone to ask (ipMode Proxy: kube-proxy has no rule for that address), and here nobody asks them: ${formatAddress(source)} is in none`;
  return { message, locus: at(service.locus, 'loadBalancerSourceRanges') };
}
