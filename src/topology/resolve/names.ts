import { GATEWAY } from '../../k8s/network.ts';
import type { TopologyInput } from '../schema/topology.ts';
import { type Cursor, uniqueNames } from './cursor.ts';

/** Names of namespaces that are always there. */
const RESERVED_NAMES = [GATEWAY, 'internet'];

/** Two things of one kind with one name, and names of network namespaces that two things would have. */
export function checkNames(root: Cursor, input: TopologyInput): void {
  const { nodes, pods = [], services = [] } = input;
  uniqueNames(
    nodes,
    'node',
    (n) => n.name,
    (i) => root.at('nodes', i, 'name'),
  );
  uniqueNames(
    pods,
    'pod',
    (p) => `${p.namespace ?? 'default'}/${p.name}`,
    (i) => root.at('pods', i, 'name'),
  );
  uniqueNames(
    services,
    'service',
    (s) => `${s.namespace ?? 'default'}/${s.name}`,
    (i) => root.at('services', i, 'name'),
  );
  const taken = new Map<string, string>(RESERVED_NAMES.map((name) => [name, `the ${name}`]));
  const reserved = (at: Cursor, name: string, owner: string) =>
    at.error('reserved-name', `${name} is the name of ${owner}'s network namespace`, 'choose another name');
  for (const [i, router] of (input.underlay?.routers ?? []).entries()) {
    if (RESERVED_NAMES.includes(router.name)) reserved(root.at('underlay', 'routers', i, 'name'), router.name, `the ${router.name}`);
    taken.set(router.name, `the router ${router.name}`);
  }
  for (const { name } of input.internet?.clients ?? []) taken.set(name, `the outside client ${name}`);
  for (const [list, things] of [
    ['nodes', nodes],
    ['pods', pods],
  ] as const)
    for (const [i, { name }] of things.entries()) {
      const owner = taken.get(name);
      if (owner !== undefined) reserved(root.at(list, i, 'name'), name, owner);
    }
}
