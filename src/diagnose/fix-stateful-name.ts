import type { Cluster } from '../k8s/cluster.ts';
import type { Resolution } from '../k8s/dns/dns.ts';
import { askerNamespace } from '../k8s/dns/resolver.ts';
import type { Pod } from '../k8s/pod.ts';
import { stemOf } from '../query/suggestions.ts';
import { pairsOf } from '../source/suggest.ts';
import { advised, type Fix } from './remedy.ts';
import { place } from './scene.ts';

/** Pods of a StatefulSet have a fixed hostname and subdomain: only the service of that subdomain can be missing. */

/** Null: the pod is of no StatefulSet, or that names no service. */
export function statefulName({ services }: Cluster, { namespace, name, owner, names, labels, locus }: Pod): Fix | null {
  const { hostname, subdomain } = names;
  if (owner?.kind !== 'StatefulSet' || subdomain === null) return null;
  const shared = pairsOf(new Map([...labels].filter(([key]) => !OF_ONE_POD.has(key)))).join(',') || 'none';
  const service = services.get(`${namespace}/${subdomain}`);
  const what =
    service === undefined
      ? `make a headless service ${subdomain} in namespace ${namespace} (clusterIP: None) that selects pod ${name}`
      : `let service ${subdomain} (${place(service.locus)}) select pod ${name}`;
  const call = `then call ${hostname ?? name}.${subdomain}.${namespace}`;
  return advised(
    'value',
    `${what}, whose labels are ${shared}; ${call}: StatefulSet ${owner.name} gives it that subdomain (${place(locus)})`,
  );
}

/** The same for a name of which nothing but its first two parts says that it is such a pod's. */
export function statefulNameAsked(cluster: Cluster, { question, asker }: Resolution): readonly Fix[] {
  const [host, subdomain, namespace = askerNamespace(asker), ...deeper] = stemOf(cluster, question).stem;
  const pod = deeper.length > 0 ? undefined : cluster.pods.get(`${namespace}/${host}`);
  const fix = pod === undefined || pod.names.subdomain !== subdomain ? null : statefulName(cluster, pod);
  return fix === null ? [] : [fix];
}

/** Labels that the controller gives to each pod alone, or to those of one revision. */
const OF_ONE_POD: ReadonlySet<string> = new Set([
  'statefulset.kubernetes.io/pod-name',
  'apps.kubernetes.io/pod-index',
  'controller-revision-hash',
]);
