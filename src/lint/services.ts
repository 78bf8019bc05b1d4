import type { Cluster } from '../k8s/cluster.ts';
import { missingControllerLabels } from '../k8s/controller-labels.ts';
import { readyEndpoints } from '../k8s/endpoints.ts';
import { key, type Pod } from '../k8s/pod.ts';
import type { Service, ServicePort } from '../k8s/service.ts';
import { at } from '../source/origin.ts';
import { type Lint, type ReportFinding, some } from './lint.ts';

/** What a service is made of: its selector, its target ports, and who listens there. A selector that matches nothing the loader tells. */
export const services: Lint = (cluster, _datapath, tell) => {
  for (const service of cluster.services.values()) {
    controllerLabels(cluster, service, tell);
    withoutEndpoints(service, tell);
    affinityOfEach(service, tell);
    for (const port of service.ports) {
      closedPort(service, port, tell);
      untranslated(service, port, tell);
    }
  }
};

function controllerLabels(cluster: Cluster, { namespace, selector, ports, locus }: Service, tell: ReportFinding): void {
  if (ports.some((p) => p.explicitEndpoints !== null || p.endpoints.length > 0 || p.unresolved.length > 0)) return;
  const pods = [...cluster.pods.values()].filter((p) => p.namespace === namespace);
  const found = pods.flatMap((pod) => {
    const missing = missingControllerLabels(selector, pod);
    return missing === null ? [] : [{ pod, missing }];
  });
  const [first] = found;
  if (first === undefined) return;
  const names = some(found.map((f) => f.pod.name));
  tell(
    at(locus, 'selector'),
    'controller-label',
    `${names} would be selected if ${found.length === 1 ? 'it' : 'they'} had ${first.missing.join(', ')}, which a controller adds`,
    'state it among the labels of the pods that have it: here a pod has the labels that are stated',
  );
}

/** With a selector somebody else tells of it: the loader, or the note above. An ExternalName is another name and nothing else. */
function withoutEndpoints({ name, type, selector, ports, locus }: Service, tell: ReportFinding): void {
  if (type === 'ExternalName') return;
  const bare = ports.filter((p) => p.endpoints.length === 0 && (p.explicitEndpoints !== null || selector.size === 0));
  if (bare.length > 0 && bare.length === ports.length) {
    const why =
      selector.size === 0
        ? 'no selector and no stated endpoints'
        : 'stated endpoints, which count in place of its selector, and there are none';
    tell(
      ports[0]?.explicitEndpoints ?? locus,
      'service-without-endpoints',
      `service ${name} has ${why}`,
      'state endpoints, or only a selector',
    );
    return;
  }
  for (const { port, protocol, locus: place } of bare)
    tell(
      place,
      'service-without-endpoints',
      `no endpoints are stated for port ${port}/${protocol} of service ${name}`,
      'state endpoints for it too',
    );
  for (const port of ports) {
    const { endpoints } = port;
    // Those that still serve while they terminate get traffic for want of ready ones.
    if (endpoints.length === 0 || endpoints.some((e) => e.ready || (e.serving && e.terminating))) continue;
    const why = endpoints.length === 1 ? 'its only endpoint is not ready' : `none of its ${endpoints.length} endpoints is ready`;
    const [first] = endpoints;
    tell(
      ports.length === 1 ? locus : port.locus,
      'no-ready-endpoints',
      `service ${name}: ${why}`,
      first?.pod === null || first === undefined ? null : `${some(endpoints.map((e) => e.pod?.name ?? '?'))}: ready: false`,
    );
    if (port.explicitEndpoints === null) return;
  }
}

/**
 * Container ports are only information to Kubernetes, so that an undeclared one is no fault: a pod tells what it listens on only where a
 * topology states its containers. On the host's network any other process may listen.
 */
