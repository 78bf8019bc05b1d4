import type { Cluster } from '../k8s/cluster.ts';
import { findAddress } from './find-address.ts';
import type { Found, Thing } from './found.ts';
import { notFound } from './not-found.ts';
import type { PlaceName } from './place.ts';
import { fail, type Parsed } from './result.ts';
import { type End, isFor, shortOf, thingsNamed } from './things.ts';

/** Finds a name among pods, services and nodes; a bare one in one namespace only. A name of a service and something else is not the service as a source. */
export function find(cluster: Cluster, place: PlaceName, defaultNamespace: string, end: End = 'either'): Parsed<Found> {
  if (place.address !== null) return findAddress(cluster, place.address);
  const namespace = place.namespace ?? defaultNamespace;
  const all = thingsNamed(cluster, place, namespace);
  const fitting = all.filter((f) => isFor(place, f));
  const senders = fitting.filter((f) => f.kind !== 'service');
  const found = end === 'source' && senders.length > 0 ? senders : fitting;
  const [first, second] = found;
  const inside = first === undefined ? asNamespaced(cluster, place) : null;
  if (inside !== null) return find(cluster, inside, defaultNamespace, end);
  if (first === undefined)
    return all[0] === undefined ? notFound(cluster, place, namespace, end) : fail(`${place.text}: only pods have containers`, null);
  if (second === undefined) return { ok: true, value: first };
  const prefix = place.namespace === null ? '' : `${place.namespace}/`;
  const names = found.map((f) => (f.kind === 'host' ? f.host.name : `${f.kind === 'node' ? '' : prefix}${shortOf(f)}/${place.name}`));
  return fail(`${place.text} is ambiguous: there is ${names.join(' and ')}`, `write ${names.join(' or ')}`);
}

/** `jobs/report-1` where no Job is called so: a namespace may have the name of a kind. Null: it has no such thing, or there is none. */
function asNamespaced(cluster: Cluster, place: PlaceName): PlaceName | null {
  const [word, ...more] = place.text.slice(place.text.indexOf('@') + 1).split('/');
  if (place.kind === null || place.namespace !== null || word === undefined || more.length === 0) return null;
  const inside: PlaceName = { ...place, kind: null, namespace: word };
  return thingsNamed(cluster, inside, word).some((f) => f.kind !== 'node' && f.kind !== 'host') ? inside : null;
}

/** Where a bare destination name stands: next to the source, as for a program there; what only another namespace has is that one's. */
export function namespaceFor(cluster: Cluster, place: PlaceName, source: string | null, otherwise: string): string {
  if (source === null || place.namespace !== null || place.address !== null) return otherwise;
  if (thingsNamed(cluster, place, source).some((f) => isFor(place, f) && isNamespaced(f))) return source;
  return isThing(cluster, place, otherwise) ? otherwise : source;
}

const isNamespaced = ({ kind }: Thing): boolean => kind !== 'node' && kind !== 'host';

/** Is there anything of this name? */
export const isThing = (cluster: Cluster, place: PlaceName, defaultNamespace: string): boolean =>
  place.address !== null || thingsNamed(cluster, place, place.namespace ?? defaultNamespace).length > 0;
