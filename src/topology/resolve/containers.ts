import type { Volume } from '../../k8s/containers/volume.ts';
import type { Container } from '../../k8s/pod.ts';
import { parseAddress } from '../../net/address.ts';
import type { Path } from '../../source/origin.ts';
import { whyNot } from '../schema/fields.ts';
import type { PodForm } from '../schema/topology.ts';
import { type Report, uniqueNames } from './report.ts';
import { readMounts } from './volumes.ts';

/** A pod's containers: what they listen on, and what they mount. */
export function readContainers(report: Report, pod: PodForm, volumes: readonly Volume[], path: Path, object: string): readonly Container[] {
  const containers = pod.containers ?? [];
  const list = [...path, 'containers'];
  uniqueNames(
    report,
    containers,
    'container',
    (c) => c.name,
    (i) => [...list, i, 'name'],
  );
  const ports = containers.flatMap((c, i) => c.ports.map((p, j) => ({ ...p, path: [...list, i, 'ports', j] })));
  const pathOf = (i: number) => ports[i]?.path ?? list;
  uniqueNames(
    report,
    ports,
    'port named',
    (p) => p.name ?? null,
    (i) => [...pathOf(i), 'name'],
  );
  return containers.map((container, i) => {
    const here = [...list, i];
    return {
      name: container.name,
      ports: container.ports.map((form, j) => ({
        name: form.name ?? null,
        port: form.containerPort,
        protocol: form.protocol,
        host: readHostPort(report, form, pod.hostNetwork, [...here, 'ports', j], object),
        locus: report.locus([...here, 'ports', j], object),
      })),
      listen: container.listen.flatMap((text, j) => readListen(report, text, [...here, 'listen', j], object)),
      mounts: readMounts(report, container.volumeMounts, volumes, here, object),
      locus: report.locus(here, object),
    };
  });
}

type PortForm = NonNullable<PodForm['containers']>[number]['ports'][number];

/** On the host's own network a container's port is the node's already. */
function readHostPort(
  report: Report,
  form: PortForm,
  hostNetwork: boolean,
  path: Path,
  object: string,
): Container['ports'][number]['host'] {
  const { hostPort, hostIP, containerPort } = form;
  if (hostPort === undefined) {
    if (hostIP !== undefined)
      report.error([...path, 'hostIP'], 'bad-value', 'hostIP says where a hostPort is, and there is none', 'add hostPort');
    return null;
  }
  if (!hostNetwork) return { port: hostPort, ip: hostIP ?? null, locus: report.locus([...path, 'hostPort'], object) };
  if (hostPort !== containerPort)
    report.error([...path, 'hostPort'], 'bad-value', `on the host's network hostPort is containerPort: ${containerPort}, or left out`);
  return null;
}

/** `127.0.0.1:9000`, `[::1]:9000`, `:9000`, `0.0.0.0:53/udp` */
function readListen(report: Report, text: string, path: Path, object: string): Container['listen'] {
  const [, host = '', number = '', protocol = 'tcp'] = /^([^:]*|\[[^\]]*\]):(\d+)(?:\/(tcp|udp|sctp))?$/.exec(text) ?? [];
  const port = Number(number);
  const bare = host.replace(/^\[(.*)\]$/, '$1');
  const everywhere = host === '' || bare === '0.0.0.0' || bare === '::';
  const address = everywhere ? null : parseAddress(bare);
  if (port < 1 || port > 65535 || (address === null && !everywhere)) {
    report.error(path, 'bad-value', `${text} is not an address and a port from 1 to 65535`);
    return [];
  }
  const [wrong, hint] = (address === null ? null : whyNot(address))?.split('; ') ?? [];
  if (wrong !== undefined) {
    report.error(path, 'bad-value', wrong, hint);
    return [];
  }
  const family = bare === '0.0.0.0' ? 'IPv4' : null;
  return [{ address, family, port, protocol: protocol as 'tcp' | 'udp' | 'sctp', locus: report.locus(path, object) }];
}
