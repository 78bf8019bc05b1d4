import type { Cluster } from '../k8s/cluster.ts';
import { endpointsIn, isHeadless } from '../k8s/families.ts';
import type { Pod } from '../k8s/pod.ts';
import type { Service } from '../k8s/service.ts';
import {
  familyOf,
  formatAddress,
  formatEndpoint,
  type IpAddress,
  type IpFamily,
  isLoopback,
  LOOPBACK,
  UNSPECIFIED,
} from '../net/address.ts';
import { packetFamily } from '../net/packet.ts';
import { at } from '../source/origin.ts';
import { named } from '../source/sentence.ts';
import { orList } from '../source/suggest.ts';
import type { Walk } from '../walk/walk.ts';
import { type Fixer, place } from './scene.ts';

/** The change where no process listens on the port, or on another address only. */

export const nobodyListens: Fixer = ({ context: { cluster }, path: { forward }, service }) => {
  const pod = cluster.pods.get(forward.netns.name);
  if (pod === undefined) return notOnThisAddress(cluster, forward, service);
  const { destinationPort, protocol } = forward.packet;
  const bound = pod.containers.flatMap((c) => c.listen).find((l) => l.port === destinationPort && l.protocol === protocol);
  if (bound?.family === 'IPv4')
    return [`let the process listen on [::] instead (${place(bound.locus)}): that is both families, 0.0.0.0 is IPv4 only`];
  if (bound?.address != null)
    return [
      `let the process listen on ${allAddresses(bound.address)} instead (${place(bound.locus)}), or call ${formatEndpoint(bound.address, bound.port)}`,
    ];
  const { there, choice } = whatAnswers(pod, forward.packet.destination);
  if (there === null)
    return [
      named(
        `${pod.name} listens on nothing (${place(pod.locus)}): start the process, or take the pod out of ${stale(service, pod, packetFamily(forward.packet))}`,
      ),
    ];
  const declare = `add containerPort: ${destinationPort}${protocol === 'tcp' ? '' : `, protocol: ${protocol.toUpperCase()}`} to a container`;
  if (choice === null) return [named(`${there}: ${declare}`)];
  if (service === null) return [named(`${there}: call ${choice}, or ${declare}`)];
  if (isHeadless(service))
    return [
      named(`${there}: call ${choice}; service ${service.name} is headless (${place(service.locus)}), and its port is not translated`),
    ];
  const endpoint = service.ports
    .filter((p) => p.explicitEndpoints !== null)
    .flatMap((p) => endpointsIn(p, packetFamily(forward.packet)).find((e) => e.pod === pod) ?? [])[0];
  return [
    named(
      endpoint === undefined
        ? `${there}: set the targetPort of service ${service.name} to ${choice} (${place(service.locus)})`
        : `${there}: set the port of its stated endpoint to ${choice} (${place(endpoint.locus)}), for service ${service.name}`,
    ),
  ];
};

/** The sockets that a pod listens on, in words (null: nothing), and which of that answers on the address that was called (null: none of it). */
function whatAnswers(pod: Pod, called: IpAddress): { readonly there: string | null; readonly choice: string | null } {
  const sockets = pod.containers.flatMap((c) => [...c.ports.map((p) => ({ ...p, address: null })), ...c.listen]);
  const shown = (some: typeof sockets) => [...new Set(some.map((s) => `${s.port}/${s.protocol}${only(s.address, called)}`))];
  const all = shown(sockets);
  const here = shown(sockets.filter((s) => only(s.address, called) === ''));
  const there = all.length === 0 ? null : `${pod.name} listens on ${all.join(', ')} (${place(pod.locus)})`;
  return { there, choice: here.length === 0 ? null : here.length === all.length ? 'one of these' : orList(here) };
}

const only = (bound: IpAddress | null, called: IpAddress) => (bound === null || bound === called ? '' : ` at ${formatAddress(bound)} only`);

/** Nothing is taken to listen on a node port, so here it is one that kube-proxy was told not to serve. */
function notOnThisAddress({ kubeProxy }: Cluster, { packet: { destination }, netns }: Walk, service: Service | null): readonly string[] {
  if (service === null) return [];
  const { locus } = kubeProxy.origin;
  const where = locus === null ? '' : ` (${place(at(locus, 'nodePortAddresses'))})`;
  const elsewhere = `call another address of ${netns.name}, or the service by its ClusterIP`;
  // kube-proxy leaves ::1 out whatever it is told: the kernel never routes it.
  if (destination === LOOPBACK.IPv6) return [`${elsewhere}: node ports never answer on ::1`];
  const loopback = isLoopback(destination) && !kubeProxy.localhostNodePorts;
  return [
    loopback
      ? `set cluster.kubeProxy.localhostNodePorts to true${locus === null ? '' : ` (${place(at(locus, 'localhostNodePorts'))})`}`
      : `add a range that holds ${formatAddress(destination)} to cluster.kubeProxy.nodePortAddresses${where}`,
    `or ${elsewhere}`,
  ];
}

/** Stated endpoints may be behind: their pod is going, and they still get traffic. */
function stale(service: Service | null, pod: Pod, family: IpFamily): string {
  const endpoint = service?.ports.flatMap((p) => endpointsIn(p, family)).find((e) => e.pod === pod);
  if (service === null || endpoint === undefined) return 'the service';
  const late = pod.terminating ? '; in a cluster: a preStop hook that waits, so that its endpoint goes before its process' : '';
  return `service ${service.name} (${place(endpoint.locus)})${late}`;
}

const allAddresses = (a: IpAddress) => formatAddress(UNSPECIFIED[familyOf(a)]);

export const onLoopback: Fixer = ({ origin, netns, destination, context: { cluster } }) => [
  `let the process listen on ${allAddresses(destination)} instead of a loopback address (${place(origin.locus)})`,
  ...(cluster.pods.has(netns) ? ['or call it from a container of the same pod, which reaches it as it is'] : []),
];
