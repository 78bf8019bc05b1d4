import type { NatHop } from '../hop/linux-hop.ts';
import type { ServicePort } from '../k8s/service.ts';
import { familyOf, formatEndpoint } from '../net/address.ts';
import type { FlowPath, WalkName } from '../walk/flow-path.ts';
import { type Context, calledService } from './context.ts';
import { advised, type Fix } from './remedy.ts';
import { place } from './scene.ts';

/** A rule that was found sends a service's packets to what is no endpoint of it any more; null: none did. */
export function staleTarget({ cluster, question }: Context, { forward: { hops } }: FlowPath, walk: WalkName): Fix | null {
  if (walk !== 'forward' || question.established !== undefined) return null;
  const i = hops.findIndex((h) => h.kind === 'nat' && h.action === 'dnat');
  const [before, nat] = [hops[i - 1], hops[i]];
  if (nat?.kind !== 'nat' || before === undefined || !isFound(nat) || cluster.nodes.get(nat.netns)?.found == null) return null;
  const called = calledService(cluster, before.packet);
  const { destination, destinationPort } = nat.packet;
  if (called?.port == null || called.port.endpointsUnknown !== null) return null;
  const { service, port } = called;
  if (port.endpoints.some((e) => e.ip === destination && e.port === destinationPort)) return null;
  const target = formatEndpoint(destination, destinationPort);
  const rule = `the rules of ${nat.netns} send service ${service.name} to ${target} (${place(nat.origin.locus)})`;
  return advised('elsewhere', `${rule}, which is no endpoint of it${endpointsOf(port, nat)}: let kube-proxy write its rules there again`);
}

/** Lines of texts have no names. */
const isFound = ({ origin: { locus } }: NatHop): boolean => typeof locus?.path[0] === 'number';

function endpointsOf({ endpoints }: ServicePort, { packet: { destination } }: NatHop): string {
  const all = endpoints.filter((e) => familyOf(e.ip) === familyOf(destination)).map((e) => formatEndpoint(e.ip, e.port));
  if (all.length === 0) return '';
  return ` (${all.slice(0, 4).join(', ')}${all.length > 4 ? ', …' : ''} ${all.length === 1 ? 'is' : 'are'})`;
}
