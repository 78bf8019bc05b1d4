import { ingressHostMatches } from '../../k8s/http/http.ts';
import type { Ingress, IngressBackend, IngressClass, IngressPath } from '../../k8s/http/ingress.ts';
import type { Path } from '../../source/origin.ts';
import { didYouMean } from '../../source/suggest.ts';
import type { IngressForm, TopologyForm } from '../schema/topology.ts';
import { checkBackend, checkControllerAddress, controllerService, type Services, serviceWithAddress, wrongPath } from './http-checks.ts';
import type { Report } from './report.ts';

export function readIngressClasses(report: Report, form: TopologyForm, services: Services): ReadonlyMap<string, IngressClass> {
  const defaults = form.ingressClasses.flatMap((c, i) => (c.isDefaultClass ? [i] : []));
  const [first, second] = defaults;
  if (first !== undefined && second !== undefined)
    report.warn(
      ['ingressClasses', second, 'isDefaultClass'],
      'two-default-classes',
      `a second default class; the first one, ${form.ingressClasses[first]?.name}, is at ${report.place(['ingressClasses', first])}`,
      'Ingresses that name no class are taken to be of the first',
    );
  return new Map(
    form.ingressClasses.map(({ name, isDefaultClass, controller = null, service }, i) => {
      const path = ['ingressClasses', i];
      const isOwn = ({ ingressClassName }: IngressForm) => (ingressClassName === undefined ? i === first : ingressClassName === name);
      const stated = form.ingresses.flatMap((g, j) => (isOwn(g) ? declaredAddresses(g, ['ingresses', j]) : []));
      const addresses = stated.map((s) => s.address);
      const behind = service === undefined ? serviceWithAddress(services, addresses) : controllerService(report, services, service, path);
      for (const one of stated) checkControllerAddress(report, form, services, behind, one);
      return [name, { name, isDefault: isDefaultClass, controller, service: behind, locus: report.locus(path, `IngressClass/${name}`) }];
    }),
  );
}

const declaredAddresses = ({ status }: IngressForm, path: Path) =>
  (status?.loadBalancer.ingress ?? []).map(({ ip }, k) => ({ address: ip, path: [...path, 'status', 'loadBalancer', 'ingress', k, 'ip'] }));

export function readIngresses(report: Report, form: TopologyForm, services: Services): readonly Ingress[] {
  checkClasses(report, form);
  checkTwice(report, form);
  return form.ingresses.map((ingress, i) => {
    const { namespace, name } = ingress;
    const path = ['ingresses', i];
    const object = `Ingress/${namespace}/${name}`;
    const backend = (b: BackendForm, here: Path) => readBackend(report, services, namespace, b, here, object);
    if (ingress.rules.length === 0 && ingress.defaultBackend === undefined)
      report.error(path, 'missing-field', 'an Ingress has rules or a defaultBackend');
    checkTlsHosts(report, ingress, path);
    return {
      namespace,
      name,
      className: ingress.ingressClassName ?? null,
      defaultBackend: ingress.defaultBackend === undefined ? null : backend(ingress.defaultBackend, [...path, 'defaultBackend']),
      rules: ingress.rules.map(({ host, http }, j) => {
        const here = [...path, 'rules', j];
        const paths = http?.paths.map((p, k): IngressPath => {
          const at = [...here, 'http', 'paths', k];
          return {
            path: readPath(report, p.path, p.pathType, at),
            type: p.pathType,
            backend: backend(p.backend, [...at, 'backend']),
            locus: report.locus(at, object),
          };
        });
        return { host: host ?? null, paths: paths ?? null, locus: report.locus(here, object) };
      }),
      tls: ingress.tls.map(({ hosts }, j) => ({ hosts, locus: report.locus([...path, 'tls', j], object) })),
      addresses: (ingress.status?.loadBalancer.ingress ?? []).map((a) => a.ip),
      locus: report.locus(path, object),
    };
  });
}

type BackendForm = NonNullable<IngressForm['defaultBackend']>;

function readBackend(
  report: Report,
  services: Services,
  namespace: string,
  { service }: BackendForm,
  path: Path,
  object: string,
): IngressBackend {
  const here = [...path, 'service'];
  const { number, name } = service.port;
  if ((number === undefined) === (name === undefined)) report.error([...here, 'port'], 'bad-value', 'state number or name, one of the two');
  const port = number ?? name ?? 0;
  const at = { name: [...here, 'name'], port: [...here, 'port', number === undefined ? 'name' : 'number'] };
  if (port !== 0) checkBackend(report, services, { namespace, name: service.name, port }, at);
  return { service: service.name, port, locus: report.locus(here, object) };
}

/** Only ImplementationSpecific may do without. */
function readPath(report: Report, path: string | undefined, type: IngressPath['type'], at: Path): string {
  if (path === undefined) {
    if (type !== 'ImplementationSpecific') report.error(at, 'missing-field', `pathType ${type} needs a path`);
    return '/';
  }
  const wrong = wrongPath(path);
  if (wrong !== null) report.error([...at, 'path'], 'bad-value', wrong);
  return path;
}

/** The most common mistake with Ingresses: a class that is misspelt, or none. */
function checkClasses(report: Report, form: TopologyForm): void {
  const names = form.ingressClasses.map((c) => c.name);
  const known = names.length === 0 ? 'state ingressClasses' : `classes: ${names.join(', ')}`;
  for (const [i, { ingressClassName: name }] of form.ingresses.entries()) {
    if (name === undefined && !form.ingressClasses.some((c) => c.isDefaultClass))
      report.warn(['ingresses', i], 'no-class', 'this Ingress names no class, and there is no default class: nobody serves it', known);
    if (name !== undefined && !names.includes(name))
      report.warn(
        ['ingresses', i, 'ingressClassName'],
        'unknown-class',
        `there is no IngressClass ${name}`,
        didYouMean(name, names) ?? known,
      );
  }
}

/** Two paths that are the same for one controller: only one of them ever gets a request. */
function checkTwice(report: Report, form: TopologyForm): void {
  const first = new Map<string, Path>();
  for (const [i, { ingressClassName, rules }] of form.ingresses.entries())
    for (const [j, { host, http }] of rules.entries())
      for (const [k, { path, pathType }] of (http?.paths ?? []).entries()) {
        const here: Path = ['ingresses', i, 'rules', j, 'http', 'paths', k];
        const what = [ingressClassName ?? '', host ?? '', path ?? '/', pathType].join(' ');
        const earlier = first.get(what);
        if (earlier === undefined) first.set(what, here);
        else
          report.warn(
            here,
            'duplicate-rule',
            `a second rule for ${host ?? 'all hosts'} ${path ?? '/'} (${pathType}); the first one is at ${report.place(earlier)}`,
            'the older Ingress gets the requests; a trace takes the first in the file for it',
          );
      }
}

/** A default backend, or a rule for all hosts, is for those of tls, too. */
function checkTlsHosts(report: Report, { tls, rules, defaultBackend }: IngressForm, path: Path): void {
  const hosts = rules.flatMap((r) => r.host ?? []);
  if (defaultBackend !== undefined || rules.some((r) => r.host === undefined)) return;
  for (const [j, entry] of tls.entries())
    for (const [k, host] of entry.hosts.entries())
      if (!hosts.some((h) => ingressHostMatches(host, h) || ingressHostMatches(h, host)))
        report.warn(
          [...path, 'tls', j, 'hosts', k],
          'unused-tls-host',
          `no rule of this Ingress is for ${host}`,
          didYouMean(host, hosts) ?? `its hosts: ${hosts.join(', ')}`,
        );
}
