import { keyOf, type Objects, objectsOf } from '../kubernetes/objects.ts';
import { isSame } from './patched-objects.ts';
import { withOnly } from './removed-objects.ts';
import { isMapping } from './traced.ts';

/** An object before (null: it was not there) and after (null: it is gone). */
export interface Changed {
  readonly object: string;
  readonly before: unknown;
  readonly after: unknown;
}

/**
 * The endpoints of a service with a selector are written by a controller, which follows the pods and the service: where these change, what
 * the input has of endpoints is what was. Without, the selector decides. Endpoints that a person has written stay as they are.
 */
export function withFreshEndpoints(objects: Objects, changes: readonly Changed[]): Objects {
  const moved = changes.filter(({ before, after }) => !isSame(essence(before), essence(after)));
  const pods = moved.flatMap((c) => (c.object.startsWith('Pod/') ? [c.before, c.after].flatMap((pod) => podOf(c.object, pod)) : []));
  const services = new Set(moved.flatMap(({ object }) => (object.startsWith('Service/') ? [object.slice('Service/'.length)] : [])));
  const stale = new Set<string>();
  for (const service of objectsOf(objects, 'Service')) {
    const selector = Object.entries(service.data.spec?.selector ?? {});
    const selects = ({ namespace, labels }: PodLabels) =>
      keyOf(service).startsWith(`${namespace}/`) && selector.every(([key, value]) => labels[key] === value);
    if (selector.length > 0 && (services.has(keyOf(service)) || pods.some(selects))) stale.add(keyOf(service));
  }
  if (stale.size === 0) return objects;
  return withOnly(objects, (o) => {
    if (o.kind === 'Endpoints') return !stale.has(keyOf(o));
    if (o.kind !== 'EndpointSlice') return true;
    const { namespace, labels, ownerReferences } = o.data.metadata;
    const name = labels?.['kubernetes.io/service-name'] ?? ownerReferences?.find((r) => r.kind === 'Service')?.name;
    return name === undefined || !stale.has(`${namespace ?? 'default'}/${name}`);
  });
}

interface PodLabels {
  readonly namespace: string;
  readonly labels: Readonly<Record<string, unknown>>;
}

/** What endpoints may hang on. */
function essence(object: unknown): unknown {
  if (!isMapping(object)) return null;
  const { spec, status, metadata } = object;
  return isMapping(metadata) ? [spec, status, metadata['labels'], metadata['deletionTimestamp']] : [spec, status];
}

function podOf(object: string, pod: unknown): readonly PodLabels[] {
  if (!isMapping(pod)) return [];
  const { metadata } = pod;
  const [, namespace = ''] = object.split('/');
  const labels = isMapping(metadata) ? metadata['labels'] : null;
  return [{ namespace, labels: isMapping(labels) ? labels : {} }];
}
