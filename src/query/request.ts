import { type Cluster, netnsOf, type OutsideHost, type Pod } from '../k8s/cluster.ts';
import { didYouMean } from '../nearest.ts';
import type { Protocol } from '../net/packet.ts';
import { type Found, find } from './find.ts';
import { calledLocally, localTarget } from './localhost.ts';
import { checkSharing, noTarget, type Over } from './over.ts';
import { type Parsed, type PlaceName, parsePlace } from './place.ts';
import type { Question, Source } from './question.ts';
import { chooseTarget } from './target.ts';

/** A question as it is asked, names and all. */
export interface Request {
  readonly source: string;
  readonly destination: string;
  /** Namespace of names that have none; `default` when left out. */
  readonly namespace?: string;
  /** Port number or name, when the destination does not say it. */
  readonly port?: number | string;
  readonly protocol?: Protocol;
  /** Bytes of a data packet that is sent once the connection stands, or of the datagram. */
  readonly size?: number;
  /** Shared memory or a volume instead of a packet; `network` when left out. */
  readonly over?: Over;
}

const fail = (message: string, hint: string | null = null) => ({ ok: false, message, hint }) as const;

/** Names into things of the cluster. */
export function resolveRequest(cluster: Cluster, request: Request): Parsed<Question> {
  const namespace = request.namespace ?? 'default';
  const from = parsePlace(request.source);
  if (!from.ok) return from;
  const to = parsePlace(request.destination);
  if (!to.ok) return to;
  const source = findSource(cluster, from.value, namespace);
  if (!source.ok) return source;
  const destination = find(cluster, to.value, namespace);
  if (!destination.ok) return destination;
  const checked = checkDestination(to.value, destination.value);
  if (checked !== null) return checked;
  const over = request.over ?? 'network';
  const asked = { source: source.value, destination: destination.value, destinationContainer: to.value.container, over };
  if (over !== 'network') {
    const fit = checkSharing(over, request, source.value, to.value, destination.value);
    return fit.ok ? { ok: true, value: { ...asked, target: noTarget, size: null } } : fit;
  }
  const clash = contradiction(to.value, request);
  if (clash !== null) return clash;
  const wish = { port: to.value.port ?? request.port ?? null, protocol: to.value.protocol ?? request.protocol ?? null };
  const here = calledLocally(source.value, to.value, destination.value);
  const target =
    here !== null ? localTarget(here, wish) : chooseTarget(cluster, to.value, destination.value, wish, source.value.kind === 'Host');
  if (!target.ok) return target;
  return { ok: true, value: { ...asked, target: target.value, size: request.size ?? null } };
}

function contradiction(place: PlaceName, request: Request) {
  if (place.port !== null && request.port !== undefined && String(place.port) !== String(request.port))
    return fail(`${place.text} names port ${place.port}, but --port is ${request.port}`, 'name the port once');
  if (place.protocol !== null && request.protocol !== undefined && place.protocol !== request.protocol)
    return fail(`${place.text} names ${place.protocol}, but --protocol is ${request.protocol}`, 'name the protocol once');
  if ((place.protocol ?? request.protocol) === 'icmp' && (place.port ?? request.port ?? null) !== null)
    return fail('ICMP has no ports', 'leave the port out');
  return null;
}

function checkDestination(place: PlaceName, found: Found) {
  if (place.container === null) return null;
  if (found.kind === 'pod') return unknownContainer(found.pod, place.container);
  return fail(`${place.text}: only pods have containers`);
}

function unknownContainer(pod: Pod, container: string) {
  if (pod.containers.some((c) => c.name === container)) return null;
  const names = pod.containers.map((c) => c.name);
  return fail(
    `pod ${pod.name} has no container ${container}`,
    didYouMean(container, names) ?? (names.length === 0 ? 'it states no containers' : `its containers: ${names.join(', ')}`),
  );
}

function findSource(cluster: Cluster, place: PlaceName, namespace: string): Parsed<Source> {
  if (place.port !== null) return fail(`${place.text}: a source has no port; it is always 40000`, 'leave the port out');
  const found = find(cluster, place, namespace);
  if (!found.ok) return found;
  const { value } = found;
  const owner = value.kind === 'address' ? value.owner : value;
  if (owner === null)
    return fail(
      `nobody known has the address ${place.text}`,
      'a packet starts at a pod, a node, or, with internet.gateway, a public address',
    );
  if (owner.kind === 'node') return nodeSource(place, owner);
  if (owner.kind === 'host') return { ok: true, value: hostSource(owner.host) };
  if (owner.kind === 'pod') {
    const bad = place.container === null ? null : unknownContainer(owner.pod, place.container);
    return bad ?? { ok: true, value: podSource(owner.pod, place.container) };
  }
  return fail(`${place.text} is a service, and services do not send`, 'name a pod or a node as source');
}

function nodeSource(place: PlaceName, { node }: Extract<Found, { kind: 'node' }>): Parsed<Source> {
  if (place.container !== null) return fail(`${place.text}: only pods have containers`);
  return {
    ok: true,
    value: {
      kind: 'Node',
      namespace: null,
      name: node.name,
      container: null,
      node: node.name,
      netns: node.name,
      ip: node.ip,
      process: `a process on ${node.name}`,
    },
  };
}

function hostSource({ name, ip }: OutsideHost): Source {
  return { kind: 'Host', namespace: null, name, container: null, node: name, netns: name, ip, process: `a process on ${name}` };
}

function podSource(pod: Pod, container: string | null): Source {
  // Which of several containers sends makes no difference to the packet, so none is named.
  const first = container ?? (pod.containers.length === 1 ? (pod.containers[0]?.name ?? null) : null);
  return {
    kind: 'Pod',
    namespace: pod.namespace,
    name: pod.name,
    container,
    node: pod.node,
    netns: netnsOf(pod),
    ip: pod.ip,
    process: first === null ? `a process of ${pod.name}` : `${first}@${pod.name}`,
  };
}
