import { type Container, netnsOf, type Pod } from '../k8s/pod.ts';
import { familyOf, formatAddress, type IpAddress, isLoopback, LOOPBACK } from '../net/address.ts';
import { icmpName } from '../net/packet.ts';
import { didYouMean } from '../source/suggest.ts';
import type { Found } from './find.ts';
import type { PlaceName } from './place.ts';
import type { Source } from './question.ts';
import type { Parsed } from './result.ts';
import { portText, type Target, type Wish } from './target.ts';

/** Containers of one pod share its network namespace, and call each other by localhost; so do those of hostNetwork pods on one node. */

export interface Local {
  readonly pod: Pod;
  readonly container: Container;
}

/** A container that is called from within its own network namespace; null when the packet has to leave one. */
export function isCalledLocally(source: Source, to: PlaceName, destination: Found): Local | null {
  if (destination.kind !== 'pod' || source.kind !== 'Pod' || netnsOf(destination.pod) !== source.netns) return null;
  const container = destination.pod.containers.find((c) => c.name === to.container);
  return container === undefined ? null : { pod: destination.pod, container };
}

interface Listening {
  readonly name: string | null;
  readonly port: number;
  readonly protocol: 'tcp' | 'udp' | 'sctp';
  readonly address: IpAddress | null;
}

const socketsOf = ({ ports, listen }: Container): readonly Listening[] => [
  ...ports.map(({ name, port, protocol }) => ({ name, port, protocol, address: null })),
  ...listen.map(({ port, protocol, address }) => ({ name: null, port, protocol, address })),
];

const localhostOf = (pod: Pod): IpAddress => LOOPBACK[familyOf(pod.ip)];

/** By 127.0.0.1 or ::1, or by the loopback address that the socket has: container ports come first, then the sockets of `listen`. */
export function localTarget({ pod, container }: Local, wish: Wish): Parsed<Target> {
  const { name } = container;
  if (wish.protocol === 'icmp') return called('icmp', null, localhostOf(pod));
  const sockets = socketsOf(container).filter((s) => wish.protocol === null || s.protocol === wish.protocol);
  if (typeof wish.port === 'string') return byName(pod, name, sockets, wish.port);
  if (wish.port !== null) return byNumber(pod, name, sockets, wish.port, wish.protocol);
  const chosen = sockets.find((s) => s.protocol === 'tcp') ?? sockets[0];
  if (chosen === undefined) return withoutPort(localhostOf(pod), name, wish);
  const others = sockets.length > 1 ? [`${name} has ${sockets.length} ports; this is ${portText(chosen)}`] : [];
  return toSocket(pod, chosen, others);
}

const called = (protocol: Target['protocol'], port: number | null, address: IpAddress, notes: readonly string[] = []) =>
  ({ ok: true, value: { protocol, port, addresses: [address], notes, servicePort: null, missing: null } }) as const;

const toSocket = (pod: Pod, { protocol, port, address }: Listening, notes: readonly string[] = []) =>
  called(protocol, port, address !== null && isLoopback(address) ? address : localhostOf(pod), notes);

function withoutPort(localhost: IpAddress, name: string, wish: Wish): Parsed<Target> {
  if (wish.protocol !== null)
    return { ok: false, message: `${name} states no ${wish.protocol} port`, hint: 'name one, as --port 80, or leave the protocol out' };
  return called('icmp', null, localhost, [
    `${name} states no port, so ${formatAddress(localhost)} is pinged (${icmpName(localhost)} echo): the kernel answers that, whatever ${name} does`,
  ]);
}

function byName(pod: Pod, name: string, sockets: readonly Listening[], port: string): Parsed<Target> {
  const found = sockets.find((s) => s.name === port);
  if (found !== undefined) return toSocket(pod, found);
  const owner = pod.containers.find((c) => c.ports.some((p) => p.name === port));
  const names = sockets.flatMap((s) => s.name ?? []);
  const known = sockets.length === 0 ? 'it states no ports' : `its ports: ${sockets.map(portText).join(', ')}`;
  const hint = owner === undefined ? (didYouMean(port, names) ?? known) : `it is a port of ${owner.name}@${pod.name}`;
  return { ok: false, message: `${name} has no port named ${port}`, hint };
}

/** A port that another container has would be answered by that one, which is not who was asked for. */
function byNumber(pod: Pod, name: string, sockets: readonly Listening[], port: number, protocol: Wish['protocol']): Parsed<Target> {
  const here = sockets.filter((s) => s.port === port);
  const localhost = localhostOf(pod);
  const found = here.find((s) => s.address === null || s.address === localhost) ?? here[0];
  if (found !== undefined) return toSocket(pod, found);
  const has = (c: Container) => socketsOf(c).some((s) => s.port === port && (protocol === null || s.protocol === protocol));
  const theirs = pod.containers.filter(has).map((c) => c.name);
  const [owner] = theirs;
  if (owner === undefined) return called(protocol ?? 'tcp', port, localhost);
  return { ok: false, message: `${name} has no port ${port}`, hint: `it is a port of ${owner}: write ${owner}@${pod.name}:${port}` };
}
