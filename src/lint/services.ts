import type { Cluster } from '../k8s/cluster.ts';
import { missingControllerLabels } from '../k8s/controller-labels.ts';
import { readyEndpoints } from '../k8s/endpoints.ts';
import { isHeadless, podIp } from '../k8s/families.ts';
import { key, type Pod } from '../k8s/pod.ts';
import type { Endpoint, Service, ServicePort } from '../k8s/service.ts';
import { at } from '../source/origin.ts';
import { type Lint, type ReportFinding, serviceFamilies, some } from './lint.ts';

/** The parts of a service: its selector, its target ports, and who listens there. A selector that matches nothing the loader tells. */
export const services: Lint = (cluster, _datapath, report) => {
  for (const service of cluster.services.values()) {
    controllerLabels(cluster, service, report);
    affinityOfEach(cluster, service, report);
    for (const port of service.ports) {
      closedPort(cluster, service, port, report);
      untranslated(service, port, report);
    }
  }
};

function controllerLabels(cluster: Cluster, { namespace, selector, ports, ipFamilies, locus }: Service, report: ReportFinding): void {
  if (ports.some((p) => p.explicitEndpoints !== null || p.endpoints.length > 0 || p.unresolved.length > 0)) return;
  const pods = [...cluster.pods.values()].filter((p) => p.namespace === namespace && ipFamilies.some((f) => podIp(p, f) !== null));
  const found = pods.flatMap((pod) => {
    const missing = missingControllerLabels(selector, pod);
    return missing === null ? [] : [{ pod, missing }];
  });
  const [first] = found;
  if (first === undefined) return;
  const names = some(found.map((f) => f.pod.name));
  report(
    at(locus, 'selector'),
    'controller-label',
    `${names} would be selected if ${found.length === 1 ? 'it' : 'they'} had ${first.missing.join(', ')}, which a controller adds`,
    'state it among the labels of the pods that have it: here a pod has the labels that are stated',
  );
}

/**
 * Container ports are only information to Kubernetes, so that an undeclared one is no fault: a pod tells what it listens on only where a
 * topology states its containers. On the host's network any other process may listen.
 */
function closedPort(cluster: Cluster, service: Service, port: ServicePort, report: ReportFinding): void {
  const { name } = service;
  const asked = serviceFamilies(cluster, service).flatMap((family) => readyEndpoints(port, family));
  const closed = onePerPod(asked.filter((e) => isClosed(e, port.protocol)));
  if (closed.length === 0) return;
  const numbers = [...new Set(closed.map((e) => e.port))];
  const loopback = closed.every((e) => e.pod !== null && listens(e.pod, e, port.protocol, 'loopback'));
  const who = some(closed.map((e) => e.pod?.name ?? ''));
  const where = `${numbers.join(', ')}/${port.protocol}`;
  const field = port.targetPort === port.port ? 'port' : 'targetPort';
  report(
    port.explicitEndpoints === null ? at(port.locus, field) : at(closed[0]?.locus ?? port.explicitEndpoints, 'port'),
    'target-port-closed',
    loopback
      ? `service ${name} sends to ${where}, where ${who} ${closed.length === 1 ? 'listens' : 'listen'} on loopback only`
      : `service ${name} sends to ${where}, where nobody listens in ${who}`,
    loopback ? 'listen on all addresses' : openPorts(closed.flatMap((e) => e.pod ?? [])),
  );
}

/** A pod with an endpoint of each family counts once. */
function onePerPod(endpoints: readonly Endpoint[]): readonly Endpoint[] {
  const first = new Map<string, Endpoint>();
  for (const e of endpoints) {
    const text = `${e.pod === null ? '' : key(e.pod)} ${e.port}`;
    if (!first.has(text)) first.set(text, e);
  }
  return [...first.values()];
}

const isClosed = (e: Endpoint, protocol: ServicePort['protocol']) =>
  e.pod !== null && !e.pod.socketsUnknown && !e.pod.hostNetwork && !listens(e.pod, e, protocol, 'all');

function listens({ containers }: Pod, { ip, port }: Endpoint, protocol: ServicePort['protocol'], on: 'all' | 'loopback'): boolean {
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
function affinityOfEach(cluster: Cluster, service: Service, report: ReportFinding): void {
  const { name, sessionAffinityTimeoutSeconds, ports, locus } = service;
  if (sessionAffinityTimeoutSeconds === null || isHeadless(service)) return;
  const inEach = serviceFamilies(cluster, service).map((family) => ports.filter((p) => readyEndpoints(p, family).length > 1));
  const balanced = inEach.find((b) => b.length > 1);
  if (balanced === undefined) return;
  report(
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
function untranslated(service: Service, port: ServicePort, report: ReportFinding): void {
  if (service.externalName !== null && port.targetPort !== port.port)
    report(
      at(port.locus, 'targetPort'),
      'external-name-target-port',
      `nothing translates ${port.port} to ${port.targetPort}: ${key(service)} is another name for ${service.externalName.name}, and no more`,
      typeof port.targetPort === 'number' ? `call port ${port.targetPort}` : `call the port that ${port.targetPort} means there`,
    );
  const others = [...new Set(port.endpoints.map((e) => e.port))].filter((p) => p !== port.port);
  if (!isHeadless(service) || others.length === 0 || port.explicitEndpoints !== null) return;
  report(
    at(port.locus, 'targetPort'),
    'headless-target-port',
    `nothing translates ${port.port} to ${others.join(', ')}: ${key(service)} is headless, and who calls its name calls the pods`,
    `call port ${others[0]}, or give the service a ClusterIP`,
  );
}
