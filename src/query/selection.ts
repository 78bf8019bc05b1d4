import { type Cluster, key, type Pod, type Service } from '../k8s/cluster.ts';
import type { Selection } from '../k8s/expectation.ts';
import { didYouMean } from '../nearest.ts';
import { find } from './find.ts';
import { nameOf } from './name.ts';
import { type Parsed, parsePlace } from './place.ts';

/** A name to ask with. */
export interface Chosen {
  readonly name: string;
  /** True when a wildcard or labels chose it: it is not asked about itself. */
  readonly oneOfMany: boolean;
}

const fail = (message: string, hint: string | null = null) => ({ ok: false, message, hint }) as const;

/** The names that a selection stands for; names of single things are not looked up here. */
export function expand(cluster: Cluster, selection: Selection, namespace: string): Parsed<readonly Chosen[]> {
  const excepted = exceptions(cluster, selection, namespace);
  if (!excepted.ok) return excepted;
  const chosen: Chosen[] = [];
  for (const name of selection.names) {
    const meant = byName(cluster, name, namespace, excepted.value);
    if (!meant.ok) return meant;
    chosen.push(...meant.value);
  }
  if (selection.labels === null) return { ok: true, value: chosen };
  const pods = byLabels(cluster, selection.labels, selection.namespace, namespace).filter((p) => !excepted.value.has(`pod ${key(p)}`));
  if (pods.length === 0) return nothingLabelled(cluster, selection.labels);
  return { ok: true, value: pods.map((pod) => many(cluster, pod, namespace)) };
}

const many = (cluster: Cluster, pod: Pod, namespace: string): Chosen => ({
  name: nameOf(cluster, { kind: 'pod', pod }, namespace),
  oneOfMany: true,
});

/** What `except` names: pods and services, by kind and key. */
function exceptions(cluster: Cluster, { except }: Selection, namespace: string): Parsed<ReadonlySet<string>> {
  const found = new Set<string>();
  for (const text of except) {
    const place = parsePlace(text);
    if (!place.ok) return place;
    const thing = find(cluster, place.value, namespace);
    if (!thing.ok) return thing;
    if (thing.value.kind === 'pod') found.add(`pod ${key(thing.value.pod)}`);
    else if (thing.value.kind === 'service') found.add(`service ${key(thing.value.service)}`);
    else return fail(`except takes pods and services, and ${text} is neither`);
  }
  return { ok: true, value: found };
}

/** `*`, `NAMESPACE/*`, `pod/*`, `svc/*`, `NAMESPACE/svc/*`; anything else is one name. */
function byName(cluster: Cluster, name: string, namespace: string, except: ReadonlySet<string>): Parsed<readonly Chosen[]> {
  const [, place = '', port = ''] = /^([^:]*\*)(:.*)?$/.exec(name) ?? [];
  if (place === '') return { ok: true, value: [{ name, oneOfMany: false }] };
  const parts = place.split('/').slice(0, -1);
  const services = ['svc', 'service', 'services'].includes(parts.at(-1) ?? '');
  const [inside] = parts.filter((p) => !['svc', 'service', 'services', 'pod', 'pods', 'po'].includes(p));
  const here = (o: Pod | Service) => inside === undefined || o.namespace === inside;
  const chosen = services
    ? [...cluster.services.values()]
        .filter((s) => here(s) && !except.has(`service ${key(s)}`))
        .flatMap((service) => servicePorts(service, port).map((p) => `${nameOf(cluster, { kind: 'service', service }, namespace)}${p}`))
    : [...cluster.pods.values()]
        .filter((p) => here(p) && !except.has(`pod ${key(p)}`))
        .map((pod) => `${nameOf(cluster, { kind: 'pod', pod }, namespace)}${port}`);
  if (chosen.length > 0) return { ok: true, value: chosen.map((n) => ({ name: n, oneOfMany: true })) };
  const namespaces = [...new Set([...cluster.pods.values(), ...cluster.services.values()].map((o) => o.namespace))];
  const hint = inside === undefined ? null : (didYouMean(inside, namespaces) ?? `namespaces: ${namespaces.join(', ')}`);
  return fail(`${name} matches nothing`, hint);
}

/** Every port of a service is called, unless one is named. */
const servicePorts = (service: Service, port: string): readonly string[] =>
  port === '' ? service.ports.map((p) => `:${p.port}/${p.protocol}`) : [port];

function byLabels(cluster: Cluster, labels: ReadonlyMap<string, string>, inside: string | null, namespace: string): readonly Pod[] {
  return [...cluster.pods.values()].filter(
    (p) => p.namespace === (inside ?? namespace) && [...labels].every(([k, v]) => p.labels.get(k) === v),
  );
}

function nothingLabelled(cluster: Cluster, labels: ReadonlyMap<string, string>) {
  const wanted = [...labels].map(([k, v]) => `${k}=${v}`).join(',');
  const pairs = [...new Set([...cluster.pods.values()].flatMap((p) => [...p.labels].map(([k, v]) => `${k}=${v}`)))];
  return fail(`no pod has the labels ${wanted}`, didYouMean(wanted, pairs) ?? `labels of pods: ${pairs.slice(0, 8).join(', ')}`);
}
