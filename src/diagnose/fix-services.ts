import type { Service } from '../k8s/cluster.ts';
import { formatAddress } from '../net/address.ts';
import { type Fixer, isStated, place } from './scene.ts';

/** What to change when a service, its endpoints or the process behind them is at fault. */

export const otherPort: Fixer = ({ service }) =>
  service === null ? [] : [`call a port that service ${service.name} has: ${portsOf(service)}`];

const portsOf = (service: Service) => service.ports.map((p) => `${p.port}/${p.protocol}${p.name === '' ? '' : ` (${p.name})`}`).join(', ');

export const unresolvedPort: Fixer = ({ service }) =>
  service === null
    ? []
    : [`give the pods a container port of that name and protocol, or state targetPort as a number (${place(service.locus)})`];

export const noEndpoints: Fixer = ({ service, origin, context: { cluster } }) => {
  if (service === null) return [];
  if (service.ports.some((p) => p.stated !== null))
    return [`add addresses to the stated endpoints (${place(origin.locus)}), or take them away so that the selector counts`];
  const wanted = [...service.selector].map(([k, v]) => `${k}=${v}`).join(',');
  if (wanted === '') return [`give service ${service.name} a selector, or state its endpoints (${place(service.locus)})`];
  const there = [...cluster.pods.values()]
    .filter((p) => p.namespace === service.namespace)
    .flatMap((p) => [...p.labels].map(([k, v]) => `${k}=${v}`));
  const labels = [...new Set(there)];
  const known =
    labels.length === 0
      ? `there are no labelled pods in namespace ${service.namespace}`
      : `pods there have ${labels.slice(0, 6).join(', ')}`;
  return [`make the selector (${wanted}) match the labels of pods (${place(service.locus)}): ${known}`];
};

export const notReady: Fixer = ({ service }) => {
  if (service === null) return [];
  const waiting = service.ports.flatMap((p) => p.endpoints).filter((e) => !e.ready);
  const names = [...new Set(waiting.map((e) => `${e.pod?.name ?? formatAddress(e.ip)} (${place(e.readyLocus)})`))];
  return [`make one of them ready: ${names.slice(0, 5).join(', ')}; in a cluster: kubectl describe pod, and look at its readiness probe`];
};

export const noLocalEndpoints: Fixer = ({ service, origin, netns, text }) => {
  if (service === null) return [];
  const policy = text.startsWith('internal') ? 'internalTrafficPolicy' : 'externalTrafficPolicy';
  const way =
    policy === 'internalTrafficPolicy'
      ? 'run a backend there too, as a DaemonSet does'
      : 'call a node that has one (a load balancer asks each node)';
  return [`set ${policy} of service ${service.name} to Cluster (${place(origin.locus)}); or ${way}; ${netns} has none`];
};

export const sourceRange: Fixer = ({ service, path, origin }) => {
  const source = formatAddress(path.forward.packet.source);
  return service === null
    ? []
    : [`add a range that holds ${source} to loadBalancerSourceRanges of service ${service.name} (${place(origin.locus)})`];
};

export const withoutNat: Fixer = ({ context: { cluster }, path }) => {
  const { gateway } = cluster;
  const source = path.forward.packet.source;
  if (gateway === null) return [];
  return [
    `give the gateway a publicIP (${place(gateway.locus)}), or a nat entry for ${formatAddress(source)}; or let the node masquerade it`,
  ];
};

export const balancerPending: Fixer = ({ service }) =>
  service === null
    ? []
    : [
        `state what it got: status: { loadBalancer: { ingress: [{ ip: … }] } } (${place(service.locus)}); in a cluster: kubectl describe svc ${service.name}, and look for who makes load balancers there`,
      ];

export const proxyOff: Fixer = (scene) => [
  `let kube-proxy run on that node${isStated(scene) ? ` (${place(scene.origin.locus)} says it does not)` : ''}; in a cluster: kubectl -n kube-system get pods -l k8s-app=kube-proxy -o wide`,
];

export const nobodyListens: Fixer = ({ context: { cluster }, path: { forward }, service }) => {
  const pod = cluster.pods.get(forward.netns.name);
  if (pod === undefined) return [];
  const { destinationPort, protocol } = forward.packet;
  const bound = pod.containers.flatMap((c) => c.listen).find((l) => l.port === destinationPort && l.protocol === protocol);
  if (bound?.address != null)
    return [`let the process listen on 0.0.0.0 instead (${place(bound.locus)}), or call ${formatAddress(bound.address)}:${bound.port}`];
  const ports = [...new Set(pod.containers.flatMap((c) => [...c.ports, ...c.listen]).map((p) => `${p.port}/${p.protocol}`))];
  const there = ports.length === 0 ? `${pod.name} listens on nothing` : `${pod.name} listens on ${ports.join(', ')} (${place(pod.locus)})`;
  const declare = `containerPort: ${destinationPort}${protocol === 'tcp' ? '' : `, protocol: ${protocol.toUpperCase()}`}`;
  return [
    service === null
      ? `${there}: call one of these, or add ${declare} to a container`
      : `${there}: set the targetPort of service ${service.name} to one of these (${place(service.locus)})`,
  ];
};

export const onLoopback: Fixer = ({ origin, netns, context: { cluster } }) => [
  `let the process listen on 0.0.0.0 instead of a loopback address (${place(origin.locus)})`,
  ...(cluster.pods.has(netns) ? ['or call it from a container of the same pod, which reaches it as it is'] : []),
];

/** The one case that everybody meets: the answer stays on the bridge, where nothing undoes the translation. */
export const asymmetricNat: Fixer = ({ context: { cluster }, path }) => {
  const server = path.forward.netns.node;
  const setting = cluster.nodes.get(server)?.stated.sysctls.get('net.bridge.bridge-nf-call-iptables');
  if (setting?.value !== 0) return ['let the answer pass the machine that translated the request'];
  return [
    `set net.bridge.bridge-nf-call-iptables to 1 on ${server} (${place(setting.origin.locus)}): the answer is switched by the bridge and never passes the rules that would undo the NAT`,
  ];
};
