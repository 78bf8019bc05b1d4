import { BRIDGE_NF_CALL } from '../datapath/sysctl.ts';
import { endpointsIn, podIp } from '../k8s/families.ts';
import { selects } from '../k8s/label-index.ts';
import type { Service } from '../k8s/service.ts';
import { formatAddress } from '../net/address.ts';
import type { Protocol } from '../net/packet.ts';
import { packetFamily } from '../net/packet.ts';
import { at, type Locus } from '../source/origin.ts';
import { named, type Wording } from '../source/sentence.ts';
import { nearestLabels, pairsOf } from '../source/suggest.ts';
import { endpointsOfFamily } from './fix-families.ts';
import { type Fixer, isDeclared, place } from './scene.ts';

/** The changes that help when a service, its endpoints or the process behind them is at fault. */

export const otherPort: Fixer = ({ service, path: { forward } }) => {
  if (service === null) return [];
  const { destinationPort, protocol } = forward.hops[0]?.packet ?? forward.packet;
  const as = forward.packet.icmp === null ? portCalledAs(service, destinationPort, protocol) : null;
  return [`call a port that service ${service.name} has: ${portsOf(service)}`, ...(as === null ? [] : [as])];
};

/** People mix up the three ports of a service: its own, the pods', and the nodes'. */
function portCalledAs(service: Service, number: number, protocol: Protocol): Wording | null {
  for (const p of service.ports) {
    if (p.protocol !== protocol) continue;
    if (p.nodePort === number)
      return named(
        `${number} is the node port: it is open on the nodes' own addresses; the service's address has ${p.port} (${place(p.locus)})`,
      );
    if (p.targetPort === number || p.endpoints.some((e) => e.port === number))
      return named(`${number} is the target port, the pods' own; the service's address has ${p.port} (${place(p.locus)})`);
  }
  return null;
}

const portsOf = (service: Service) => service.ports.map((p) => `${p.port}/${p.protocol}${p.name === '' ? '' : ` (${p.name})`}`).join(', ');

export const unresolvedPort: Fixer = ({ service }) => {
  const port = service?.ports.find((p) => p.unresolved.length > 0);
  if (port === undefined) return [];
  const { targetPort, protocol, unresolved } = port;
  const where = `(${place(port.locus)})`;
  const all = unresolved.flatMap((pod) => pod.containers.flatMap((c) => c.ports.map((p) => ({ ...p, pod: pod.name }))));
  const otherwise = all.find((p) => p.name === targetPort);
  if (otherwise !== undefined)
    return [
      named(
        `${targetPort} of ${otherwise.pod} is ${otherwise.protocol.toUpperCase()} (${place(otherwise.locus)}): add protocol: ${protocol.toUpperCase()} there, or set the service's ${where}; a name counts only with its protocol`,
      ),
    ];
  const has = [...new Set(all.map((p) => `${p.name ?? 'no name'} (${p.port}/${p.protocol}, ${place(p.locus)})`))];
  const known = has.length === 0 ? 'the selected pods state no ports' : `the selected pods have ${has.slice(0, 4).join(', ')}`;
  return [`set targetPort to a name or number that the pods have ${where}, or name their port ${targetPort}: ${known}`];
};

export const noEndpoints: Fixer<'NO_ENDPOINTS'> = ({ service, origin, facts, context: { cluster, question } }) => {
  if (service === null) return [];
  if (facts.why === 'not-running')
    return [`see why ${facts.pod} does not run (${place(origin.locus)}): kubectl -n ${service.namespace} describe pod ${facts.pod}`];
  const otherFamily = endpointsOfFamily(cluster, service, question.family);
  if (otherFamily.length > 0) return otherFamily;
  const unnamed = service.ports.find((p) => p.statedWithoutName !== undefined && p.statedWithoutName === origin.locus);
  if (unnamed !== undefined) return [`name the port in the stated endpoints: port: ${unnamed.name} (${place(origin.locus)})`];
  if (service.ports.some((p) => p.explicitEndpoints !== null))
    return [`add addresses to the stated endpoints (${place(origin.locus)}), or take them away so that the selector counts`];
  const { selector, namespace, name } = service;
  if (selector.size === 0) return [`give service ${name} a selector, or state its endpoints (${place(service.locus)})`];
  const pods = [...cluster.pods.values()].filter((p) => p.ips.length === 0 || podIp(p, question.family) !== null);
  const elsewhere = pods.find((p) => p.namespace !== namespace && selects(selector, p.labels));
  if (elsewhere !== undefined)
    return [
      `put service ${name} (${place(service.locus)}) into the namespace of its pods: ${elsewhere.namespace}/${elsewhere.name} (${place(elsewhere.locus)}) has these labels, but a service selects only in its own, which is ${namespace}`,
    ];
  const wanted = pairsOf(selector).join(',');
  const change = `make the selector (${wanted}) match the labels of pods (${place(at(service.locus, 'selector'))})`;
  const here = pods.filter((p) => p.namespace === namespace).map((p) => p.labels);
  const near = nearestLabels(selector, here);
  if (near.length > 0) return [`${change}: the nearest are ${near.join(', ')}`];
  const labels = [...new Set(here.flatMap(pairsOf))];
  return [
    `${change}: ${labels.length === 0 ? `there are no labelled pods in namespace ${namespace}` : `pods there have ${labels.slice(0, 6).join(', ')}`}`,
  ];
};

