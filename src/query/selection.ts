import type { Cluster } from '../k8s/cluster.ts';
import type { Expectation, NameAt, Selection } from '../k8s/expectation.ts';
import { isThere, key, type Pod } from '../k8s/pod.ts';
import type { Service } from '../k8s/service.ts';
import { didYouMean } from '../source/suggest.ts';
import { everySource } from './every-source.ts';
import { find } from './find.ts';
import { nameOf } from './name.ts';
import { parsePlace } from './place.ts';

/** A name to ask with. */
export interface Chosen {
  readonly name: string;
  /** True when a wildcard or labels chose it: it is not asked about itself. */
  readonly oneOfMany: boolean;
  /** Where it was written, or what chose it. */
  readonly locus: NameAt['locus'];
}

/** A selection that stands for nothing, and where that is to be seen. */
export interface Unselected {
  readonly ok: false;
  readonly locus: NameAt['locus'];
  readonly message: string;
  readonly hint: string | null;
}

type Selected<T> = { readonly ok: true; readonly value: T } | Unselected;

/** The port that the expectation itself states, for all that it stands for. */
type Wish = Pick<Expectation, 'port' | 'protocol'>;

/** The names that a selection stands for; names of single things are not looked up here. */
export function expand(cluster: Cluster, selection: Selection, namespace: string, wish: Wish): Selected<readonly Chosen[]> {
  const excepted = exceptions(cluster, selection, namespace);
  if (!excepted.ok) return excepted;
  const chosen: Chosen[] = [];
  for (const name of selection.names) {
    const meant = byName(cluster, name, namespace, excepted.value, wish);
    if (!meant.ok) return meant;
    for (const one of meant.value) chosen.push(one);
  }
  return selection.labels === null
    ? { ok: true, value: chosen }
    : byLabels(cluster, selection, selection.labels, namespace, excepted.value);
}

/** Of a workload that is a source every pod asks. A name that stands for nothing stays, and is reported where it is asked. */
export function eachPod(cluster: Cluster, selected: Selected<readonly Chosen[]>, namespace: string): Selected<readonly Chosen[]> {
  if (!selected.ok) return selected;
  const value = selected.value.flatMap((chosen) => {
    const sources = everySource(cluster, chosen.name, namespace);
    const isOne = !sources.ok || sources.value.length === 1;
    return isOne ? [chosen] : sources.value.map((name) => ({ ...chosen, name, oneOfMany: true }));
  });
  return { ok: true, value };
}

/** The pods and services that `except` names, by kind and key. */
function exceptions(cluster: Cluster, { except }: Selection, namespace: string): Selected<ReadonlySet<string>> {
  const found = new Set<string>();
  for (const { text, locus } of except) {
    const place = parsePlace(text);
    const thing = place.ok ? find(cluster, place.value, namespace) : place;
    if (!thing.ok) return { ...thing, locus };
    if (thing.value.kind === 'pod') found.add(`pod ${key(thing.value.pod)}`);
    else if (thing.value.kind === 'service') found.add(`service ${key(thing.value.service)}`);
    else return { ok: false, locus, message: `except takes pods and services, and ${text} is neither`, hint: null };
  }
  return { ok: true, value: found };
}

const POD = ['pod', 'pods', 'po'];
const SERVICE = ['svc', 'service', 'services'];

/** `*`, `NAMESPACE/*`, `pod/*`, `svc/*`, `NAMESPACE/svc/*`, with a port or without; anything else is one name. */
function byName(
  cluster: Cluster,
  { text, locus }: NameAt,
  namespace: string,
  except: ReadonlySet<string>,
  wish: Wish,
): Selected<readonly Chosen[]> {
  const [, place = '', port = ''] = /^([^:]*\*)(:.*)?$/.exec(text) ?? [];
  if (place === '') return { ok: true, value: [{ name: text, oneOfMany: false, locus }] };
  const parts = place.split('/');
  const kind = parts.at(-2) ?? '';
  const services = SERVICE.includes(kind);
  const [inside, more] = parts.slice(0, services || POD.includes(kind) ? -2 : -1);
  if (parts.at(-1) !== '*' || more !== undefined)
    return {
      ok: false,
      locus,
      message: `${text}: a wildcard stands for whole names`,
      hint: 'write *, NAMESPACE/*, svc/* or NAMESPACE/svc/*',
    };
  const here = (o: Pod | Service) => inside === undefined || o.namespace === inside;
  const names = services
    ? [...cluster.services.values()]
        .filter((s) => here(s) && !except.has(`service ${key(s)}`))
        .flatMap((service) =>
          servicePorts(service, port, wish).map((p) => `${nameOf(cluster, { kind: 'service', service }, namespace)}${p}`),
        )
    : [...cluster.pods.values()]
        .filter((p) => isThere(p) && here(p) && !except.has(`pod ${key(p)}`))
        .map((pod) => `${nameOf(cluster, { kind: 'pod', pod }, namespace)}${port}`);
  if (names.length > 0) return { ok: true, value: names.map((name) => ({ name, oneOfMany: true, locus })) };
  const namespaces = [...new Set([...cluster.pods.values(), ...cluster.services.values()].map((o) => o.namespace))];
  const hint = inside === undefined ? null : (didYouMean(inside, namespaces) ?? `namespaces: ${namespaces.join(', ')}`);
  return { ok: false, locus, message: `${text} matches nothing`, hint };
}

/** Every port of a service is called, unless one is named, here or for the whole expectation. */
function servicePorts(service: Service, port: string, wish: Wish): readonly string[] {
  if (port !== '' || wish.port !== null || wish.protocol === 'icmp') return [port];
  return service.ports.filter((p) => wish.protocol === null || p.protocol === wish.protocol).map((p) => `:${p.port}/${p.protocol}`);
}

function byLabels(
  cluster: Cluster,
  selection: Selection,
  labels: ReadonlyMap<string, string>,
  namespace: string,
  except: ReadonlySet<string>,
): Selected<readonly Chosen[]> {
  const { locus } = selection;
  const inside = selection.namespace ?? namespace;
  const there = [...cluster.pods.values()].filter((p) => isThere(p) && p.namespace === inside);
  const labelled = there.filter((p) => [...labels].every(([k, v]) => p.labels.get(k) === v));
  const pods = labelled.filter((p) => !except.has(`pod ${key(p)}`));
  const wanted = [...labels].map(([k, v]) => `${k}=${v}`).join(',');
  if (labelled.length > 0 && pods.length === 0)
    return { ok: false, locus, message: `every pod with the labels ${wanted} is excepted`, hint: null };
  if (pods.length === 0) {
    const pairs = [...new Set(there.flatMap((p) => [...p.labels].map(([k, v]) => `${k}=${v}`)))];
    const hint = pairs.length === 0 ? null : (didYouMean(wanted, pairs) ?? `labels of pods there: ${pairs.slice(0, 8).join(', ')}`);
    return { ok: false, locus, message: `no pod in namespace ${inside} has the labels ${wanted}`, hint };
  }
  return {
    ok: true,
    value: pods.map((pod) => ({ name: nameOf(cluster, { kind: 'pod', pod }, namespace), oneOfMany: true, locus })),
  };
}
