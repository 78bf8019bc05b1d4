import { ingressHostMatches } from '../../k8s/http/http.ts';
import type { Ingress, IngressBackend, IngressClass, IngressPath } from '../../k8s/http/ingress.ts';
import { didYouMean } from '../../source/suggest.ts';
import type { IngressInput, TopologyInput } from '../schema/topology.ts';
import type { Cursor } from './cursor.ts';
import { checkBackend, checkControllerAddress, controllerService, type Services, serviceWithAddress, wrongPath } from './http-checks.ts';

const ingressAt = (root: Cursor, { ingresses = [] }: TopologyInput, i: number): Cursor =>
  root.at('ingresses', i).of(`Ingress/${ingresses[i]?.namespace ?? 'default'}/${ingresses[i]?.name}`);

export function readIngressClasses(root: Cursor, input: TopologyInput, services: Services): ReadonlyMap<string, IngressClass> {
  const { ingressClasses = [], ingresses = [] } = input;
  const defaults = ingressClasses.flatMap((c, i) => (c.isDefaultClass === true ? [i] : []));
  const [first, second] = defaults;
  if (first !== undefined && second !== undefined)
    root
      .at('ingressClasses', second)
      .of(`IngressClass/${ingressClasses[second]?.name}`)
      .at('isDefaultClass')
      .warn(
        'two-default-classes',
        `a second default class; the first one, ${ingressClasses[first]?.name}, is at ${root.at('ingressClasses', first).place}`,
        'Ingresses that name no class are taken to be of the first',
      );
  return new Map(
    ingressClasses.map(({ name, isDefaultClass = false, controller = null, service }, i) => {
      const here = root.at('ingressClasses', i).of(`IngressClass/${name}`);
      const isOwn = ({ ingressClassName }: IngressInput) => (ingressClassName === undefined ? i === first : ingressClassName === name);
      const reached = ingresses.flatMap((g, j) => (isOwn(g) ? statusAddresses(ingressAt(root, input, j), g) : []));
      const addresses = reached.map((s) => s.address);
      const behind = service === undefined ? serviceWithAddress(services, addresses) : controllerService(here, services, service);
      for (const { address, at } of reached) checkControllerAddress(at, input, services, behind, address);
      return [name, { name, isDefault: isDefaultClass, controller, service: behind, locus: here.locus }];
    }),
  );
}

const statusAddresses = (here: Cursor, { status }: IngressInput) =>
  (status?.loadBalancer.ingress ?? []).map(({ ip }, k) => ({ address: ip, at: here.at('status', 'loadBalancer', 'ingress', k, 'ip') }));

export function readIngresses(root: Cursor, input: TopologyInput, services: Services): readonly Ingress[] {
  checkClasses(root, input);
  checkTwice(root, input);
  return (input.ingresses ?? []).map((ingress, i) => {
    const { namespace = 'default' } = ingress;
    return readIngress(ingressAt(root, input, i), { ...ingress, namespace }, services);
  });
}

function readIngress(here: Cursor, input: IngressInput & { readonly namespace: string }, services: Services): Ingress {
  const { namespace, name, defaultBackend, rules = [], tls = [] } = input;
  const backend = (b: BackendInput, at: Cursor) => readBackend(at.at('service'), services, namespace, b);
  if (rules.length === 0 && defaultBackend === undefined) here.error('missing-field', 'an Ingress has rules or a defaultBackend');
  checkTlsHosts(here, input);
  return {
    namespace,
    name,
    className: input.ingressClassName ?? null,
    defaultBackend: defaultBackend === undefined ? null : backend(defaultBackend, here.at('defaultBackend')),
    rules: rules.map(({ host, http }, j) => {
      const at = here.at('rules', j);
      const paths = http?.paths.map((p, k): IngressPath => {
        const own = at.at('http', 'paths', k);
        return {
          path: readPath(own, p.path, p.pathType),
          type: p.pathType,
          backend: backend(p.backend, own.at('backend')),
          locus: own.locus,
        };
      });
      return { host: host ?? null, paths: paths ?? null, locus: at.locus };
    }),
    tls: tls.map(({ hosts = [] }, j) => ({ hosts, locus: here.at('tls', j).locus })),
    addresses: (input.status?.loadBalancer.ingress ?? []).map((a) => a.ip),
    locus: here.locus,
  };
}

