import type { Cluster } from '../k8s/cluster.ts';
import type { OutsideHost } from '../k8s/network.ts';
import { netnsOf, type Pod } from '../k8s/pod.ts';
import { ambiguousNote, lastGroup } from './ambiguous-name.ts';
import { checkDestination, findDestination, serverOf, unknownContainer } from './destination.ts';
import { takenToAnswer, takenToAsk } from './dns.ts';
import { type Found, find } from './find.ts';
import { checkSharing, noTarget } from './medium.ts';
import { type PlaceName, parsePlace } from './place.ts';
import type { Medium, Question, Request, Source } from './question.ts';
import { fail, type Parsed } from './result.ts';
import { isUrl } from './url.ts';
import { resolveUrl } from './url-question.ts';

/** Names into things of the cluster; the source is one of `from`, which may be the same cluster in its other IP family. */
export function resolveRequest(cluster: Cluster, request: Request, from = cluster): Parsed<Question> {
  const namespace = request.namespace ?? 'default';
  const sender = parsePlace(request.source);
  if (!sender.ok) return sender;
  const source = findSource(from, sender.value, namespace);
  if (!source.ok) return source;
  const url = isUrl(request.destination) ? resolveUrl(cluster, request, source.value) : null;
  if (url !== null && !url.ok) return url;
  if (url?.value.kind === 'by-rule') return { ok: true, value: url.value.question };
  const to = url === null ? placeOf(request) : ({ ok: true, value: url.value.place } as const);
  if (!to.ok) return to;
  const over = request.over ?? 'network';
  if (over !== 'network') return sharingQuestion(cluster, request, over, source.value, to.value, namespace);
  const clash = contradiction(to.value, request);
  if (clash !== null) return clash;
  const wish = { port: to.value.port ?? request.port ?? null, protocol: to.value.protocol ?? request.protocol ?? null };
  const destination =
    url === null
      ? findDestination(cluster, to.value, namespace, source.value, wish)
      : ({ ok: true, value: url.value.destination } as const);
  if (!destination.ok) return destination;
  const { resolution, target } = destination.value;
  const server = request.withDns === true ? serverOf(cluster, source.value, to.value, destination.value) : null;
  if (server !== null && !server.ok) return server;
  const notes = [
    ...(server === null ? [...takenToAnswer(cluster, resolution), ...takenToAsk(cluster, resolution)] : []),
    ...(url === null ? ambiguousNote(cluster, to.value, destination.value.destination, source.value) : []),
    ...lastGroup(cluster, to.value, destination.value.destination),
  ];
  return {
    ok: true,
    value: {
      source: source.value,
      ...destination.value,
      destinationContainer: to.value.container,
      over,
      target: { ...target, notes: [...target.notes, ...notes] },
      size: request.size ?? null,
      dnsServer: server === null ? null : server.value,
      http: null,
    },
  };
}

function placeOf(request: Request): Parsed<PlaceName> {
  const forUrls = (['method', 'headers'] as const).find((f) => request[f] !== undefined);
  if (forUrls === undefined) return parsePlace(request.destination);
  return fail(`--${forUrls === 'headers' ? 'header' : forUrls} is about an HTTP request, and ${request.destination} is no URL`);
}

/** About what two containers share: no packet, so nothing is looked up. */
function sharingQuestion(
  cluster: Cluster,
  request: Request,
  over: Exclude<Medium, 'network'>,
  source: Source,
  to: PlaceName,
  namespace: string,
): Parsed<Question> {
  if (request.withDns === true) return fail(`--with-dns is about a packet, and --over ${over} sends none`, 'leave --with-dns out');
  const found = find(cluster, to, namespace);
  if (!found.ok) return found;
  const bad = checkDestination(to, found.value);
  if (bad !== null) return bad;
  const fit = checkSharing(over, request, source, to, found.value);
  if (!fit.ok) return fit;
  const about = { source, destination: found.value, destinationContainer: to.container, over };
  return { ok: true, value: { ...about, target: noTarget, resolution: null, dnsServer: null, size: null, http: null } };
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
