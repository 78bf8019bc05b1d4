import type { Pod } from '../k8s/pod.ts';
import type { IpAddress } from '../net/address.ts';
import { didYouMean } from '../source/suggest.ts';
import type { PlaceName } from './place.ts';
import { fail, type Parsed } from './result.ts';
import { distinctPorts, type Socket, socketsOf } from './sockets.ts';
import { asked, pinged, plain, portText, type Target, type Wish } from './target.ts';

/** A pod, or a container of it, by the pod's address: the port that is asked for, else its only one, else its first TCP port, else a ping. */
export function podTarget(pod: Pod, address: IpAddress, place: Pick<PlaceName, 'container'>, wish: Wish): Parsed<Target> {
  const { port, protocol } = wish;
  if (protocol === 'icmp') return plain('icmp', null, address);
  const containers = place.container === null ? pod.containers : pod.containers.filter((c) => c.name === place.container);
  const all = distinctPorts(containers.flatMap(socketsOf));
  const sockets = all.filter((s) => protocol === null || s.protocol === protocol);
  if (typeof port === 'string') return namedPort(pod, address, { wish: port, protocol, sockets, all });
  if (port !== null) return plain(protocol ?? protocolOf(sockets, port), port, address);
  const first = sockets.find((s) => s.protocol === 'tcp') ?? sockets[0];
  if (first !== undefined) {
    const others = sockets.length > 1 ? [`${pod.name} has ${sockets.length} ports; this is ${portText(first)}`] : [];
    return plain(first.protocol, first.port, address, others);
  }
  if (protocol !== null) return fail(`${pod.name} states no ${protocol} port`, `name one, as ${pod.name}:80/${protocol}`);
  return pinged(address);
}

/** TCP, unless the pod states this port for another protocol only. */
function protocolOf(sockets: readonly Socket[], port: number): Socket['protocol'] {
  const here = sockets.filter((s) => s.port === port);
  return (here.find((s) => s.protocol === 'tcp') ?? here[0])?.protocol ?? 'tcp';
}

interface NamedPort {
  readonly wish: string;
  readonly protocol: Wish['protocol'];
  readonly sockets: readonly Socket[];
  readonly all: readonly Socket[];
}

function namedPort(pod: Pod, address: IpAddress, { wish, protocol, sockets, all }: NamedPort): Parsed<Target> {
  const found = sockets.find((s) => s.name === wish);
  if (found !== undefined) return plain(found.protocol, found.port, address);
  const known = all.length === 0 ? 'it states no ports' : `its ports: ${all.map(portText).join(', ')}`;
  const names = sockets.flatMap((s) => s.name ?? []);
  return fail(`${pod.name} has no port named ${asked(wish, protocol)}`, didYouMean(wish, names) ?? known);
}
