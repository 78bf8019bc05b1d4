import { BRIDGE_NF_CALL } from '../datapath/sysctl.ts';
import { endpointsIn } from '../k8s/families.ts';
import type { Pod } from '../k8s/pod.ts';
import type { Service, ServicePort } from '../k8s/service.ts';
import { formatAddress } from '../net/address.ts';
import type { Protocol } from '../net/packet.ts';
import { packetFamily } from '../net/packet.ts';
import { formatPrefix, hostPrefix } from '../net/prefix.ts';
import { append, set } from '../source/edit.ts';
import { at, type Locus, parentOf } from '../source/origin.ts';
import { named, type Wording } from '../source/sentence.ts';
import { nearest } from '../source/suggest.ts';
import { calledService } from './context.ts';
import { cniSetting } from './machines.ts';
import { advised, called, edited, type Fix } from './remedy.ts';
import { type Fixer, isDeclared, place } from './scene.ts';
import { translatedElsewhere } from './translated-elsewhere.ts';

/** The changes that help when a service or what serves it on a node is at fault. */

export const otherPort: Fixer = ({ service, path: { forward } }) => {
  if (service === null) return [];
  const { destination, destinationPort, protocol } = forward.hops[0]?.packet ?? forward.packet;
  const as = forward.packet.icmp === null ? portCalledAs(service, destinationPort, protocol) : null;
  const port = service.ports.find((p) => p.protocol === protocol) ?? service.ports[0];
  const words = `call a port that service ${service.name} has: ${portsOf(service)}`;
  const first = port === undefined ? advised('choice', words) : called(words, destination, port);
  return [first, ...(as === null ? [] : [advised('hint', as)])];
};

/** The port of a service that is called by a number of another kind: a service has ports of its own, of its pods and of the nodes. */
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
  const otherwise = all.filter((p) => p.name === targetPort);
  if (otherwise.length > 0) return ofOtherProtocol(port, otherwise);
  const has = [...new Set(all.map((p) => `${p.name ?? 'no name'} (${p.port}/${p.protocol}, ${place(p.locus)})`))];
  const known = has.length === 0 ? 'the selected pods state no ports' : `the selected pods have ${has.slice(0, 4).join(', ')}`;
  const words = `set targetPort to a name or number that the pods have ${where}, or name their port ${targetPort}: ${known}`;
  // A port that all of them have, under the name most like it, or the only one.
  const fitting = all.filter((p) => p.protocol === protocol);
  const common = [...new Set(fitting.flatMap((p) => p.name ?? p.port))].filter((n) =>
    unresolved.every((pod) => pod.containers.some((c) => c.ports.some((p) => (p.name ?? p.port) === n && p.protocol === protocol))),
  );
  const [like] = nearest(String(targetPort), common.map(String));
  const meant = common.find((n) => String(n) === like) ?? (common.length === 1 ? common[0] : undefined);
  return [meant === undefined ? advised('choice', words) : edited(words, set(at(port.locus, 'targetPort'), meant))];
};

type NamedPort = Pod['containers'][number]['ports'][number] & { readonly pod: string };

/** A name counts only with its protocol; what listens on the other one stays. */
function ofOtherProtocol({ protocol, locus }: ServicePort, ports: readonly NamedPort[]): readonly Fix[] {
  const [first] = ports;
  if (first === undefined) return [];
  const [has, wanted] = [first.protocol.toUpperCase(), protocol.toUpperCase()];
  const numbers = new Set(ports.map((p) => p.port));
  const words = `${first.name} of ${first.pod} is ${has} (${place(first.locus)}), and a name counts only with its protocol`;
  const both = named(
    `${words}: where it answers on ${wanted} too, add containerPort: ${first.port}, protocol: ${wanted} beside it, and set the service's targetPort to ${first.port} (${place(locus)})`,
  );
  const beside = ports.map((p) => append(parentOf(p.locus), { containerPort: p.port, protocol: wanted }));
  return [
    numbers.size > 1 ? advised('choice', both) : edited(both, ...beside, set(at(locus, 'targetPort'), first.port)),
    advised('choice', `or set protocol: ${wanted} there in place of ${has}, or protocol: ${has} for the service's port`),
  ];
}

export const notReady: Fixer = ({ service, context: { question } }) => {
  if (service === null) return [];
  const waiting = service.ports.flatMap((p) => endpointsIn(p, question.family)).filter((e) => !e.ready);
  const names = [...new Set(waiting.map((e) => `${e.pod?.name ?? formatAddress(e.ip)} (${place(e.readyLocus)})`))];
  const which = names.length === 1 ? `make ${names[0]} ready` : `make one of them ready: ${names.slice(0, 5).join(', ')}`;
  const words = `${which}; in a cluster: kubectl describe pod, and look at its readiness probe`;
  // A terminating pod does not become ready again.
  const some = waiting.find((e) => !e.terminating);
  if (some === undefined) return [advised('elsewhere', words)];
  // The place of what is not stated is the object's.
  const isSelected = some.pod !== null && some.locus === some.pod.locus;
  return [edited(words, set(isSelected && some.pod !== null ? at(some.pod.locus, 'ready') : some.readyLocus, true))];
};

