import type { IpFamily } from '../net/address.ts';
import { at, type Locus } from '../source/origin.ts';
import { endpointName, type NodeView, readyEndpoints } from './endpoints.ts';
import { key } from './pod.ts';
import type { Endpoint, Service, ServicePort } from './service.ts';

/** Hints that are stated, or asked for by trafficDistribution, and that no node goes by. */
export interface VoidHints {
  readonly what: 'zone' | 'node';
  /** The ready endpoints without one: a single one is enough. */
  readonly without: readonly Endpoint[];
}

/**
 * kube-proxy goes by the hints for zones, or for nodes, only when every ready endpoint has one. Source: CategorizeEndpoints and its
 * callees, pkg/proxy/topology.go. Null: nothing is void, or there is
 * nothing to choose.
 */
export function voidHints(port: ServicePort, family: IpFamily): VoidHints | null {
  const ready = readyEndpoints(port, family);
  if (ready.length < 2) return null;
  const lacking = (of: (hints: NonNullable<Endpoint['hints']>) => readonly string[]) =>
    ready.filter((e) => e.hints === null || of(e.hints).length === 0);
  const withoutNode = lacking((h) => h.nodes);
  if (withoutNode.length > 0 && withoutNode.length < ready.length) return { what: 'node', without: withoutNode };
  const withoutZone = lacking((h) => h.zones);
  const areMeant = ready.some((e) => e.hints !== null && (port.explicitEndpoints === null || e.hints.zones.length > 0));
  return areMeant && withoutZone.length > 0 ? { what: 'zone', without: withoutZone } : null;
}

/** Would they narrow the endpoints that this node uses, were it not for those without one? */
export function wouldNarrow({ what, without }: VoidHints, port: ServicePort, here: NodeView, family: IpFamily): boolean {
  const own = what === 'node' ? here.name : here.zone;
  if (own === null) return false;
  const ready = readyEndpoints(port, family);
  const near = ready.filter((e) => (what === 'node' ? e.hints?.nodes : e.hints?.zones)?.includes(own) === true);
  return without.length < ready.length && near.length > 0 && near.length < ready.length;
}

/** The place and the words of it. */
export function sayVoid({ name, locus }: Service, port: ServicePort, { what, without }: VoidHints): { locus: Locus; message: string } {
  const [first] = without;
  const isStated = port.explicitEndpoints !== null;
  const who = first === undefined ? '' : first.pod === null ? endpointName(first) : key(first.pod).replace(/^default\//, '');
  const others = without.length === 1 ? '' : ` and ${without.length - 1} more`;
  const verb = without.length === 1 ? 'is' : 'are';
  const why = isStated
    ? `${who}${others} of its ready endpoints ${without.length === 1 ? 'has' : 'have'} none for a ${what}`
    : `${who}${others} of its ready endpoints ${verb} on a node without a zone (label topology.kubernetes.io/zone)`;
  return {
    locus: isStated ? (first?.locus ?? locus) : at(locus, 'trafficDistribution'),
    message: `${isStated ? 'the hints' : 'trafficDistribution'} of service ${name} ${isStated ? 'have' : 'has'} no effect: ${why}, and kube-proxy goes by hints only when all ready endpoints have one`,
  };
}
