import type { Namespace, ReferenceGrant } from '../../k8s/http/gateway.ts';
import type { HttpRouting } from '../../k8s/http/http-routing.ts';
import type { TopologyForm } from '../schema/topology.ts';
import { readGateways } from './gateways.ts';
import type { Services } from './http-checks.ts';
import { readRoutes } from './http-routes.ts';
import { readIngressClasses, readIngresses } from './ingresses.ts';
import { type Report, uniqueNames } from './report.ts';

/** Ingresses and the Gateway API. Kubernetes takes references to what is not there, so those are warnings. */
export function readHttp(report: Report, form: TopologyForm, services: Services): HttpRouting {
  checkNames(report, form);
  const namespaces = form.namespaces.map(({ name, labels }, i): [string, Namespace] => [
    name,
    { name, labels: new Map(Object.entries(labels)), locus: report.locus(['namespaces', i], `Namespace/${name}`) },
  ]);
  return {
    namespaces: new Map(namespaces),
    ingressClasses: readIngressClasses(report, form, services),
    ingresses: readIngresses(report, form, services),
    ...readGateways(report, form, services),
    routes: readRoutes(report, form, services),
    grants: form.referenceGrants.map(
      ({ name, namespace, from, to }, i): ReferenceGrant => ({
        name,
        namespace,
        from,
        to: to.map((t) => ({ ...t, name: t.name ?? null })),
        locus: report.locus(['referenceGrants', i], `ReferenceGrant/${namespace}/${name}`),
      }),
    ),
  };
}

function checkNames(report: Report, form: TopologyForm): void {
  for (const [list, what] of [
    ['namespaces', 'namespace'],
    ['ingressClasses', 'IngressClass'],
    ['gatewayClasses', 'GatewayClass'],
  ] as const)
    uniqueNames<{ readonly name: string }>(
      report,
      form[list],
      what,
      (o) => o.name,
      (i) => [list, i, 'name'],
    );
  for (const [list, what] of [
    ['ingresses', 'Ingress'],
    ['gateways', 'Gateway'],
    ['httpRoutes', 'HTTPRoute'],
    ['referenceGrants', 'ReferenceGrant'],
  ] as const)
    uniqueNames<{ readonly name: string; readonly namespace: string }>(
      report,
      form[list],
      what,
      (o) => `${o.namespace}/${o.name}`,
      (i) => [list, i, 'name'],
    );
}