export const noLocalEndpoints: Fixer<'NO_LOCAL_ENDPOINTS'> = ({ service, origin, netns, facts: { policy } }) => {
  if (service === null) return [];
  const way =
    policy === 'internalTrafficPolicy'
      ? `or run a backend on ${netns} too, as a DaemonSet does`
      : `or let only nodes with an endpoint get it: a load balancer has to ask each node (healthCheckNodePort), and so has whoever announces an address`;
  return [
    edited(`set ${policy} of service ${service.name} to Cluster (${place(origin.locus)})`, set(at(service.locus, policy), 'Cluster')),
    advised('elsewhere', way),
  ];
};

export const sourceRange: Fixer<'SOURCE_RANGE_DENIED'> = ({ context, facts: { source }, path, origin }) => {
  const [first] = path.forward.hops;
  const service = first === undefined ? null : (calledService(context.cluster, first.packet)?.service ?? null);
  if (service === null) return [];
  const list = at(service.locus, 'loadBalancerSourceRanges');
  return [
    edited(
      `add a range that holds ${formatAddress(source)} to loadBalancerSourceRanges of service ${service.name} (${place(origin.locus)})`,
      append(list, formatPrefix(hostPrefix(source))),
    ),
  ];
};

export const proxyOff: Fixer<'PROXY_NOT_RUNNING'> = (scene) => {
  const { context, facts, origin } = scene;
  if (facts.why === 'none') {
    const mode = `set kubeProxy.mode${facts.node === null ? '' : ` of ${facts.node}`} to iptables (${place(origin.locus)}); in a cluster: kubectl -n kube-system get configmap kube-proxy -o yaml`;
    return [advised('choice', mode)];
  }
  if (facts.why === 'not-written')
    return [
      advised(
        'elsewhere',
        `let kube-proxy write its rules on ${facts.node} again; in a cluster: kubectl -n kube-system logs -l k8s-app=kube-proxy`,
      ),
    ];
  const found = context.cluster.nodes.get(facts.node);
  const words = `let kube-proxy run on ${facts.node}${isDeclared(scene) ? ` (${place(origin.locus)} says it does not)` : ''}; in a cluster: kubectl -n kube-system get pods -l k8s-app=kube-proxy -o wide`;
  return [found === undefined ? advised('elsewhere', words) : edited(words, set(at(found.locus, 'kubeProxy', 'running'), true))];
};

/** The common case: the answer stays on the bridge, where no rule undoes the translation. */
export const asymmetricNat: Fixer = (scene) => {
  const { context, path } = scene;
  const { cluster } = context;
  const server = path.forward.netns.node;
  const sysctl = BRIDGE_NF_CALL[packetFamily(path.forward.packet)];
  const setting = cluster.nodes.get(server)?.overrides.sysctls.get(sysctl);
  const nat = path.forward.hops.find((h) => h.kind === 'nat' && h.action === 'dnat')?.netns ?? 'the machine';
  if (setting?.value !== 0 || setting.origin.locus === null)
    return [
      ...translatedElsewhere(scene),
      advised('choice', `let the answer pass ${nat}, which translated the request: look at the routes of the way back`),
    ];
  // Without the rules a pod reaches itself as any other; with them it is translated, and the frame has to go back by its port.
  const ports = [...(context.datapath.netns(server)?.devices.values() ?? [])];
  const isOff = ports.some((d) => d.kind === 'veth' && d.master !== null && !d.hairpin);
  const mode = cniSetting(cluster, cluster.nodes.get(server), 'hairpinMode');
  return [
    edited(
      `set ${sysctl} to 1 on ${server} (${place(setting.origin.locus)})${isOff ? `, and turn hairpin mode on (${mode.name}: true), for pods that call themselves` : ''}: the answer is switched by the bridge and never passes the rules that would undo the NAT`,
      set(setting.origin.locus, 1),
      ...(isOff ? [mode.set(true)] : []),
    ),
  ];
};

/** The fix for several statements of one endpoint. */
export function stateOnce(copies: readonly Locus[]): readonly Fix[] {
  return [
    advised(
      'choice',
      `leave one entry for it and take the others away (${[...new Set(copies.map(place))].join(', ')}); in a cluster: kubectl get endpointslices -o yaml`,
    ),
  ];
}
