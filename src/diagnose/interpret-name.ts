import type { Failure } from '../hop/failure.ts';
import type { Excuse } from '../hop/failure-names.ts';
import type { Cluster } from '../k8s/cluster.ts';
import { type Resolution, resolve } from '../k8s/dns/dns.ts';
import { namespacesOf } from '../k8s/dns/dns-zone.ts';
import { type Asker, askerNamespace, clusterResolver, policyOf } from '../k8s/dns/resolver.ts';
import { endpointsIn, podIp } from '../k8s/families.ts';
import { isThere, type Pod } from '../k8s/pod.ts';
import type { Service } from '../k8s/service.ts';
import { unlistedIn } from '../k8s/unlisted.ts';
import { type IpFamily, parseAddress } from '../net/address.ts';
import { stemOf } from '../query/suggestions.ts';
import { at, declared, inferred } from '../source/origin.ts';
import type { Context } from './context.ts';

/** Why a name has no address. */
export type Nameless =
  /** An ExternalName service leads to a name that is not there, or back. */
  | { readonly kind: 'astray'; readonly service: Service; readonly target: string; readonly loop: boolean }
  /** The name exists, but this pod does not ask the cluster DNS, or has no search list for it. */
  | { readonly kind: 'asks-others' | 'not-searched'; readonly found: Found }
  | { readonly kind: 'not-ready'; readonly service: Service; readonly pod: Pod }
  | { readonly kind: 'no-hostname'; readonly service: Service; readonly pod: Pod }
  | { readonly kind: 'no-endpoint'; readonly service: Service; readonly label: string }
  | { readonly kind: 'no-namespace'; readonly namespace: string }
  | { readonly kind: 'no-service'; readonly namespace: string; readonly name: string }
  | { readonly kind: 'unknown' };

type Found = Extract<Resolution['found'], { kind: 'addresses' }>;

export function whyNameless({ cluster, question: { family } }: Context, resolution: Resolution): Nameless {
  const { question, asker, resolver, found } = resolution;
  if (found.kind === 'none' && found.astray !== null) return { kind: 'astray', ...found.astray };
  const usual = resolve(cluster, asker, question.replace(/\.$/, ''), family, clusterResolver(cluster, askerNamespace(asker)));
  if (usual.found.kind === 'addresses' && usual.found.named.kind !== 'outside')
    return { kind: resolver.server.knows === 'outside' ? 'asks-others' : 'not-searched', found: usual.found };
  const { stem } = stemOf(cluster, question);
  const [last = '', service, label, ...deeper] = [...stem].reverse();
  if (service === undefined || deeper.length > 0) return { kind: 'unknown' };
  const home = askerNamespace(asker);
  const called = label === undefined ? (cluster.services.get(`${last}/${service}`) ?? cluster.services.get(`${home}/${last}`)) : undefined;
  if (called?.externalName != null) return { kind: 'astray', service: called, target: called.externalName.name, loop: false };
  return (
    belowService(cluster, family, [last, service], label) ??
    (label === undefined ? belowService(cluster, family, [home, last], service) : null) ??
    (namespacesOf(cluster).has(last) ? { kind: 'no-service', namespace: last, name: service } : { kind: 'no-namespace', namespace: last })
  );
}

/** A pod by a name of its own, below that of a service which is there. */
function belowService(
  { services, pods }: Cluster,
  family: IpFamily,
  [namespace, name]: readonly [string, string],
  label: string | undefined,
): Nameless | null {
  const service = services.get(`${namespace}/${name}`);
  if (service === undefined || label === undefined) return null;
  const waiting = service.ports.flatMap((p) => endpointsIn(p, family)).find((e) => e.hostname === label && !e.ready);
  if (waiting?.pod != null) return { kind: 'not-ready', service, pod: waiting.pod };
  const isMeant = (p: Pod) => p.namespace === namespace && (p.name === label || p.names.hostname === label);
  const pod = [...pods.values()].find((p) => isMeant(p) && isThere(p) && podIp(p, family) !== null);
  return pod === undefined ? { kind: 'no-endpoint', service, label } : { kind: 'no-hostname', service, pod };
}

/** Why, and what in the input says so. */
export function nameless(context: Context, resolution: Resolution): Failure<'NO_SUCH_NAME' | 'FACT_MISSING'> {
  const { question, asker, resolver } = resolution;
  const why = whyNameless(context, resolution);
  const client = inferred(asker.kind === 'pod' ? asker.pod.locus : asker.kind === 'node' ? asker.node.locus : asker.host.origin.locus);
  const name = question.replace(/\.$/, '');
  const none = { server: resolver.server.name, name };
  const command = why.kind === 'no-namespace' || why.kind === 'no-service' ? unlistedIn(context.cluster, why.namespace) : null;
  if (command !== null) return { code: 'FACT_MISSING', facts: { why: 'services', what: 'name', sought: name, command }, origin: client };
  switch (why.kind) {
    case 'astray': {
      const { service, target, loop } = why;
      const end = parseAddress(target) !== null ? 'address' : loop ? 'loop' : 'nameless';
      const origin = declared(service.externalName?.locus ?? service.locus);
      return { code: 'NO_SUCH_NAME', facts: { why: 'astray', service: service.name, target, end }, origin };
    }
    case 'asks-others': {
      const full = why.found.name === name ? null : why.found.name;
      const origin = asker.kind === 'pod' ? declared(dnsPolicyLocus(asker.pod)) : client;
      const facts = { why: 'asks-others', name, full, asker: nameOf(asker), excuse: excuseOf(asker) } as const;
      return { code: 'NO_SUCH_NAME', facts, origin };
    }
    case 'not-searched': {
      const facts = { ...none, why: 'not-searched', asker: nameOf(asker), full: why.found.name } as const;
      return { code: 'NO_SUCH_NAME', facts, origin: client };
    }
    case 'not-ready':
    case 'no-hostname': {
      const { kind, pod, service } = why;
      const origin = declared(kind === 'not-ready' ? pod.ready.locus : pod.locus);
      return { code: 'NO_SUCH_NAME', facts: { ...none, why: kind, pod: pod.name, service: service.name }, origin };
    }
    case 'no-endpoint': {
      const { service, label } = why;
      return {
        code: 'NO_SUCH_NAME',
        facts: { ...none, why: 'no-endpoint', service: service.name, label },
        origin: declared(service.locus),
      };
    }
    case 'no-namespace':
      return { code: 'NO_SUCH_NAME', facts: { ...none, why: 'no-namespace', namespace: why.namespace }, origin: client };
    case 'no-service':
      return { code: 'NO_SUCH_NAME', facts: { ...none, why: 'no-service', namespace: why.namespace, service: why.name }, origin: client };
    case 'unknown':
      return { code: 'NO_SUCH_NAME', facts: { ...none, why: 'unknown' }, origin: client };
  }
}

const nameOf = (asker: Asker) =>
  asker.kind === 'pod' ? `pod ${asker.pod.name}` : asker.kind === 'node' ? asker.node.name : asker.host.name;

function excuseOf(asker: Asker): Excuse {
  if (asker.kind === 'node') return 'node';
  if (asker.kind === 'host') return 'outside';
  const { pod } = asker;
  if (policyOf(pod) === 'none') return 'own-nameservers';
  return pod.hostNetwork && pod.names.policy === 'ClusterFirst' ? 'host-network' : { policy: pod.names.policy };
}

/** The place where a pod states its DNS policy. */
export const dnsPolicyLocus = (pod: Pod) => at(pod.locus, pod.names.policy === 'ClusterFirst' ? 'hostNetwork' : 'dnsPolicy');