export const notReady: Fixer = ({ service, context: { question } }) => {
  if (service === null) return [];
  const waiting = service.ports.flatMap((p) => endpointsIn(p, question.family)).filter((e) => !e.ready);
  const names = [...new Set(waiting.map((e) => `${e.pod?.name ?? formatAddress(e.ip)} (${place(e.readyLocus)})`))];
  const which = names.length === 1 ? `make ${names[0]} ready` : `make one of them ready: ${names.slice(0, 5).join(', ')}`;
  return [`${which}; in a cluster: kubectl describe pod, and look at its readiness probe`];
};

export const noLocalEndpoints: Fixer<'NO_LOCAL_ENDPOINTS'> = ({ service, origin, netns, facts: { policy } }) => {
  if (service === null) return [];
  const way =
    policy === 'internalTrafficPolicy'
      ? `or run a backend on ${netns} too, as a DaemonSet does`
      : `or let only nodes with an endpoint get it: a load balancer has to ask each node (healthCheckNodePort), and so has whoever announces an address`;
  return [`set ${policy} of service ${service.name} to Cluster (${place(origin.locus)})`, way];
};

export const sourceRange: Fixer = ({ service, path, origin }) => {
  const source = formatAddress(path.forward.packet.source);
  return service === null
    ? []
    : [`add a range that holds ${source} to loadBalancerSourceRanges of service ${service.name} (${place(origin.locus)})`];
};

export const proxyOff: Fixer<'PROXY_NOT_RUNNING'> = (scene) => {
  const { context, path, origin, facts } = scene;
  if (facts.why === 'none')
    return [
      `set kubeProxy.mode to iptables (${place(origin.locus)}); in a cluster: kubectl -n kube-system get configmap kube-proxy -o yaml`,
    ];
  const node = path.forward.hops.find((h) => context.cluster.nodes.get(h.node)?.kubeProxy.running === false)?.node ?? 'the node';
  return [
    `let kube-proxy run on ${node}${isDeclared(scene) ? ` (${place(origin.locus)} says it does not)` : ''}; in a cluster: kubectl -n kube-system get pods -l k8s-app=kube-proxy -o wide`,
  ];
};

/** The one case that everybody meets: the answer stays on the bridge, where nothing undoes the translation. */
export const asymmetricNat: Fixer = ({ context: { cluster }, path }) => {
  const server = path.forward.netns.node;
  const sysctl = BRIDGE_NF_CALL[packetFamily(path.forward.packet)];
  const setting = cluster.nodes.get(server)?.overrides.sysctls.get(sysctl);
  const nat = path.forward.hops.find((h) => h.kind === 'nat' && h.action === 'dnat')?.netns ?? 'the machine';
  if (setting?.value !== 0) return [`let the answer pass ${nat}, which translated the request: look at the routes of the way back`];
  return [
    `set ${sysctl} to 1 on ${server} (${place(setting.origin.locus)}): the answer is switched by the bridge and never passes the rules that would undo the NAT`,
  ];
};

/** Of several entries for one endpoint nobody knows which counts. */
export function stateOnce(copies: readonly Locus[]): readonly string[] {
  return [
    `leave one entry for it and take the others away (${[...new Set(copies.map(place))].join(', ')}); in a cluster: kubectl get endpointslices -o yaml`,
  ];
}
