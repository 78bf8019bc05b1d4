import type { Cluster } from '../k8s/cluster.ts';
import { find } from './find.ts';
import { nameOf } from './name.ts';
import { parsePlace } from './place.ts';
import { fail, type Parsed } from './result.ts';

/** The names of all that a source stands for: of a workload each of its pods, in the order of their names; of anything else it alone. */
export function everySource(cluster: Cluster, source: string, namespace: string): Parsed<readonly string[]> {
  const place = parsePlace(source);
  if (!place.ok) return place;
  const found = find(cluster, place.value, namespace, 'source');
  if (!found.ok) return found;
  if (found.value.kind !== 'workload') return { ok: true, value: [source] };
  if (place.value.port !== null) return fail(`${source}: a source has no port; it is always 40000`, 'leave the port out');
  const { container } = place.value;
  const names = found.value.workload.pods.map((pod) => nameOf(cluster, { kind: 'pod', pod }, namespace));
  return { ok: true, value: names.map((name) => (container === null ? name : `${container}@${name}`)) };
}
