import type { Datapath } from '../datapath/netns.ts';
import type { Cluster } from '../k8s/cluster.ts';
import { familiesOf } from '../k8s/families.ts';
import { familyOf, formatAddress, type IpAddress, isPrivate } from '../net/address.ts';
import { find } from '../query/find.ts';
import { parsePlace } from '../query/place.ts';
import type { Question, Request } from '../query/question.ts';
import { resolveRequest } from '../query/request.ts';
import type { Parsed } from '../query/result.ts';
import { withGuest } from './outside-source.ts';

interface Network {
  readonly cluster: Cluster;
  readonly datapath: Datapath;
}

/** A question with its names resolved, in the network that it is about: in one of its IP families, with a guest where the source is one. */
export interface Asked {
  readonly network: Network;
  readonly question: Question;
}

/**
 * A name stands for the first of the cluster's families in which both ends have an address; an address stands for its own. Where the two
 * ends have no family in common, the question has an address that its source cannot call.
 */
export function resolveQuestion(network: Network, request: Request): Parsed<Asked> {
  const views = viewsFor(network, request);
  const asked = views.map((view) => askIn(view, request));
  const [first, second] = asked.filter(isUsable);
  if (first?.ok === true && second?.ok === true) return { ok: true, value: withTwin(first.value, second.value) };
  const apart = first === undefined ? crossed(network, views, request) : [];
  const answer = first ?? apart.find(isUsable) ?? [...asked, ...apart].find((a) => a.ok);
  if (answer !== undefined) return answer;
  // Whoever is found in one family only is to hear what is wrong with the rest of the question.
  const known = views.findIndex((view) => hasSource(view, request));
  const failed = asked[known === -1 ? 0 : known];
  if (failed === undefined) throw new Error('a network has an IP family');
  return failed;
}

/** A program that looks a name up gets the addresses of both families, and many call IPv6 first (RFC 6724, as glibc sorts them). */
function withTwin(asked: Asked, twin: Asked): Asked {
  const { resolution, target } = asked.question;
  const [other] = twin.question.target.addresses;
  if (resolution === null || other === undefined) return asked;
  const note = `${resolution.question} stands for ${formatAddress(other)} too, and programs may call that one first: ask for it by its address`;
  return { ...asked, question: { ...asked.question, target: { ...target, notes: [...target.notes, note] } } };
}

/** Is there an address to call, one that the caller's side of the gateway knows? */
function isUsable(asked: Parsed<Asked>): boolean {
  if (!asked.ok) return false;
  const { source, destination, target } = asked.value.question;
  if (target.missing !== null) return false;
  return source.kind !== 'Host' || destination.kind !== 'service' || !target.addresses.every(isPrivate);
}

function hasSource({ cluster }: Network, { source, namespace = 'default' }: Request): boolean {
  const place = parsePlace(source);
  return place.ok && find(cluster, place.value, namespace).ok;
}

function askIn(network: Network, request: Request, from: Cluster | null = null): Parsed<Asked> {
  const asked = withGuest(network, request);
  const question = resolveRequest(asked.cluster, request, from ?? asked.cluster);
  return question.ok ? { ok: true, value: { network: asked, question: question.value } } : question;
}

/** The network in the families that the destination may be of. */
function viewsFor({ cluster, datapath }: Network, { destination }: Request): readonly Network[] {
  const views = familiesOf(cluster);
  const address = views.length === 1 ? null : addressIn(destination);
  const own = address === null ? views : views.filter((c) => c.family === familyOf(address));
  return own.map((c) => ({ cluster: c, datapath }));
}

/** The address that a destination names, by itself or as the host of a URL. */
function addressIn(destination: string): IpAddress | null {
  const [, host = destination] = /^[a-z]+:\/\/(\[[^\]]*\]|[^:/?#]*)/i.exec(destination) ?? [];
  const place = parsePlace(host);
  return place.ok ? place.value.address : null;
}

/** The destination in one family, the source in another. */
function crossed({ cluster }: Network, views: readonly Network[], request: Request): readonly Parsed<Asked>[] {
  return views.flatMap((view) =>
    familiesOf(cluster).flatMap((from) => (from.family === view.cluster.family ? [] : [askIn(view, request, from)])),
  );
}
