import { key, netnsOf, type Pod } from '../../k8s/pod.ts';
import { familyOf, formatEndpoint, type IpAddress, type IpFamily, UNSPECIFIED } from '../../net/address.ts';
import { at, type Locus, placeOf } from '../../source/origin.ts';
import type { Cursor } from './cursor.ts';

interface Socket {
  readonly pod: Pod;
  readonly process: string;
  /** Null: all addresses, of `family` or of both. */
  readonly address: IpAddress | null;
  readonly family: IpFamily | null;
  readonly port: number;
  readonly protocol: string;
  /** A container port, not one of `listen`. */
  readonly declared: boolean;
  readonly locus: Locus;
}

/**
 * Containers in one network namespace share its ports. Of two sockets with the same port the second cannot be bound, if their addresses
 * are the same or one of them is all addresses: bind(2) fails with EADDRINUSE. Both could have set SO_REUSEPORT, and then which one gets a
 * connection is a matter of a hash, which is nothing that a trace could follow.
 */
export function checkSockets(root: Cursor, pods: readonly Pod[]): void {
  const taken = new Map<string, Socket[]>();
  for (const pod of pods)
    for (const socket of socketsOf(pod)) {
      const place = `${netnsOf(pod)} ${socket.port}/${socket.protocol}`;
      const others = taken.get(place);
      if (others === undefined) taken.set(place, [socket]);
      else {
        const earlier = others.find((o) => clash(o, socket));
        if (earlier === undefined) others.push(socket);
        else reportClash(root, earlier, socket);
      }
    }
}

function socketsOf(pod: Pod): readonly Socket[] {
  return pod.containers.flatMap((container) => {
    const process = `${container.name}@${pod.name}`;
    const ports = container.ports.map(({ port, protocol, locus }) => {
      const where = at(locus, 'containerPort');
      return { pod, process, address: null, family: null, port, protocol, declared: true, locus: where };
    });
    return [...ports, ...container.listen.map((l) => ({ pod, process, ...l, declared: false }))];
  });
}

/** Container ports of two pods on one node have an error of their own: the scheduler looks at those. */
function clash(a: Socket, b: Socket): boolean {
  const scheduled = a.declared && b.declared && key(a.pod) !== key(b.pod);
  return !scheduled && (isAmong(a, b) || isAmong(b, a));
}

/** Is the address of the one an address, or among the addresses, of the other? A socket on :: takes those of IPv4 as well. */
function isAmong({ address, family }: Socket, all: Socket): boolean {
  if (all.address !== null) return address === all.address;
  const own = address === null ? family : familyOf(address);
  return own === null || all.family === null || own === all.family;
}

function reportClash(root: Cursor, earlier: Socket, socket: Socket): void {
  const { process, locus, pod } = socket;
  const [mine, other] = [textOf(socket), textOf(earlier)];
  root
    .from(locus)
    .error(
      'duplicate-port',
      `${process} cannot listen on ${mine}: ${earlier.process} has${other === mine ? ' it' : ` ${other}, which is in its way,`} already (${placeOf(earlier.locus)})`,
      `containers ${pod.hostNetwork ? 'on the host network' : 'of a pod'} share one set of ports, and bind(2) fails with EADDRINUSE`,
    );
}

/** As ss(8) shows it, where a star is all addresses of both families. */
function textOf({ address, family, port, protocol }: Socket): string {
  const bound = address ?? (family === null ? null : UNSPECIFIED[family]);
  return `${bound === null ? `*:${port}` : formatEndpoint(bound, port)}/${protocol}`;
}
