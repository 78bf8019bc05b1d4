import type { Volume } from '../../k8s/containers/volume.ts';
import type { Container, ContainerPort, ListenAddress } from '../../k8s/pod.ts';
import { parseAddress } from '../../net/address.ts';
import { whyNot } from '../../source/fields.ts';
import type { PodInput } from '../schema/topology.ts';
import { type Cursor, uniqueNames } from './cursor.ts';
import { readMounts } from './volumes.ts';

const NONE: readonly never[] = [];

/** A pod's containers: what they listen on, and what they mount. */
export function readContainers(list: Cursor, pod: PodInput, volumes: readonly Volume[]): readonly Container[] {
  const containers = pod.containers ?? [];
  uniqueNames(
    containers,
    'container',
    (c) => c.name,
    (i) => list.at(i, 'name'),
  );
  const ports = containers.flatMap((c, i) => (c.ports ?? []).map((p, j) => ({ ...p, path: [i, 'ports', j] })));
  uniqueNames(
    ports,
    'port named',
    (p) => p.name ?? null,
    (i) => list.at(...(ports[i]?.path ?? []), 'name'),
  );
  return containers.map((container, i) => {
    const here = list.at(i);
    const { listen = NONE, volumeMounts = NONE } = container;
    return {
      name: container.name,
      ports: (container.ports ?? NONE).map((port, j) => readPort(here.at('ports', j), port, pod.hostNetwork === true)),
      listen: listen.length === 0 ? NONE : listen.flatMap((text, j) => readListen(here.at('listen', j), text)),
      mounts: volumeMounts.length === 0 ? NONE : readMounts(here.at('volumeMounts'), volumeMounts, volumes),
      locus: here.locus,
    };
  });
}

type PortInput = NonNullable<NonNullable<PodInput['containers']>[number]['ports']>[number];

const readPort = (here: Cursor, input: PortInput, hostNetwork: boolean): ContainerPort => ({
  name: input.name ?? null,
  port: input.containerPort,
  protocol: input.protocol ?? 'tcp',
  host: readHostPort(here, input, hostNetwork),
  locus: here.locus,
});

/** On the host's own network a container's port is the node's already. */
function readHostPort(here: Cursor, { hostPort, hostIP, containerPort }: PortInput, hostNetwork: boolean): ContainerPort['host'] {
  if (hostPort === undefined) {
    if (hostIP !== undefined) here.at('hostIP').error('bad-value', 'hostIP says where a hostPort is, and there is none', 'add hostPort');
    return null;
  }
  if (!hostNetwork) return { port: hostPort, ip: hostIP ?? null, locus: here.at('hostPort').locus };
  if (hostPort !== containerPort)
    here.at('hostPort').error('bad-value', `on the host's network hostPort is containerPort: ${containerPort}, or left out`);
  return null;
}

/** `127.0.0.1:9000`, `[::1]:9000`, `:9000`, `0.0.0.0:53/udp` */
function readListen(here: Cursor, text: string): readonly ListenAddress[] {
  const [, host = '', number = '', protocol = 'tcp'] = /^([^:]*|\[[^\]]*\]):(\d+)(?:\/(tcp|udp|sctp))?$/.exec(text) ?? [];
  const port = Number(number);
  const bare = host.replace(/^\[(.*)\]$/, '$1');
  const everywhere = host === '' || bare === '0.0.0.0' || bare === '::';
  const address = everywhere ? null : parseAddress(bare);
  if (port < 1 || port > 65535 || (address === null && !everywhere)) {
    here.error('bad-value', `${text} is not an address and a port from 1 to 65535`);
    return [];
  }
  const [wrong, hint] = (address === null ? null : whyNot(address))?.split('; ') ?? [];
  if (wrong !== undefined) {
    here.error('bad-value', wrong, hint);
    return [];
  }
  const family = bare === '0.0.0.0' ? 'IPv4' : null;
  return [{ address, family, port, protocol: protocol as 'tcp' | 'udp' | 'sctp', locus: here.locus }];
}
