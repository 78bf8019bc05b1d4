import type { ReferenceGrant } from '../../k8s/http/gateway.ts';
import type { HttpRouting } from '../../k8s/http/http-routing.ts';
import type { Namespace } from '../../k8s/namespace.ts';
import type { TopologyInput } from '../schema/topology.ts';
import { type Cursor, uniqueNames } from './cursor.ts';
import { readGateways } from './gateways.ts';
import type { Services } from './http-checks.ts';
import { readRoutes } from './http-routes.ts';
import { readIngressClasses, readIngresses } from './ingresses.ts';
import { labelsOf } from './labels.ts';

/** Ingresses and the Gateway API. Kubernetes takes references to what is not there, so those are warnings. */
export function readHttp(root: Cursor, input: TopologyInput, services: Services): HttpRouting {
  checkNames(root, input);
  return {
    ingressClasses: readIngressClasses(root, input, services),
    ingresses: readIngresses(root, input, services),
    ...readGateways(root, input, services),
    routes: readRoutes(root, input, services),
    grants: (input.referenceGrants ?? []).map(({ name, namespace = 'default', from, to }, i): ReferenceGrant => {
      const { locus } = root.at('referenceGrants', i).of(`ReferenceGrant/${namespace}/${name}`);
      return { name, namespace, from, to: to.map((t) => ({ ...t, name: t.name ?? null })), locus };
    }),
    unread: [],
    listed: null,
  };
}

export function readNamespaces(root: Cursor, { namespaces = [] }: TopologyInput): ReadonlyMap<string, Namespace> {
  return new Map(
    namespaces.map(({ name, labels }, i): [string, Namespace] => [
      name,
      { name, labels: labelsOf(labels), locus: root.at('namespaces', i).of(`Namespace/${name}`).locus },
    ]),
  );
}

function checkNames(root: Cursor, input: TopologyInput): void {
  for (const [list, kind] of [
    ['namespaces', 'namespace'],
    ['ingressClasses', 'IngressClass'],
    ['gatewayClasses', 'GatewayClass'],
  ] as const)
    uniqueNames<{ readonly name: string }>(
      input[list] ?? [],
      kind,
      (o) => o.name,
      (i) => root.at(list, i, 'name'),
    );
  for (const [list, kind] of [
    ['ingresses', 'Ingress'],
    ['gateways', 'Gateway'],
    ['httpRoutes', 'HTTPRoute'],
    ['referenceGrants', 'ReferenceGrant'],
  ] as const)
    uniqueNames<{ readonly name: string; readonly namespace?: string | undefined }>(
      input[list] ?? [],
      kind,
      (o) => `${o.namespace ?? 'default'}/${o.name}`,
      (i) => root.at(list, i, 'name'),
    );
}
