import { hashedHostEnd } from '../../src/cni/host-end.ts';
import type { Draft, Machine } from './draft.ts';

/** What stays of a bridge's words when pods have a veth pair each: the devices of the faults are pods' host ends. */
export function withHostEnds(draft: Draft, cni: unknown, hostEnd: (pod: { readonly name: string }, nth: number) => string): Draft {
  const { masquerade: _, ...cluster } = draft.cluster;
  const named = draft.nodes.map((_node, i) => draft.pods.filter((p) => p.node === i).map((p, nth) => hostEnd(p, nth)));
  return {
    ...draft,
    cluster: { ...cluster, cni },
    nodes: draft.nodes.map((node, i) => renamed(node, named[i] ?? [])),
  };
}

/** `vethN` is the Nth pod's; of a node with fewer pods, the first one's. */
function renamed(node: Machine, hostEnds: readonly string[]): Machine {
  const text = (t: string) => t.replace(/veth(\d+)/g, (_, nth: string) => hostEnds[Number(nth)] ?? hostEnds[0] ?? 'eth0');
  const inFields = <T>(fields: T): T => JSON.parse(text(JSON.stringify(fields))) as T;
  return {
    ...node,
    routes: node.routes.map(inFields),
    rules: new Map([...node.rules].map(([priority, rule]) => [priority, inFields(rule)])),
    sysctls: inFields(node.sysctls),
    devices: inFields(node.devices),
    addresses: new Map([...node.addresses].map(([ip, address]) => [ip, inFields(address)])),
    neighbours: new Map([...node.neighbours].map(([ip, neighbour]) => [ip, inFields(neighbour)])),
  };
}

export const asKindnet = (draft: Draft): Draft => withHostEnds(draft, 'kindnet', (_, nth) => `veth${nth}`);

export const asCalico = (draft: Draft, keys: Readonly<Record<string, unknown>> = {}): Draft =>
  withHostEnds(draft, { plugin: 'calico', ...keys }, ({ name }) => hashedHostEnd('cali', { namespace: 'default', name }));
