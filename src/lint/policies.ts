import type { Cluster } from '../k8s/cluster.ts';
import { labelSelectorMatches, labelSelectorText } from '../k8s/label-selector.ts';
import { isThere, key, type Pod } from '../k8s/pod.ts';
import { policingOf } from '../k8s/policy/policing.ts';
import type { Policy, PolicyPort } from '../k8s/policy/policy.ts';
import type { Service, ServicePort } from '../k8s/service.ts';
import { type Lint, type ReportFinding, some } from './lint.ts';

/** Policies as a whole: whom they are about, who makes them hold, and what they forget. */
export const policies: Lint = (cluster, _datapath, report) => {
  notEnforced(cluster, report);
  const byNamespace = new Map<string, Pod[]>();
  for (const pod of cluster.pods.values()) {
    const pods = byNamespace.get(pod.namespace);
    if (pods === undefined) byNamespace.set(pod.namespace, [pod]);
    else pods.push(pod);
  }
  for (const policy of cluster.policies) {
    if (policy.namespace === null) continue;
    const all = byNamespace.get(policy.namespace) ?? [];
    const pods = all.filter((pod) => !pod.hostNetwork && labelSelectorMatches(policy.subject.pods, pod.labels));
    const [first] = pods.filter(isThere);
    if (pods.length === 0) selectsNothing(policy, all, report);
    if (first === undefined) continue;
    withoutDns(cluster, policy, first, report);
    ofServicePort(cluster, policy, pods, report);
  }
};

function notEnforced({ policies, enforcer, cni }: Cluster, report: ReportFinding): void {
  const [first] = policies;
  if (first === undefined || enforcer.name !== 'none') return;
  const all = policies.length === 1 ? `${first.kind} ${first.name} has` : `${policies.length} policies have`;
  report(
    first.locus,
    'policy-not-enforced',
    `${all} no effect: nothing in this cluster makes policies hold, and CNI plugin ${cni.name} does not`,
    'where something does, state it: cluster.networkPolicy, or --network-policy',
  );
}

/** Objects may be without the pods of a namespace. */
function selectsNothing({ kind, name, namespace, subject, locus }: Policy, all: readonly Pod[], report: ReportFinding): void {
  if (all.length === 0) return;
  report(
    locus,
    'policy-selects-nothing',
    `${kind} ${name} is about pods with ${labelSelectorText(subject.pods)}, and namespace ${namespace} has none`,
    `pods there: ${some(all.map((p) => p.name))}`,
  );
}

/** A policy that lists what a pod may reach, and no policy that lets it ask for names. */
function withoutDns(cluster: Cluster, { kind, name, egress, locus }: Policy, pod: Pod, report: ReportFinding): void {
  const policing = egress === null || egress.length === 0 ? null : policingOf(cluster);
  if (policing === null) return;
  const [server] = dnsEndpoints(cluster);
  const [source] = pod.ips.filter((ip) => typeof ip.address === typeof server?.ip);
  if (server === undefined || source === undefined) return;
  const packet = {
    protocol: 'udp',
    source: source.address,
    destination: server.ip,
    destinationPort: server.port,
    calledPort: null,
    fromWorld: false,
  } as const;
  if (policing.decide(pod, 'egress', packet).verdict !== 'deny') return;
  report(
    locus,
    'egress-without-dns',
    `${kind} ${name} lists what ${key(pod)} may reach, and no policy lets it ask the cluster's DNS for a name`,
    `allow port ${server.port} of UDP and TCP to the pods of the DNS service`,
  );
}

const dnsEndpoints = ({ clusterDns, services }: Cluster) => {
  const own = [...services.values()].filter((s) => s.clusterIps.some((ip) => clusterDns.some((d) => d.ip === ip)));
  return own.flatMap((s) => s.ports.filter((p) => p.protocol === 'udp').flatMap((p) => p.endpoints));
};

/** Rules see what a service's port was translated to. */
function ofServicePort({ services }: Cluster, { ingress }: Policy, pods: readonly Pod[], report: ReportFinding): void {
  for (const port of (ingress ?? []).flatMap((rule) => rule.ports ?? [])) {
    const number = single(port);
    if (number === null || pods.some((pod) => hasPort(pod, number))) continue;
    for (const service of services.values()) {
      const found = translated(service, port, pods);
      if (found === undefined) continue;
      report(
        port.locus,
        'policy-for-service-port',
        `${number} is a port of service ${key(service)}, which sends what comes there to ${found.targetPort} of the pods, and that is what a policy sees`,
        `port: ${found.targetPort}`,
      );
      return;
    }
  }
}

const single = ({ port }: PolicyPort): number | null => (port !== null && 'first' in port && port.first === port.last ? port.first : null);

/** One that says nothing of its containers may listen on anything. */
const hasPort = ({ containers }: Pod, number: number): boolean =>
  containers.every((c) => c.ports.length === 0) || containers.some((c) => c.ports.some((p) => p.port === number));

function translated({ namespace, selector, ports }: Service, wanted: PolicyPort, pods: readonly Pod[]): ServicePort | undefined {
  const isOwn = (pod: Pod) => pod.namespace === namespace && [...selector].every(([k, v]) => pod.labels.get(k) === v);
  if (selector.size === 0 || !pods.some(isOwn)) return undefined;
  return ports.find((p) => p.port === single(wanted) && p.protocol === wanted.protocol && p.targetPort !== p.port);
}
