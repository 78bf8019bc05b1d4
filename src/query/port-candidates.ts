import type { Cluster } from '../k8s/cluster.ts';
import type { TransportProtocol } from '../k8s/pod.ts';
import { formatEndpoint } from '../net/address.ts';
import type { Candidate } from './candidate.ts';
import { find } from './find.ts';
import type { Found } from './found.ts';
import { parsePlace } from './place.ts';

interface Port {
  readonly name: string;
  readonly port: number;
  readonly protocol: TransportProtocol;
  readonly about: string;
}

/** `NAME:`: the ports that are there, by number, by name once letters are typed, with the protocol where a number alone is not clear. */
export function completePort(cluster: Cluster, typed: string, namespace: string): readonly Candidate[] {
  const [start = ''] = /^(\[[^\]]*\]|[^[:]*):/.exec(typed) ?? [];
  const place = parsePlace(start.slice(0, -1));
  const found = place.ok ? find(cluster, place.value, namespace) : place;
  if (!place.ok || !found.ok) return [];
  const ports = portsOf(cluster, found.value, place.value.container);
  return ports.flatMap((port) => {
    const text = spellings(port, ports)
      .map((s) => `${start}${s}`)
      .find((s) => s.startsWith(typed));
    return text === undefined ? [] : [{ text, about: port.about }];
  });
}

/** The same for a destination that stands apart, as for `--port`: without its name, and without protocols. */
export function completePortOf(cluster: Cluster, destination: string, typed: string, namespace: string): readonly Candidate[] {
  const place = parsePlace(destination);
  if (!place.ok || place.value.port !== null) return [];
  const start = place.value.address === null ? `${destination}:` : formatEndpoint(place.value.address, '');
  const ports = completePort(cluster, `${start}${typed}`, namespace);
  return ports.map(({ text, about: what }) => ({ text: text.slice(start.length).replace(/\/.*$/, ''), about: what }));
}

function spellings({ name, port, protocol }: Port, all: readonly Port[]): readonly string[] {
  const alone = all.filter((p) => p.port === port).length === 1;
  return [...(alone ? [`${port}`] : []), `${port}/${protocol}`, ...(name === '' ? [] : [name])];
}

function portsOf(cluster: Cluster, found: Found, container: string | null): readonly Port[] {
  switch (found.kind) {
    case 'pod':
      return found.pod.containers
        .filter((c) => container === null || c.name === container)
        .flatMap((c) => c.ports.map((p) => ({ ...p, name: p.name ?? '', about: about(p.name ?? '', p.protocol, `container ${c.name}`) })));
    case 'service':
      return found.service.ports.map((p) => ({ ...p, about: about(p.name, p.protocol, `target port ${p.targetPort}`) }));
    case 'node':
      return nodePorts(cluster);
    case 'address':
      return found.owner === null ? [] : portsOf(cluster, found.owner, container);
    case 'workload':
      return found.workload.pods.slice(0, 1).flatMap((pod) => portsOf(cluster, { kind: 'pod', pod }, container));
    case 'host':
    case 'url':
    case 'name':
      return [];
  }
}

function nodePorts(cluster: Cluster): readonly Port[] {
  return [...cluster.services.values()].flatMap((service) =>
    service.ports.flatMap(({ nodePort, protocol }) =>
      nodePort === null
        ? []
        : [{ name: '', port: nodePort, protocol, about: about('', protocol, `node port of ${service.namespace}/${service.name}`) }],
    ),
  );
}

const about = (name: string, protocol: string, what: string) => [...(name === '' ? [] : [name]), protocol, what].join(', ');
