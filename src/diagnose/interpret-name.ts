import { type Resolution, resolve } from '../k8s/dns/dns.ts';
import { namespacesOf } from '../k8s/dns/dns-zone.ts';
import { askerNamespace, clusterResolver, policyOf } from '../k8s/dns/resolver.ts';
import type { Pod } from '../k8s/pod.ts';
import type { Service } from '../k8s/service.ts';
import { parseAddress } from '../net/address.ts';
import { stemOf } from '../query/suggestions.ts';
import { at, declared, inferred, type Origin } from '../source/origin.ts';
import type { Context } from './context.ts';

/** Why a name has no address. */
export type Nameless =
  /** An ExternalName service leads to a name that is not there, or back. */
  | { readonly kind: 'astray'; readonly service: Service; readonly target: string; readonly loop: boolean }
  /** It would be found by whoever asks the cluster DNS, or with its search list. */
  | { readonly kind: 'asks-others' | 'not-searched'; readonly found: Found }
  | { readonly kind: 'not-ready'; readonly service: Service; readonly pod: Pod }
  | { readonly kind: 'no-hostname'; readonly service: Service; readonly pod: Pod }
  | { readonly kind: 'no-endpoint'; readonly service: Service; readonly label: string }
  | { readonly kind: 'no-namespace'; readonly namespace: string }
  | { readonly kind: 'no-service'; readonly namespace: string; readonly name: string }
  | { readonly kind: 'unknown' };

type Found = Extract<Resolution['found'], { kind: 'addresses' }>;

export function whyNameless({ cluster }: Context, resolution: Resolution): Nameless {
  const { question, asker, resolver, found } = resolution;
  if (found.kind === 'none' && found.astray !== null) return { kind: 'astray', ...found.astray };
  const usual = resolve(cluster, asker, question.replace(/\.$/, ''), clusterResolver(cluster, askerNamespace(asker)));
  if (usual.found.kind === 'addresses' && usual.found.named.kind !== 'outside')
    return { kind: resolver.server.knows === 'outside' ? 'asks-others' : 'not-searched', found: usual.found };
  const { stem } = stemOf(cluster, question);
  const [last = '', service, label, ...deeper] = [...stem].reverse();
  if (service === undefined || deeper.length > 0) return { kind: 'unknown' };
  const home = askerNamespace(asker);
  const called = label === undefined ? (cluster.services.get(`${last}/${service}`) ?? cluster.services.get(`${home}/${last}`)) : undefined;
  if (called?.externalName != null) return { kind: 'astray', service: called, target: called.externalName.name, loop: false };
  return (
    belowService(cluster, last, service, label) ??
    (label === undefined ? belowService(cluster, home, last, service) : null) ??
    (namespacesOf(cluster).has(last) ? { kind: 'no-service', namespace: last, name: service } : { kind: 'no-namespace', namespace: last })
  );
}

/** A pod by a name of its own, below that of a service which is there. */
function belowService({ services, pods }: Context['cluster'], namespace: string, name: string, label: string | undefined): Nameless | null {
  const service = services.get(`${namespace}/${name}`);
  if (service === undefined || label === undefined) return null;
  const waiting = service.ports.flatMap((p) => p.endpoints).find((e) => e.hostname === label && !e.ready);
  if (waiting?.pod != null) return { kind: 'not-ready', service, pod: waiting.pod };
  const pod = [...pods.values()].find((p) => p.namespace === namespace && (p.name === label || p.names.hostname === label));
  return pod === undefined ? { kind: 'no-endpoint', service, label } : { kind: 'no-hostname', service, pod };
}

/** Why, in words, and what in the input says so. */
export function namelessText(context: Context, resolution: Resolution): { readonly text: string; readonly origin: Origin } {
  const { question, asker, resolver } = resolution;
  const why = whyNameless(context, resolution);
  const whose = asker.kind === 'pod' ? `pod ${asker.pod.name}` : asker.kind === 'node' ? asker.node.name : asker.host.name;
  const client = inferred(asker.kind === 'pod' ? asker.pod.locus : asker.kind === 'node' ? asker.node.locus : asker.host.origin.locus);
  const name = question.replace(/\.$/, '');
  const none = `${resolver.server.name} has no name ${name} (NXDOMAIN)`;
  switch (why.kind) {
    case 'astray': {
      const { service, target, loop } = why;
      const digits = parseAddress(target) !== null ? 'which is taken for a name, and nobody has it' : null;
      const end = digits ?? (loop ? 'which leads back to itself' : 'which has no address');
      return {
        text: `service ${service.name} is another name for ${target}, ${end}`,
        origin: declared(service.externalName?.locus ?? service.locus),
      };
    }
    case 'asks-others': {
      const full = why.found.name === name ? '' : ` (${why.found.name})`;
      const origin = asker.kind === 'pod' ? declared(dnsPolicyLocus(asker.pod)) : client;
      return { text: `only the cluster DNS knows ${name}${full}, and ${whose} does not ask it: ${excuse(resolution)}`, origin };
    }
    case 'not-searched':
      return { text: `${none}: the search list of ${whose} does not make ${why.found.name} of it`, origin: client };
    case 'not-ready':
      return {
        text: `${none}: pod ${why.pod.name} is not ready, and service ${why.service.name} gives names to ready pods only`,
        origin: declared(why.pod.ready.locus),
      };
    case 'no-hostname':
      return {
        text: `${none}: pod ${why.pod.name} has no name of its own below service ${why.service.name}`,
        origin: declared(why.pod.locus),
      };
    case 'no-endpoint':
      return { text: `${none}: service ${why.service.name} has no endpoint named ${why.label}`, origin: declared(why.service.locus) };
    case 'no-namespace':
      return { text: `${none}: there is no namespace ${why.namespace}`, origin: client };
    case 'no-service':
      return { text: `${none}: namespace ${why.namespace} has no service ${why.name}`, origin: client };
    case 'unknown':
      return { text: none, origin: client };
  }
}

/** Why somebody does not ask the cluster DNS. */
function excuse({ asker }: Resolution): string {
  if (asker.kind === 'node') return 'processes on nodes ask as the node is set up';
  if (asker.kind === 'host') return 'names of the cluster are not known outside';
  const { pod } = asker;
  if (policyOf(pod) === 'none') return 'with dnsPolicy None it has its own nameservers';
  return pod.hostNetwork && pod.names.policy === 'ClusterFirst'
    ? "it is on its host's network, where dnsPolicy ClusterFirst means the node's own DNS"
    : `its dnsPolicy is ${pod.names.policy}`;
}

/** Where a pod says whom it asks. */
export const dnsPolicyLocus = (pod: Pod) => at(pod.locus, pod.names.policy === 'ClusterFirst' ? 'hostNetwork' : 'dnsPolicy');
