import { type Container, netnsOf, type Pod } from '../k8s/pod.ts';
import { familyOf, formatAddress, type IpAddress, type IpFamily, isLoopback, LOOPBACK } from '../net/address.ts';
import { icmpName } from '../net/packet.ts';
import { didYouMean } from '../source/suggest.ts';
import type { Found } from './found.ts';
import type { PlaceName } from './place.ts';
import type { Source } from './question.ts';
import { fail, type Parsed } from './result.ts';
import { type Socket, socketsOf } from './sockets.ts';
import { asked, pinged, plain, portText, type Target, type Wish } from './target.ts';

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

/** By 127.0.0.1 or ::1, or by the loopback address that the socket has: container ports come first, then the sockets of `listen`. */
export function localTarget({ pod, container }: Local, wish: Wish, family: IpFamily): Parsed<Target> {
  const { name } = container;
  if (wish.protocol === 'icmp') return plain('icmp', null, LOOPBACK[family]);
  const sockets = socketsOf(container).filter((s) => wish.protocol === null || s.protocol === wish.protocol);
  if (typeof wish.port === 'string') return byName(pod, name, sockets, { ...wish, port: wish.port }, family);
  if (wish.port !== null) return byNumber(pod, name, sockets, wish.port, wish.protocol, family);
  const chosen = sockets.find((s) => s.protocol === 'tcp') ?? sockets[0];
  if (chosen === undefined) return withoutPort(LOOPBACK[family], name, wish);
  const others = sockets.length > 1 ? [`${name} has ${sockets.length} ports; this is ${portText(chosen)}`] : [];
  return toSocket(chosen, family, others);
}

/** A socket of one loopback address is called by that one, and so in its family only. */
function toSocket({ protocol, port, address }: Socket, family: IpFamily, notes: readonly string[] = []): Parsed<Target> {
  const called = address !== null && isLoopback(address) ? address : LOOPBACK[family];
  if (familyOf(called) === family) return plain(protocol, port, called, notes);
  return { ok: true, value: { protocol, port, addresses: [], notes, servicePort: null, missing: 'family' } };
}

function withoutPort(localhost: IpAddress, name: string, wish: Wish): Parsed<Target> {
  if (wish.protocol !== null) return fail(`${name} states no ${wish.protocol} port`, 'name one, as --port 80, or leave the protocol out');
  return pinged(localhost, [
    `${name} states no port, so ${formatAddress(localhost)} is pinged (${icmpName(localhost)} echo): the kernel answers that, whatever ${name} does`,
  ]);
}

function byName(
  pod: Pod,
  name: string,
  sockets: readonly Socket[],
  { port, protocol }: Wish & { readonly port: string },
  family: IpFamily,
): Parsed<Target> {
  const found = sockets.find((s) => s.name === port);
  if (found !== undefined) return toSocket(found, family);
  const owner = pod.containers.find((c) => c.ports.some((p) => p.name === port));
  const names = sockets.flatMap((s) => s.name ?? []);
  const known = sockets.length === 0 ? 'it states no ports' : `its ports: ${sockets.map(portText).join(', ')}`;
  const hint = owner === undefined ? (didYouMean(port, names) ?? known) : `it is a port of ${owner.name}@${pod.name}`;
  return fail(`${name} has no port named ${asked(port, protocol)}`, hint);
}

/** Another container that has the port would answer, and that one was not named. */
function byNumber(
  pod: Pod,
  name: string,
  sockets: readonly Socket[],
  port: number,
  protocol: Wish['protocol'],
  family: IpFamily,
): Parsed<Target> {
  const here = sockets.filter((s) => s.port === port);
  const localhost = LOOPBACK[family];
  const found = here.find((s) => s.address === null || s.address === localhost) ?? here[0];
  if (found !== undefined) return toSocket(found, family);
  const has = (c: Container) => socketsOf(c).some((s) => s.port === port && (protocol === null || s.protocol === protocol));
  const theirs = pod.containers.filter(has).map((c) => c.name);
  const [owner] = theirs;
  if (owner === undefined) return plain(protocol ?? 'tcp', port, localhost);
  const wanted = asked(port, protocol);
  return fail(`${name} has no port ${wanted}`, `it is a port of ${owner}: write ${owner}@${pod.name}:${wanted}`);
}