type BackendInput = NonNullable<IngressInput['defaultBackend']>;

function readBackend(here: Cursor, services: Services, namespace: string, { service }: BackendInput): IngressBackend {
  const { number, name } = service.port;
  if ((number === undefined) === (name === undefined)) here.at('port').error('bad-value', 'state number or name, one of the two');
  const port = number ?? name ?? 0;
  const at = { name: here.at('name'), port: here.at('port', number === undefined ? 'name' : 'number') };
  if (port !== 0) checkBackend(services, { namespace, name: service.name, port }, at);
  return { service: service.name, port, locus: here.locus };
}

/** Only ImplementationSpecific may do without. */
function readPath(at: Cursor, path: string | undefined, type: IngressPath['type']): string {
  if (path === undefined) {
    if (type !== 'ImplementationSpecific') at.error('missing-field', `pathType ${type} needs a path`);
    return '/';
  }
  const wrong = wrongPath(path);
  if (wrong !== null) at.at('path').error('bad-value', wrong);
  return path;
}

/** The most common mistake with Ingresses: a class that is misspelt, or none. */
function checkClasses(root: Cursor, input: TopologyInput): void {
  const { ingressClasses = [], ingresses = [] } = input;
  const names = ingressClasses.map((c) => c.name);
  const known = names.length === 0 ? 'state ingressClasses' : `classes: ${names.join(', ')}`;
  for (const [i, { ingressClassName: name }] of ingresses.entries()) {
    const here = ingressAt(root, input, i);
    if (name === undefined && !ingressClasses.some((c) => c.isDefaultClass === true))
      here.warn('no-class', 'this Ingress names no class, and there is no default class: nobody serves it', known);
    if (name !== undefined && !names.includes(name))
      here.at('ingressClassName').warn('unknown-class', `there is no IngressClass ${name}`, didYouMean(name, names) ?? known);
  }
}

/** Two paths that are the same for one controller: only one of them ever gets a request. */
function checkTwice(root: Cursor, input: TopologyInput): void {
  const first = new Map<string, Cursor>();
  for (const [i, { ingressClassName, rules = [] }] of (input.ingresses ?? []).entries())
    for (const [j, { host, http }] of rules.entries())
      for (const [k, { path, pathType }] of (http?.paths ?? []).entries()) {
        const here = ingressAt(root, input, i).at('rules', j, 'http', 'paths', k);
        const rule = [ingressClassName ?? '', host ?? '', path ?? '/', pathType].join(' ');
        const earlier = first.get(rule);
        if (earlier === undefined) first.set(rule, here);
        else
          here.warn(
            'duplicate-rule',
            `a second rule for ${host ?? 'all hosts'} ${path ?? '/'} (${pathType}); the first one is at ${earlier.place}`,
            'the older Ingress gets the requests; a trace takes the first in the file for it',
          );
      }
}

/** A default backend, or a rule for all hosts, is for those of tls, too. */
function checkTlsHosts(here: Cursor, { tls = [], rules = [], defaultBackend }: IngressInput): void {
  const hosts = rules.flatMap((r) => r.host ?? []);
  if (defaultBackend !== undefined || rules.some((r) => r.host === undefined)) return;
  for (const [j, entry] of tls.entries())
    for (const [k, host] of (entry.hosts ?? []).entries())
      if (!hosts.some((h) => ingressHostMatches(host, h) || ingressHostMatches(h, host)))
        here
          .at('tls', j, 'hosts', k)
          .warn('unused-tls-host', `no rule of this Ingress is for ${host}`, didYouMean(host, hosts) ?? `its hosts: ${hosts.join(', ')}`);
}
