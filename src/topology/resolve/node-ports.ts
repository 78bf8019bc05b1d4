import type { Path } from '../../source/origin.ts';
import type { ServiceForm } from '../schema/topology.ts';
import type { Report } from './report.ts';

interface Claimed {
  readonly number: number;
  readonly protocol: string;
  readonly service: string;
  readonly path: Path;
}

/**
 * The API server allocates node ports by number, health checks' among them: another service may not have one with another protocol
 * either. Ports of one service may share a number. Source: initNodePorts, pkg/registry/core/service/storage/alloc.go.
 */
export function checkNodePorts(report: Report, services: readonly ServiceForm[]): void {
  const taken = new Map<number, Claimed[]>();
  for (const claim of services.flatMap(claimsOf)) {
    const earlier = taken.get(claim.number) ?? [];
    const owner = earlier.find((e) => e.service !== claim.service || e.protocol === claim.protocol);
    if (owner === undefined) taken.set(claim.number, [...earlier, claim]);
    else
      report.error(
        claim.path,
        'duplicate-port',
        `node port ${claim.number} is that of service ${owner.service} already (${report.place(owner.path)})`,
      );
  }
}

function claimsOf({ namespace, name, ports, healthCheckNodePort }: ServiceForm, index: number): readonly Claimed[] {
  const service = `${namespace}/${name}`;
  const path: Path = ['services', index];
  const ofPorts = ports.flatMap(({ nodePort, protocol }, i) =>
    nodePort === undefined ? [] : [{ number: nodePort, protocol: `${protocol}`, service, path: [...path, 'ports', i, 'nodePort'] }],
  );
  const ofHealth =
    healthCheckNodePort === undefined
      ? []
      : [{ number: healthCheckNodePort, protocol: 'tcp', service, path: [...path, 'healthCheckNodePort'] }];
  return [...ofPorts, ...ofHealth];
}