function closedPort({ name }: Service, port: ServicePort, tell: ReportFinding): void {
  const asked = readyEndpoints(port).filter((e) => e.pod !== null && !e.pod.socketsUnknown && !e.pod.hostNetwork);
  const closed = asked.filter((e) => e.pod !== null && !listens(e.pod, e.port, port.protocol, 'all'));
  if (closed.length === 0) return;
  const numbers = [...new Set(closed.map((e) => e.port))];
  const loopback = closed.every((e) => e.pod !== null && listens(e.pod, e.port, port.protocol, 'loopback'));
  const who = some(closed.map((e) => e.pod?.name ?? ''));
  const where = `${numbers.join(', ')}/${port.protocol}`;
  const field = port.targetPort === port.port ? 'port' : 'targetPort';
  tell(
    port.explicitEndpoints === null ? at(port.locus, field) : at(closed[0]?.locus ?? port.explicitEndpoints, 'port'),
    'target-port-closed',
    loopback
      ? `service ${name} sends to ${where}, where ${who} ${closed.length === 1 ? 'listens' : 'listen'} on loopback only`
      : `service ${name} sends to ${where}, where nobody listens in ${who}`,
    loopback ? 'listen on all addresses' : openPorts(closed.flatMap((e) => e.pod ?? [])),
  );
}

function listens({ containers, ip }: Pod, port: number, protocol: ServicePort['protocol'], on: 'all' | 'loopback'): boolean {
  const declared = containers.some((c) => c.ports.some((p) => p.port === port && p.protocol === protocol));
  const sockets = containers.flatMap((c) => c.listen).filter((l) => l.port === port && l.protocol === protocol);
  if (on === 'loopback') return !declared && sockets.length > 0;
  return declared || sockets.some((l) => l.address === null || l.address === ip);
}

function openPorts(pods: readonly Pod[]): string {
  const open = pods.flatMap((p) => p.containers.flatMap((c) => [...c.ports, ...c.listen])).map((p) => `${p.port}/${p.protocol}`);
  return open.length === 0 ? 'they listen on nothing' : `they listen on ${some([...new Set(open)])}`;
}

/** kube-proxy remembers a client in a list of the port's endpoint, so that the ports of a service know nothing of each other. */
function affinityOfEach(
  { name, clusterIp, sessionAffinityTimeoutSeconds: affinitySeconds, ports, locus }: Service,
  tell: ReportFinding,
): void {
  const balanced = ports.filter((p) => readyEndpoints(p).length > 1);
  if (affinitySeconds === null || clusterIp === null || balanced.length < 2) return;
  tell(
    at(locus, 'sessionAffinity'),
    'affinity-per-port',
    `a client of ${name} stays with one endpoint on each port, and ${some(balanced.map((p) => `${p.port}/${p.protocol}`))} can have different ones`,
    'where a client needs the same pod on all of them, use one port',
  );
}

/**
 * A headless service is only a name, and so is an ExternalName: a client gets the pods' addresses, or another name, and calls the port that
 * it had in mind.
 */
function untranslated(service: Service, port: ServicePort, tell: ReportFinding): void {
  if (service.externalName !== null && port.targetPort !== port.port)
    tell(
      at(port.locus, 'targetPort'),
      'external-name-target-port',
      `nothing translates ${port.port} to ${port.targetPort}: ${key(service)} is another name for ${service.externalName.name}, and no more`,
      typeof port.targetPort === 'number' ? `call port ${port.targetPort}` : `call the port that ${port.targetPort} means there`,
    );
  const others = [...new Set(port.endpoints.map((e) => e.port))].filter((p) => p !== port.port);
  if (service.clusterIp !== null || others.length === 0 || port.explicitEndpoints !== null) return;
  tell(
    at(port.locus, 'targetPort'),
    'headless-target-port',
    `nothing translates ${port.port} to ${others.join(', ')}: ${key(service)} is headless, and who calls its name calls the pods`,
    `call port ${others[0]}, or give the service a ClusterIP`,
  );
}
