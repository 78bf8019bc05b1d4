import type { Cluster } from '../k8s/cluster.ts';
import { formatAddress, formatEndpoint, parseAddress } from '../net/address.ts';
import { find } from './find.ts';
import { findAddress } from './find-address.ts';
import type { Found } from './found.ts';
import type { PlaceName } from './place.ts';
import type { Source } from './question.ts';

/**
 * A bare name is taken for what is next to the source (`namespaceFor`), though the command line has a namespace of its own: said where both
 * have something of this name.
 */
export function ambiguousNote(cluster: Cluster, place: PlaceName, destination: Found, source: Source, named: string): readonly string[] {
  const taken = objectOf(destination);
  if (taken === null || taken.namespace !== source.namespace || taken.namespace === named) return [];
  if (place.namespace !== null || place.address !== null || taken.name !== place.name) return [];
  const there = find(cluster, { ...place, namespace: named }, named);
  const other = there.ok ? objectOf(there.value) : null;
  if (other === null) return [];
  const container = place.container === null ? '' : `${place.container}@`;
  const full = `${container}${named}/${other.kind}/${other.name}`;
  return [
    `${place.name} is taken to be ${WORD[taken.kind]} ${taken.namespace}/${taken.name}, next to ${source.name}; namespace ${named} has a ${WORD[other.kind]} of that name, too: ${full}`,
  ];
}

/** An address without brackets has no port: said where its last group looks like the port of an address that the input has. */
export function lastGroup(cluster: Cluster, { text, address }: PlaceName, found: Found): readonly string[] {
  if (typeof address !== 'bigint' || found.kind !== 'address' || found.owner !== null) return [];
  const [, before = '', port = ''] = /^([\da-f:]*[\da-f]):(\d+)(?:\/\w+)?$/i.exec(text) ?? [];
  const called = parseAddress(before);
  const meant = called === null ? null : findAddress(cluster, called);
  if (called === null || meant === null || !meant.ok || meant.value.kind !== 'address' || meant.value.owner === null) return [];
  return [`${text} is an address as a whole; port ${port} of ${formatAddress(called)} is ${formatEndpoint(called, port)}`];
}

const WORD = { pod: 'pod', svc: 'service' } as const;

function objectOf(found: Found): { readonly kind: keyof typeof WORD; readonly namespace: string; readonly name: string } | null {
  if (found.kind === 'pod') return { kind: 'pod', namespace: found.pod.namespace, name: found.pod.name };
  return found.kind === 'service' ? { kind: 'svc', namespace: found.service.namespace, name: found.service.name } : null;
}
