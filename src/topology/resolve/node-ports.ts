import { NODE_PORTS } from '../../k8s/cluster.ts';
import type { ServiceInput, TopologyInput } from '../schema/topology.ts';
import type { Cursor } from './cursor.ts';

interface Claim {
  readonly number: number;
  readonly protocol: string;
  readonly service: string;
  readonly cursor: Cursor;
}

/**
 * The API server allocates node ports by number, health checks' among them: another service may not have one with another protocol
 * either. Ports of one service may share a number. Source: initNodePorts, pkg/registry/core/service/storage/alloc.go.
 */
export function checkNodePorts(list: Cursor, services: readonly ServiceInput[]): void {
  const taken = new Map<number, Claim[]>();
  for (const claim of services.flatMap((s, i) => claimsOf(list.at(i), s))) {
    const earlier = taken.get(claim.number) ?? [];
    const owner = earlier.find((e) => e.service !== claim.service || e.protocol === claim.protocol);
    if (owner === undefined) taken.set(claim.number, [...earlier, claim]);
    else
      claim.cursor.error('duplicate-port', `node port ${claim.number} is that of service ${owner.service} already (${owner.cursor.place})`);
  }
}

/** Of a plan: in a running cluster the range was another one when they were given. */
export function checkNodePortRange(root: Cursor, { cluster, services = [] }: TopologyInput): void {
  const { first, last } = cluster.serviceNodePortRange ?? NODE_PORTS;
  for (const { number, cursor } of services.flatMap((s, i) => claimsOf(root.at('services', i), s)))
    if (number < first || number > last)
      cursor.error(
        'bad-value',
        `expected a node port from ${first} to ${last}`,
        cluster.serviceNodePortRange === undefined
          ? 'where the API server has another range, state it: cluster.serviceNodePortRange'
          : undefined,
      );
}

function claimsOf(here: Cursor, { namespace = 'default', name, ports = [], healthCheckNodePort }: ServiceInput): readonly Claim[] {
  const service = `${namespace}/${name}`;
  const ofPorts = ports.flatMap(({ nodePort, protocol = 'tcp' }, i) =>
    nodePort === undefined ? [] : [{ number: nodePort, protocol: `${protocol}`, service, cursor: here.at('ports', i, 'nodePort') }],
  );
  if (healthCheckNodePort === undefined) return ofPorts;
  return [...ofPorts, { number: healthCheckNodePort, protocol: 'tcp', service, cursor: here.at('healthCheckNodePort') }];
}
