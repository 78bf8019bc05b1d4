import { type Resolution, resolve } from '../k8s/dns/dns.ts';
import { namespacesOf } from '../k8s/dns/dns-zone.ts';
import { policyOf } from '../k8s/dns/resolver.ts';
import type { Pod } from '../k8s/pod.ts';
import type { Service } from '../k8s/service.ts';
import { bracketed, formatAddress, parseAddress } from '../net/address.ts';
import { nearNames } from '../query/suggestions.ts';
import { set } from '../source/edit.ts';
import { at } from '../source/origin.ts';
import { pairsOf } from '../source/suggest.ts';
import type { Context } from './context.ts';
import { statefulName, statefulNameAsked } from './fix-stateful-name.ts';
import { clientsEntry } from './internet-entry.ts';
import { dnsPolicyLocus, whyNameless } from './interpret-name.ts';
import { advised, asked, edited, type Fix } from './remedy.ts';
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
        advised(
          'value',
          `set externalName of service ${why.service.name} to a name that has an address (${place(why.service.externalName?.locus ?? null)})`,
        ),
      ];
    case 'asks-others':
      return askCluster(context, resolution, why.found);
    case 'not-searched':
      if (resolution.question.endsWith('.'))
        return [calling(context, `call it without the dot at its end, or call ${why.found.name}`, why.found.name)];
      return [
        calling(
          context,
          `call ${why.found.name}, which needs no search list; or add a domain to dnsConfig.searches${ofAsker(resolution)}`,
          why.found.name,
        ),
      ];
    case 'not-ready': {
      const { pod, service } = why;
      return [
        edited(
          `make pod ${pod.name} ready (${place(pod.ready.locus)}), or let service ${service.name} name pods that are not: publishNotReadyAddresses: true (${place(service.locus)})`,
          set(at(pod.locus, 'ready'), true),
        ),
      ];
    }
    case 'no-hostname':
      return ownName(context, resolution, why.pod, why.service);
    case 'no-endpoint':
    case 'no-namespace':
    case 'no-service':
    case 'unknown':
      return [...statefulNameAsked(context.cluster, resolution), ...others(context, resolution)];
  }
};

