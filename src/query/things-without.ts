import type { Cluster } from '../k8s/cluster.ts';
import type { Candidate } from './candidate.ts';
import { shortWord, WORKLOAD_KINDS } from './workload.ts';

/** Things that may be supposed to be gone, as `--without` names them, for the last of those that are typed with commas. */
export function completeWithout(cluster: Cluster, typed: string, here: string): readonly Candidate[] {
  const comma = typed.lastIndexOf(',') + 1;
  const last = typed.slice(comma);
  const found = thingsIn(cluster).flatMap(({ word, namespace, name, about }) => {
    const full = namespace === null ? `${word}/${name}` : `${word}/${namespace}/${name}`;
    const short = namespace === here ? `${word}/${name}` : full;
    const text = [short, full].find((t) => t.startsWith(last));
    return text === undefined ? [] : [{ text: typed.slice(0, comma) + text, about }];
  });
  return last.includes('/') ? found : kinds(found, comma);
}

/** Until there is a slash, kinds are offered. */
function kinds(all: readonly Candidate[], comma: number): readonly Candidate[] {
  const counted = new Map<string, number>();
  for (const { text } of all) {
    const word = text.slice(0, text.indexOf('/', comma) + 1);
    counted.set(word, (counted.get(word) ?? 0) + 1);
  }
  return [...counted].map(([text, n]) => ({ text, about: `${n} name${n === 1 ? '' : 's'}` }));
}

interface Thing {
  readonly word: string;
  /** Null: it is in none. */
  readonly namespace: string | null;
  readonly name: string;
  readonly about: string;
}

function thingsIn({ nodes, pods, services, policies, http, namespaces, outside, underlay }: Cluster): readonly Thing[] {
  const of = (word: string, about: string) => (o: { readonly namespace?: string | null; readonly name: string }) => ({
    word,
    about,
    name: o.name,
    namespace: o.namespace ?? null,
  });
  const owners = new Map<string, Thing>();
  for (const { namespace, owner } of pods.values()) {
    const kind = WORKLOAD_KINDS.find((k) => k === owner?.kind);
    if (kind === undefined || owner === null) continue;
    owners.set(`${kind}/${namespace}/${owner.name}`, { word: shortWord(kind), namespace, name: owner.name, about: `${kind} and its pods` });
  }
  return [
    ...policies.map((p) => of(p.kind.toLowerCase(), p.kind)(p)),
    ...[...nodes.values()].map(of('node', 'a node that is down')),
    ...[...pods.values()].map(of('pod', 'pod')),
    ...[...services.values()].map(of('svc', 'service')),
    ...owners.values(),
    ...http.ingresses.map(of('ingress', 'Ingress')),
    ...http.gateways.map(of('gateway', 'Gateway')),
    ...http.routes.map(of('httproute', 'HTTPRoute')),
    ...[...namespaces.keys()].map((name) => of('namespace', 'namespace, and all that is in it')({ name })),
    ...underlay.routers.map(of('router', 'router')),
    ...outside.map(of('client', 'client on the internet')),
  ];
}
