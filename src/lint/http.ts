import type { Cluster } from '../k8s/cluster.ts';
import { GATEWAY_GROUP, type Gateway, gatewayText, type HttpRoute, type ParentRef, routeText } from '../k8s/http/gateway.ts';
import { isGranted } from '../k8s/http/http-routing.ts';
import { notAccepted } from '../k8s/http/route-attach.ts';
import { at, placeOf } from '../source/origin.ts';
import type { Lint, ReportFinding } from './lint.ts';

/** HTTPRoutes that refer to what is there, and get nothing from it. References to what is not there the loader tells of. */
export const http: Lint = (cluster, _datapath, report) => {
  for (const route of cluster.http.routes) {
    for (const parent of route.parents) {
      const gateway = cluster.http.gateways.find((g) => g.namespace === parent.namespace && g.name === parent.name);
      if (gateway !== undefined) unaccepted(cluster, gateway, parent, route, report);
    }
    for (const rule of route.rules) forbidden(cluster, route, rule, report);
  }
};

/** A route hangs on a Gateway as soon as one listener takes it. */
function unaccepted({ namespaces }: Cluster, gateway: Gateway, parent: ParentRef, route: HttpRoute, report: ReportFinding): void {
  const named = gateway.listeners.filter((l) => parent.sectionName === null || l.name === parent.sectionName);
  const refusals = named.map((listener) => notAccepted(namespaces, gateway, listener, parent, route));
  const [first] = refusals;
  if (first == null || refusals.includes(null)) return;
  // Of those on the port that is asked for, what is wrong with them; that of the others is that they are on another port.
  const meant = refusals[named.findIndex((l) => l.port === parent.port)] ?? first;
  report(
    parent.locus,
    'route-not-accepted',
    `${routeText(route)} gets nothing from ${gatewayText(gateway)}: ${meant.because}`,
    `${meant.fix} (${placeOf(meant.at)})`,
  );
}

function forbidden(
  { services, http: routing }: Cluster,
  route: HttpRoute,
  { backends }: HttpRoute['rules'][number],
  report: ReportFinding,
): void {
  const from = { group: GATEWAY_GROUP, kind: 'HTTPRoute', namespace: route.namespace };
  for (const { namespace, name, locus } of backends) {
    if (namespace === route.namespace || !services.has(`${namespace}/${name}`)) continue;
    if (isGranted(routing, from, { group: '', kind: 'Service', namespace, name })) continue;
    report(
      at(locus, 'namespace'),
      'reference-not-permitted',
      `no ReferenceGrant of namespace ${namespace} lets HTTPRoutes of ${route.namespace} refer to service ${name}`,
      `state one in namespace ${namespace}: from HTTPRoute in ${route.namespace}, to Service`,
    );
  }
}