/** The same question to another name. */
function calling({ question }: Context, words: string, name: string): Fix {
  const { target, destination } = question;
  if (destination.kind === 'url') return asked(words, destination.url.replace(/^(\w+:\/\/)[^/:?#]*/, `$1${name}`));
  const port = target.port === null ? '' : `:${target.port}`;
  return asked(words, `${name}${port}${target.protocol === 'tcp' ? '' : `/${target.protocol}`}`);
}

/** A service without a selector stands for an address. */
const withEndpoints = ({ name, externalName }: Service, target: string): Fix =>
  advised(
    'value',
    `make ${name} a service with a ClusterIP and without selector, and state ${target} as its endpoint (${place(externalName?.locus ?? null)})`,
  );

/** A pod has one name of its own, by its hostname and subdomain, below the service of that name, which has to select it. */
function ownName(context: Context, { question, asker, family }: Resolution, pod: Pod, service: Service): readonly Fix[] {
  const { hostname, subdomain } = pod.names;
  const isAskedFor = question.split('.')[0] === hostname && subdomain === service.name;
  if (hostname !== null && subdomain !== null && !isAskedFor) {
    const name = `${hostname}.${subdomain}.${pod.namespace}`;
    if (resolve(context.cluster, asker, name, family).found.kind === 'addresses')
      return [calling(context, `call ${name}: a pod has one name of its own, by its hostname and subdomain (${place(pod.locus)})`, name)];
  }
  const stateful = statefulName(context.cluster, pod);
  if (stateful !== null) return [stateful];
  const isSelected = service.ports.some((p) => p.endpoints.some((e) => e.pod === pod));
  const label = isSelected ? '' : `; and give it the labels that the service selects: ${pairsOf(service.selector).join(',') || 'none'}`;
  const [wanted = ''] = question.split('.');
  return [
    edited(
      `give pod ${pod.name} hostname: ${wanted} and subdomain: ${service.name} (${place(pod.locus)}), as a StatefulSet does${label}`,
      set(at(pod.locus, 'hostname'), wanted),
      set(at(pod.locus, 'subdomain'), service.name),
      ...(isSelected ? [] : [...service.selector].map(([k, v]) => set(at(pod.locus, 'labels', k), v))),
    ),
  ];
}

type Answered = Extract<Resolution['found'], { kind: 'addresses' }>;

const ofAsker = ({ asker }: Resolution) => (asker.kind === 'pod' ? ` (${place(asker.pod.locus)})` : '');

function askCluster(context: Context, { asker }: Resolution, found: Answered): readonly Fix[] {
  const service = found.named.kind === 'service' ? found.named.service : null;
  if (asker.kind === 'host') return [fromOutside(service)];
  const [address] = found.addresses;
  if (asker.kind === 'node' && address !== undefined)
    return [calling(context, `call ${formatAddress(address)}, or let the node ask the cluster DNS`, bracketed(address))];
  if (asker.kind !== 'pod') return [];
  const { pod } = asker;
  if (policyOf(pod) === 'none')
    return [
      advised(
        'value',
        `put the address of the cluster DNS first in dnsConfig.nameservers of pod ${pod.name} (${place(at(pod.locus, 'dnsConfig'))})`,
      ),
    ];
  const policy = pod.hostNetwork ? 'ClusterFirstWithHostNet' : 'ClusterFirst';
  return [edited(`set dnsPolicy of pod ${pod.name} to ${policy} (${place(dnsPolicyLocus(pod))})`, set(at(pod.locus, 'dnsPolicy'), policy))];
}

/** From outside a service is its load balancer, or its node port, if it has one of these. */
function fromOutside(service: Service | null): Fix {
  if (service === null) return advised('choice', 'call a service that is open to the outside: names of the cluster are not known there');
  const { namespace, name, type, locus } = service;
  return type === 'ClusterIP'
    ? advised('value', `make service ${name} reachable from outside (${place(locus)}): type: LoadBalancer, or NodePort`)
    : asked(`call ${namespace}/svc/${name}: from outside that is its load balancer, or its node port`, `${namespace}/svc/${name}`);
}

/** The names most like it; without any, what there is. */
function others(context: Context, resolution: Resolution): readonly Fix[] {
  const near = nearNames(context.cluster, resolution);
  if (near.length === 0)
    return [
      advised(
        'choice',
        `call a name that is there: SERVICE.NAMESPACE; namespaces here are ${[...namespacesOf(context.cluster)]
          .filter((n) => !n.startsWith('kube-'))
          .slice(0, 8)
          .join(', ')}`,
      ),
    ];
  return near.map(({ name, service }) =>
    service === null
      ? calling(context, `call ${name}: without a dot it is the pod, which has no DNS name`, name)
      : calling(context, `call ${name} (service ${service.name}, ${place(service.locus)})`, name),
  );
}

/** A name that the input does not have: it may be one of the internet, or misspelt. */
export const unknownName: Fixer = ({ context }) => {
  const { resolution } = context.question;
  if (resolution?.found.kind !== 'unknown') return [];
  if (context.cluster.oneMachine !== null) return [advised('value', 'call an address: without objects no name is known')];
  const { name, aliases } = resolution.found;
  const slips = aliases.length > 0 ? [] : namesLike(context, resolution, 'if it is a name of the cluster');
  const stateful = aliases.length > 0 ? [] : statefulNameAsked(context.cluster, resolution);
  return [
    ...stateful,
    advised('value', `state what it is: ${clientsEntry(context.cluster, `clients: [{ name: ${name}, ip: … }]`)}; or call an address`),
    ...slips,
  ];
};

/** The services that may be meant by a name that may be a slip. */
export const namesLike = (context: Context, resolution: Resolution, when: string): readonly Fix[] =>
  nearNames(context.cluster, resolution).flatMap(({ name, service }) =>
    service === null ? [] : [calling(context, `or call ${name} (service ${service.name}), ${when}`, name)],
  );
