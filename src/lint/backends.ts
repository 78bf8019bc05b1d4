import type { Cluster } from '../k8s/cluster.ts';
import { countedEndpoints } from '../k8s/endpoints.ts';
import { isHeadless } from '../k8s/families.ts';
import { sayVoid, voidHints } from '../k8s/hints.ts';
import type { Endpoint, Service, ServicePort } from '../k8s/service.ts';
import { familyOf } from '../net/address.ts';
import { type Lint, type ReportFinding, serviceFamilies, some } from './lint.ts';

/** The endpoints of services: there are none, none is ready, or their hints choose nothing. */
export const backends: Lint = (cluster, _datapath, report) => {
  for (const service of cluster.services.values()) {
    withoutEndpoints(service, report);
    notReady(cluster, service, report);
    hintsWithoutEffect(cluster, service, report);
  }
};

/**
 * Of a service with a selector that selects nothing the loader reports, or the note above. An ExternalName is another name and nothing else.
 * kube-proxy of a family reads that family's EndpointSlices, so that endpoints of a family which the service does not have are none.
 */
function withoutEndpoints(service: Service, report: ReportFinding): void {
  const { name, type, selector, ports, ipFamilies, locus } = service;
  if (type === 'ExternalName') return;
  for (const port of ports)
    if (port.statedWithoutName !== undefined)
      report(
        port.statedWithoutName,
        'service-without-endpoints',
        `service ${name} has no endpoints for its port ${port.name}: these name no port, and a port with a name has only those that name it`,
        `port: ${port.name}`,
      );
  if (ports.some((p) => p.statedWithoutName !== undefined)) return;
  const isStated = (p: ServicePort) => p.explicitEndpoints !== null || (selector.size === 0 && p.endpointsUnknown === null);
  const bare = ports.filter((p) => ownEndpoints(service, p).length === 0 && isStated(p));
  const foreign = [...new Set(bare.flatMap((p) => p.endpoints.map((e) => familyOf(e.ip))))];
  const ofOther = `${foreign.join(' and ')} endpoints only, and it is of ${ipFamilies.join(' and ')}`;
  const hint =
    foreign.length === 0 ? null : `state ${ipFamilies.join(' or ')} addresses, or give the service a clusterIP of ${foreign.join(' and ')}`;
  if (bare.length > 0 && bare.length === ports.length) {
    const why =
      selector.size === 0
        ? 'no selector and no stated endpoints'
        : 'stated endpoints, which count in place of its selector, and there are none';
    report(
      ports[0]?.explicitEndpoints ?? locus,
      'service-without-endpoints',
      `service ${name} has ${hint === null ? why : ofOther}`,
      hint ?? 'state endpoints, or only a selector',
    );
    return;
  }
  for (const port of bare)
    report(
      port.locus,
      'service-without-endpoints',
      port.endpoints.length === 0
        ? `no endpoints are stated for port ${port.port}/${port.protocol} of service ${name}`
        : `port ${port.port}/${port.protocol} of service ${name} has ${ofOther}`,
      port.endpoints.length === 0 ? 'state endpoints for it too' : hint,
    );
}

/** Those of the families that the service has. */
const ownEndpoints = ({ ipFamilies }: Service, port: ServicePort): readonly Endpoint[] =>
  ipFamilies.flatMap((family) => countedEndpoints(port, family));

/** Endpoints that still serve while they terminate get traffic for want of ready ones. */
const getsTraffic = (e: Endpoint) => e.ready || (e.serving && e.terminating);

/** Where all ports have the pods that the selector finds, one of them stands for the others. */
function notReady(cluster: Cluster, service: Service, report: ReportFinding): void {
  const { name, type, ports, locus } = service;
  if (type === 'ExternalName') return;
  for (const port of ports) {
    const own = ownEndpoints(service, port);
    if (own.length === 0 || own.some(getsTraffic)) continue;
    const inFirst = serviceFamilies(cluster, service).map((family) => countedEndpoints(port, family));
    const endpoints = inFirst.find((e) => e.length > 0) ?? own;
    const why = endpoints.length === 1 ? 'its only endpoint is not ready' : `none of its ${endpoints.length} endpoints is ready`;
    const [first] = endpoints;
    report(
      ports.length === 1 ? locus : port.locus,
      'no-ready-endpoints',
      `service ${name}: ${why}`,
      first?.pod == null ? null : `${some(endpoints.map((e) => e.pod?.name ?? '?'))}: ready: false`,
    );
    if (port.explicitEndpoints === null) return;
  }
}

/** Of several ports with the same pods one stands for the others. */
function hintsWithoutEffect(cluster: Cluster, service: Service, report: ReportFinding): void {
  const found = serviceFamilies(cluster, service).flatMap((family) =>
    service.ports.flatMap((port) => {
      const hints = voidHints(port, family);
      return hints === null ? [] : [{ port, hints }];
    }),
  );
  const [first] = found;
  if (first === undefined || isHeadless(service)) return;
  const { locus, message } = sayVoid(service, first.port, first.hints);
  const hint = first.port.explicitEndpoints === null ? 'give each node its zone as a label' : 'a hint for each of them, or for none';
  report(locus, 'hints-without-effect', message, hint);
}
