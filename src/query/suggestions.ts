import type { Cluster } from '../k8s/cluster.ts';
import { type Resolution, resolve } from '../k8s/dns/dns.ts';
import { publishedEndpoints } from '../k8s/dns/dns-zone.ts';
import { askerNamespace, clusterResolver } from '../k8s/dns/resolver.ts';
import type { Service } from '../k8s/service.ts';
import { nearest } from '../source/suggest.ts';

/** A name that works, most like one that does not. */
export interface NearName {
  readonly name: string;
  /** Null: a pod, which is named without a dot. */
  readonly service: Service | null;
}

/** The parts of a name before the namespace's end and the cluster's: `web.shop` of `web.shop.svc.cluster.local.` */
export function stemOf({ clusterDomain }: Cluster, question: string): { readonly stem: readonly string[]; readonly end: string } {
  const name = question.replace(/\.$/, '');
  const end = [`.svc.${clusterDomain}`, `.${clusterDomain}`, '.svc'].find((e) => name.endsWith(e)) ?? '';
  return { stem: name.slice(0, name.length - end.length).split('.'), end };
}

type NameQuery = Pick<Resolution, 'asker' | 'question' | 'family'>;

/** Names of services and endpoints in the form in which it was asked: at most three, best first. */
export function nearNames(cluster: Cluster, asked: NameQuery): readonly NearName[] {
  const { asker, question, family } = asked;
  const { stem, end } = stemOf(cluster, question);
  const home = askerNamespace(asker);
  const known = new Map<string, Service | null>();
  if (stem.length === 1) for (const { namespace, name } of cluster.pods.values()) if (namespace === home) known.set(name, null);
  for (const service of cluster.services.values()) {
    const { namespace, name } = service;
    known.set(`${name}.${namespace}`, service);
    for (const { hostname } of publishedEndpoints(service, family))
      if (hostname !== null) for (const own of [name, `${name}.${namespace}`]) known.set(`${hostname}.${own}`, service);
  }
  if (stem.length > 1) known.delete(stem.join('.'));
  const alike = nearest(stem.join('.'), known.keys());
  const elsewhere = [...known].filter(([, s]) => s !== null && stem.includes(s.name)).map(([name]) => name);
  const leads = (name: string) => known.get(name) === null || leadsSomewhere(cluster, asked, name);
  const names = [...new Set([...alike, ...elsewhere.filter((n) => n.split('.').length === 2)])].filter(leads).slice(0, 3);
  return names.map((name) => ({ name: known.get(name) === null ? name : `${name}${end}`, service: known.get(name) ?? null }));
}

/** A headless service without endpoints does not, nor does an ExternalName of a name that is not there. */
function leadsSomewhere(cluster: Cluster, { asker, family }: NameQuery, name: string): boolean {
  const { found } = resolve(cluster, asker, name, family, clusterResolver(cluster, askerNamespace(asker)));
  return found.kind === 'addresses' || (found.kind === 'unknown' && found.aliases.length > 0);
}
