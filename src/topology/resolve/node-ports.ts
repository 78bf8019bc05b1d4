import type { ServiceInput } from '../schema/topology.ts';
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

function claimsOf(here: Cursor, { namespace = 'default', name, ports = [], healthCheckNodePort }: ServiceInput): readonly Claim[] {
  const service = `${namespace}/${name}`;
  const ofPorts = ports.flatMap(({ nodePort, protocol = 'tcp' }, i) =>
    nodePort === undefined ? [] : [{ number: nodePort, protocol: `${protocol}`, service, cursor: here.at('ports', i, 'nodePort') }],
  );
  if (healthCheckNodePort === undefined) return ofPorts;
  return [...ofPorts, { number: healthCheckNodePort, protocol: 'tcp', service, cursor: here.at('healthCheckNodePort') }];
}
