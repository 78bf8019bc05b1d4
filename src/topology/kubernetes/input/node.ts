import { familyOf, type IpAddress, ip, isLinkLocal } from '../../../net/address.ts';
import { prefixOf } from '../../../net/prefix.ts';
import type { NodeInput } from '../../schema/topology.ts';
import { type KubeObject, nameOf, type Objects, objectsOf } from '../objects.ts';
import type { NodeObject } from '../schema/node.ts';
import { addressesIn, prefixesIn } from './text.ts';

/** A Node object in a Topology's words. */
export function nodeIn(object: KubeObject<'Node'>): NodeInput {
  const { metadata, spec, status } = object.data;
  const several = prefixesIn(spec?.podCIDRs ?? []);
  return {
    name: nameOf(object),
    ips: internalAddresses(object.data),
    podCIDRs: [...(several.length > 0 ? several : prefixesIn([spec?.podCIDR]))],
    labels: metadata.labels ?? undefined,
    seen: { addresses: status?.addresses ?? [] },
  };
}

/** The annotations in which kubelets without a cloud's help, and k3s, say their addresses. */
const STATED = ['alpha.kubernetes.io/provided-node-ip', 'k3s.io/internal-ip', 'rke2.io/internal-ip'];

/** The first address of each family: InternalIP, what the node was told, and ExternalIP only where there is no other. */
function internalAddresses({ metadata, status }: NodeObject): IpAddress[] {
  const ofType = (type: string) => addressesIn((status?.addresses ?? []).filter((a) => a.type === type).map((a) => a.address));
  const told = STATED.flatMap((name) => addressesIn((metadata.annotations?.[name] ?? '').split(',')));
  const [internal, external] = [ofType('InternalIP'), ofType('ExternalIP')];
  const all = internal.length > 0 ? internal : told.length > 0 ? told : external;
  return firstOfEach(all);
}

/** The first address of each family, in their order. */
export function firstOfEach(all: readonly IpAddress[]): IpAddress[] {
  return all
    .filter((a) => typeof a !== 'bigint' || !isLinkLocal(a))
    .filter((a, i, usable) => usable.findIndex((b) => familyOf(b) === familyOf(a)) === i);
}

/** Nodes that only pods tell of: by name, with the address that the pods' kubelet has. Of `assumed` ones nothing tells. */
export function nodesOfPods(objects: Objects, assumed: readonly string[]): readonly (readonly [NodeInput, KubeObject<'Pod'>])[] {
  const known = new Set(objectsOf(objects, 'Node').map(nameOf));
  const found = new Map<string, [NodeInput, KubeObject<'Pod'>]>();
  for (const pod of objectsOf(objects, 'Pod')) {
    const { spec, status } = pod.data;
    const name = spec?.nodeName ?? '';
    if (name === '' || known.has(name)) continue;
    const own = spec?.hostNetwork === true ? addressesIn([...(status?.podIPs ?? []).map((p) => p.ip), status?.podIP]) : [];
    const nth = assumed.indexOf(name);
    if (nth !== -1) {
      if (!found.has(name)) found.set(name, [assumedNode(name, nth), pod]);
      continue;
    }
    const ips = firstOfEach([...addressesIn([status?.hostIP]), ...own]);
    const earlier = found.get(name);
    if (earlier === undefined || (earlier[0].ips ?? []).length < ips.length) found.set(name, [{ name, ips, seen: { addresses: [] } }, pod]);
  }
  return [...found.values()];
}

/** The nth node of a cluster that does not run yet, with the addresses of the built-in cluster's nodes. */
function assumedNode(name: string, nth: number): NodeInput {
  const number = nth + 1;
  return {
    name,
    ips: [ip(`192.168.${1 + Math.floor(nth / 200)}.${11 + (nth % 200)}`)],
    podCIDRs: [prefixOf(ip(`10.244.${number}.0`), 24)],
    seen: { addresses: [] },
  };
}
