import type { Cluster } from '../k8s/cluster.ts';
import type { IpFamily } from '../net/address.ts';
import { aliasNotes } from './alias.ts';
import { ambiguousNote, lastGroup } from './ambiguous-name.ts';
import { checkDestination, findDestination, serverBehindPolicies, serverOf } from './destination.ts';
import { takenToAnswer, takenToAsk } from './dns.ts';
import { find, namespaceFor } from './find.ts';
import type { Found } from './found.ts';
import { checkSharing, noTarget } from './medium.ts';
import { internetNote } from './outside.ts';
import { type PlaceName, parsePlace } from './place.ts';
import type { Medium, Question, Request, Source } from './question.ts';
import { fail, type Parsed } from './result.ts';
import { findSource } from './source.ts';
import { isUrl } from './url.ts';
import { resolveUrl } from './url-question.ts';

/** Names into things of the cluster, and into the connection between them in one IP family. */
export function resolveRequest(cluster: Cluster, request: Request, family: IpFamily): Parsed<Question> {
  const named = request.namespace ?? 'default';
  const sender = parsePlace(request.source);
  if (!sender.ok) return sender;
  const source = findSource(cluster, sender.value, named, family, request.in);
  if (!source.ok) return source;
  const url = isUrl(request.destination) ? resolveUrl(cluster, request, source.value, family) : null;
  if (url !== null && !url.ok) return url;
  if (url?.value.kind === 'by-rule') return { ok: true, value: url.value.question };
  const to = url === null ? placeOf(request) : ({ ok: true, value: url.value.place } as const);
  if (!to.ok) return to;
  const namespace = namespaceFor(cluster, to.value, source.value.namespace, named);
  const over = request.over ?? 'network';
  if (over !== 'network') return sharingQuestion(cluster, request, { over, family, source: source.value, to: to.value, namespace });
  const clash = contradiction(to.value, request);
  if (clash !== null) return clash;
  const wish = {
    port: to.value.port ?? request.port ?? null,
    protocol: to.value.protocol ?? request.protocol ?? null,
    walkClosed: request.walkClosed === true,
  };
  const destination =
    url === null
      ? findDestination(cluster, to.value, namespace, source.value, wish, family, request.withDns === true)
      : ({ ok: true, value: url.value.destination } as const);
  if (!destination.ok) return destination;
  const { resolution, target } = destination.value;
  const server =
    request.withDns === true
      ? serverOf(cluster, source.value, to.value, destination.value)
      : serverBehindPolicies(cluster, source.value, resolution);
  if (server !== null && !server.ok) return server;
  const notes = [
    ...(source.value.note === undefined ? [] : [source.value.note]),
    ...(server === null ? [...takenToAnswer(cluster, resolution), ...takenToAsk(resolution)] : []),
    ...(url === null ? aliasNotes(cluster, resolution, target, source.value) : []),
    ...(url === null ? ambiguousNote(cluster, to.value, destination.value.destination, source.value, named) : []),
    ...internetNotes(to.value, destination.value.destination),
    ...lastGroup(cluster, to.value, destination.value.destination),
  ];
  return {
    ok: true,
    value: {
      family,
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

function internetNotes(place: PlaceName, found: Found): readonly string[] {
  const note = found.kind === 'host' ? internetNote(place, found.host) : null;
  return note === null ? [] : [note];
}

function placeOf(request: Request): Parsed<PlaceName> {
  const forUrls = (['method', 'headers'] as const).find((f) => request[f] !== undefined);
  if (forUrls === undefined) return parsePlace(request.destination);
  return fail(`--${forUrls === 'headers' ? 'header' : forUrls} is about an HTTP request, and ${request.destination} is no URL`);
}

interface Sharing {
  readonly over: Exclude<Medium, 'network'>;
  readonly family: IpFamily;
  readonly source: Source;
  readonly to: PlaceName;
  /** That of a bare name. */
  readonly namespace: string;
}

/** About what two containers share: no packet, so nothing is looked up. */
function sharingQuestion(cluster: Cluster, request: Request, { over, family, source, to, namespace }: Sharing): Parsed<Question> {
  if (request.withDns === true) return fail(`--with-dns is about a packet, and --over ${over} sends none`, 'leave --with-dns out');
  const found = find(cluster, to, namespace);
  if (!found.ok) return found;
  const bad = checkDestination(to, found.value);
  if (bad !== null) return bad;
  const fit = checkSharing(over, request, source, to, found.value);
  if (!fit.ok) return fit;
  const about = { family, source, destination: found.value, destinationContainer: to.container, over };
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
