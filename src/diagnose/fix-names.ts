import type { Resolution } from '../k8s/dns/dns.ts';
import { namespacesOf } from '../k8s/dns/dns-zone.ts';
import { policyOf } from '../k8s/dns/resolver.ts';
import type { Service } from '../k8s/service.ts';
import { formatAddress, parseAddress } from '../net/address.ts';
import { nearNames } from '../query/suggestions.ts';
import { at } from '../source/origin.ts';
import type { Context } from './context.ts';
import { dnsPolicyLocus, whyNameless } from './interpret-name.ts';
import { type Fixer, place } from './scene.ts';

/** The change to make, or the name to call, when a name has no address. */
export const noSuchName: Fixer = ({ context }) => {
  const { resolution } = context.question;
  if (resolution === null) return [];
  const why = whyNameless(context, resolution);
  switch (why.kind) {
    case 'astray':
      if (parseAddress(why.target) !== null) return [withEndpoints(why.service, why.target)];
      return [
        `set externalName of service ${why.service.name} to a name that has an address (${place(why.service.externalName?.locus ?? null)})`,
      ];
    case 'asks-others':
      return askCluster(resolution, why.found);
    case 'not-searched':
      if (resolution.question.endsWith('.')) return [`call it without the dot at its end, or call ${why.found.name}`];
      return [`call ${why.found.name}, which needs no search list; or add a domain to dnsConfig.searches${ofAsker(resolution)}`];
    case 'not-ready': {
      const { pod, service } = why;
      return [
        `make pod ${pod.name} ready (${place(pod.ready.locus)}), or let service ${service.name} name pods that are not: publishNotReadyAddresses: true (${place(service.locus)})`,
      ];
    }
    case 'no-hostname': {
      const { pod, service } = why;
      const { hostname, subdomain } = pod.names;
      const own = resolution.question.split('.')[0] === hostname && subdomain === service.name;
      if (hostname !== null && subdomain !== null && !own)
        return [
          `call ${hostname}.${subdomain}.${pod.namespace}: a pod has one name of its own, by its hostname and subdomain (${place(pod.locus)})`,
        ];
      const selected = service.ports.some((p) => p.endpoints.some((e) => e.pod === pod));
      const label = selected ? '' : `; and give it the labels that the service selects: ${selectorOf(service)}`;
      return [
        `give pod ${pod.name} hostname: ${pod.names.hostname ?? pod.name} and subdomain: ${service.name} (${place(pod.locus)}), as a StatefulSet does${label}`,
      ];
    }
    case 'no-endpoint':
    case 'no-namespace':
    case 'no-service':
    case 'unknown':
      return others(context, resolution);
  }
};

/** A service without a selector stands for an address. */
const withEndpoints = ({ name, externalName }: Service, target: string) =>
  `make ${name} a service with a ClusterIP and without selector, and state ${target} as its endpoint (${place(externalName?.locus ?? null)})`;

type Answered = Extract<Resolution['found'], { kind: 'addresses' }>;

const selectorOf = ({ selector }: Service) => [...selector].map(([k, v]) => `${k}=${v}`).join(',') || 'none';

const ofAsker = ({ asker }: Resolution) => (asker.kind === 'pod' ? ` (${place(asker.pod.locus)})` : '');

function askCluster({ asker }: Resolution, found: Answered): readonly string[] {
  const service = found.named.kind === 'service' ? found.named.service : null;
  if (asker.kind === 'host')
    return [
      `call ${service === null ? 'a service' : `${service.namespace}/svc/${service.name}`}: from outside that is its load balancer, or its node port`,
    ];
  const [address] = found.addresses;
  if (asker.kind === 'node' && address !== undefined) return [`call ${formatAddress(address)}, or let the node ask the cluster DNS`];
  if (asker.kind !== 'pod') return [];
  const { pod } = asker;
  if (policyOf(pod) === 'none')
    return [`put the address of the cluster DNS first in dnsConfig.nameservers of pod ${pod.name} (${place(at(pod.locus, 'dnsConfig'))})`];
  const policy = pod.hostNetwork ? 'ClusterFirstWithHostNet' : 'ClusterFirst';
  return [`set dnsPolicy of pod ${pod.name} to ${policy} (${place(dnsPolicyLocus(pod))})`];
}

/** The names most like it; without any, what there is. */
function others({ cluster }: Context, resolution: Resolution): readonly string[] {
  const near = nearNames(cluster, resolution);
  if (near.length === 0)
    return [
      `call a name that is there: SERVICE.NAMESPACE; namespaces here are ${[...namespacesOf(cluster)]
        .filter((n) => !n.startsWith('kube-'))
        .slice(0, 8)
        .join(', ')}`,
    ];
  return near.map(({ name, service }) =>
    service === null
      ? `call ${name}: without a dot it is the pod, which has no DNS name`
      : `call ${name} (service ${service.name}, ${place(service.locus)})`,
  );
}

/** A name of which the input says nothing: it may be somebody's outside, or a slip. */
export const unknownName: Fixer = ({ context }) => {
  const { resolution } = context.question;
  if (resolution?.found.kind !== 'unknown') return [];
  const { name, aliases } = resolution.found;
  const near = aliases.length > 0 ? [] : nearNames(context.cluster, resolution);
  const slip = near
    .filter((n) => n.service !== null)
    .map((n) => `or call ${n.name} (service ${n.service?.name}), if it is a name of the cluster`);
  return [`state what it is: internet: { clients: [{ name: ${name}, ip: … }] }; or call an address`, ...slip];
};
