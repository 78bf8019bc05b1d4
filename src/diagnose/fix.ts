import type { FlowPath, WalkName } from '../flow.ts';
import type { Pod, Service } from '../k8s/cluster.ts';
import { formatAddress, type IpAddress } from '../net/address.ts';
import { formatPrefix } from '../net/prefix.ts';
import type { Locus } from '../origin.ts';
import type { Code } from '../stage/code.ts';
import type { Failure } from '../stage/skb.ts';
import { type Context, nodeOfPodAddress, serviceAt } from './context.ts';
import { walkOf } from './walks.ts';

/** All that a fix may be made of. */
interface Scene {
  readonly context: Context;
  readonly path: FlowPath;
  readonly origin: Failure['origin'];
  /** The namespace where it ended, and the destination that the packet had there. */
  readonly netns: string;
  readonly destination: IpAddress;
  readonly service: Service | null;
}

type Fixer = (scene: Scene) => readonly string[];

/** What to change, in terms of the user's own file where that says it. */
export function fixesFor(context: Context, path: FlowPath, failure: Failure & { readonly walk: WalkName }): readonly string[] {
  const walk = walkOf(path, failure.walk);
  const last = walk?.hops.at(-1);
  const packet = last?.packet ?? path.forward.packet;
  const scene: Scene = {
    context,
    path,
    origin: failure.origin,
    netns: last?.netns ?? path.forward.netns.name,
    destination: packet.destination,
    service: serviceOf(context, path),
  };
  return FIXES[failure.code](scene);
}

function serviceOf({ cluster, question }: Context, path: FlowPath): Service | null {
  if (question.destination.kind === 'service') return question.destination.service;
  return serviceAt(cluster, path.forward.hops[0]?.packet.destination ?? path.forward.packet.destination);
}

const FIXES: Readonly<Record<Code, Fixer>> = {
  NO_ROUTE: missingRoute,
  BLACKHOLE_ROUTE: takeRouteAway,
  UNREACHABLE_ROUTE: takeRouteAway,
  PROHIBIT_ROUTE: takeRouteAway,
  NEIGHBOUR_UNREACHABLE: ({ origin, destination, context }) =>
    declaredHere(origin)
      ? [`take the failed neighbour entry away (${place(origin.locus)})`]
      : [`check the address: nothing on that link has ${formatAddress(destination)}`, ...nearbyPods(context, destination)],
  NEXT_HOP_UNKNOWN: ({ path, context }) => [
    `give the route a next hop that exists on that link: ${lanAddresses(context)}`,
    ...routeSource(path),
  ],
  LINK_DOWN: ({ origin }) => [
    declaredHere(origin) ? `set the device up (${place(origin.locus)} says it is down)` : 'set the device up (ip link set DEVICE up)',
  ],
  FORWARDING_DISABLED: ({ netns, origin }) => [
    `set net.ipv4.ip_forward to 1 on ${netns}${declaredHere(origin) ? ` (${place(origin.locus)} sets it)` : ''}; on the machine: sysctl -w net.ipv4.ip_forward=1`,
  ],
  REVERSE_PATH_FILTER: ({ netns, origin }) => [
    `route the way back by the same device, or set rp_filter to 2 (loose) or 0 on ${netns}${declaredHere(origin) ? ` (${place(origin.locus)} sets it)` : ''}`,
  ],
  MARTIAN_ADDRESS: ({ context: { question } }) => [
    question.destination.kind === 'service'
      ? 'a packet with an own address as source came back: a service that calls itself needs masquerade (it is lost where the pod range is wrong)'
      : 'give every machine an address of its own',
  ],
  MTU_EXCEEDED: ({ context: { cluster } }) => [
    `send smaller packets: set cluster.cni.mtu (now ${cluster.cni.mtu}) to the smallest MTU on the way`,
    'or raise the MTU of the device named above',
  ],
  TTL_EXPIRED: () => ['look for a circle among the routes'],
  ROUTING_LOOP: loop,
  FILTER_DROP: ({ origin }) => [`change the rule that dropped it${declaredHere(origin) ? ` (${place(origin.locus)})` : ''}`],
  FILTER_REJECT: ({ origin }) => [`change the rule that refused it${declaredHere(origin) ? ` (${place(origin.locus)})` : ''}`],
  CONNTRACK_INVALID: ({ netns }) => [
    `let request and answer take the same way: ${netns} sees only one direction of the connection, so its connection tracking calls the next packet INVALID`,
    ...asymmetry(),
  ],
  HAIRPIN_OFF: ({ origin }) => [
    `turn hairpin mode on: cluster.cni.hairpinMode: true, or hairpin: true on the device${declaredHere(origin) ? ` (${place(origin.locus)} turns it off)` : ''}`,
  ],
  NO_SUCH_PORT: ({ service }) => (service === null ? [] : [`call a port that service ${service.name} has: ${servicePorts(service)}`]),
  TARGET_PORT_UNRESOLVED: ({ service }) =>
    service === null
      ? []
      : [`give the pods a container port of that name and protocol, or state targetPort as a number (${place(service.locus)})`],
  NO_ENDPOINTS: ({ service, context }) => (service === null ? [] : noEndpoints(context, service)),
  NO_READY_ENDPOINTS: ({ service }) => (service === null ? [] : notReady(service)),
  PROXY_NOT_RUNNING: ({ origin }) => [
    `let kube-proxy run on that node${declaredHere(origin) ? ` (${place(origin.locus)} says it does not)` : ''}; in a cluster: kubectl -n kube-system get pods -l k8s-app=kube-proxy -o wide`,
  ],
  NOBODY_LISTENS: listeners,
  LISTENS_ON_LOOPBACK: ({ origin }) => [`let the process listen on 0.0.0.0 instead of 127.0.0.1 (${place(origin.locus)})`],
  ASYMMETRIC_NAT: asymmetricNat,
  RETURN_PATH_BROKEN: () => ['look at the routes of the way back'],
  LEAVES_INPUT: () => [],
  FACT_MISSING: () => [],
};

const declaredHere = (origin: Failure['origin']) => origin.evidence === 'declared' && origin.locus !== null;

/** `topology.yaml:12` */
function place(locus: Locus | null): string {
  if (locus === null) return 'the input';
  return `${locus.document.file}:${locus.document.position(locus.path).line}`;
}

function missingRoute({ context: { cluster }, netns, destination, origin, path }: Scene): readonly string[] {
  const removed = origin.evidence === 'declared' && origin.locus?.path.includes('remove') === true;
  if (removed) return [`put the route back: take ${formatPrefixAt(origin.locus)} out of routes.remove (${place(origin.locus)})`];
  const owner = nodeOfPodAddress(cluster, destination);
  const wrong = path.forward.hops.find((h) => h.kind === 'route' && h.route.prefix.length === 0 && cluster.nodes.has(h.netns));
  const where = cluster.nodes.has(netns) ? netns : (wrong?.netns ?? netns);
  const router = cluster.underlay.routers.find((r) => r.name === netns);
  if (owner !== null && owner.name !== where)
    return [`add a route on ${router?.name ?? where}: { to: ${formatPrefix(owner.podCidr)}, via: ${formatAddress(owner.ip)} }`];
  const gateway = cluster.gateway === null ? ['or state internet.gateway, so that nodes have a default route'] : [];
  return [`add a route to ${formatAddress(destination)} on ${where} (nodes[].routes.add)`, ...gateway];
}

function formatPrefixAt(locus: Locus | null): string {
  if (locus === null) return 'it';
  const { line } = locus.document.position(locus.path);
  return /\d+\.\d+\.\d+\.\d+\/\d+/.exec(locus.document.line(line))?.[0] ?? 'it';
}

function takeRouteAway({ origin, destination }: Scene): readonly string[] {
  return [`take the route away (${place(origin.locus)}), or add a more specific one for ${formatAddress(destination)}`];
}

function nearbyPods({ cluster }: Context, address: IpAddress): readonly string[] {
  const node = nodeOfPodAddress(cluster, address);
  const pods = node === null ? [] : (cluster.podsByNode.get(node.name) ?? []);
  if (node === null || pods.length === 0) return [];
  return [
    `pods of ${node.name}: ${pods
      .slice(0, 6)
      .map((p) => `${p.name} ${formatAddress(p.ip)}`)
      .join(', ')}${pods.length > 6 ? ', …' : ''}`,
  ];
}

function lanAddresses({ cluster }: Context): string {
  const nodes = [...cluster.nodes.values()].map((n) => `${formatAddress(n.ip)} (${n.name})`);
  const routers = cluster.underlay.routers.flatMap((r) => r.interfaces.map((i) => `${formatAddress(i.ip)} (${r.name})`));
  return [...nodes, ...routers].slice(0, 6).join(', ');
}

function routeSource({ forward }: FlowPath): readonly string[] {
  const route = forward.hops.findLast((h) => h.kind === 'route');
  return route === undefined || route.origin.locus === null ? [] : [`the route is at ${place(route.origin.locus)}`];
}

function loop({ path }: Scene): readonly string[] {
  const routes = path.forward.hops.filter(
    (h) => h.kind === 'route' && h.route.type === 'unicast' && h.route.nextHops.some((n) => n.via !== null),
  );
  const said = routes
    .slice(-3)
    .map((h) =>
      h.kind === 'route'
        ? `${h.netns} sends ${formatPrefix(h.route.prefix)} to ${h.nextHop?.via == null ? h.nextHop?.device : formatAddress(h.nextHop.via)}${h.origin.locus === null ? '' : ` (${place(h.origin.locus)})`}`
        : '',
    );
  return [`break the circle: ${said.join('; ')}`];
}

const asymmetry = () => ['look for a route on one of the nodes that sends only one direction over a third machine'];

const servicePorts = (service: Service) =>
  service.ports.map((p) => `${p.port}/${p.protocol}${p.name === '' ? '' : ` (${p.name})`}`).join(', ');

function noEndpoints({ cluster }: Context, service: Service): readonly string[] {
  const wanted = [...service.selector].map(([k, v]) => `${k}=${v}`).join(',');
  if (wanted === '') return [`give service ${service.name} a selector, or state its endpoints (${place(service.locus)})`];
  const labels = new Set(
    [...cluster.pods.values()].filter((p) => p.namespace === service.namespace).flatMap((p) => [...p.labels].map(([k, v]) => `${k}=${v}`)),
  );
  const there =
    labels.size === 0
      ? `there are no labelled pods in namespace ${service.namespace}`
      : `pods there have ${[...labels].slice(0, 6).join(', ')}`;
  return [`make the selector (${wanted}) match the labels of pods (${place(service.locus)}): ${there}`];
}

function notReady(service: Service): readonly string[] {
  const waiting = service.ports.flatMap((p) => p.endpoints).filter((e) => !e.ready);
  const names = [...new Set(waiting.map((e) => `${e.pod?.name ?? formatAddress(e.ip)} (${place(e.readyLocus)})`))];
  return [`make one of them ready: ${names.slice(0, 5).join(', ')}; in a cluster: kubectl describe pod, and look at its readiness probe`];
}

function listeners({ context: { cluster }, path, service }: Scene): readonly string[] {
  const pod: Pod | undefined = cluster.pods.get(path.forward.netns.name);
  const { packet } = path.forward;
  if (pod === undefined) return [];
  const ports = pod.containers.flatMap((c) => [...c.ports, ...c.listen]).map((p) => `${p.port}/${p.protocol}`);
  const there = ports.length === 0 ? `${pod.name} listens on nothing` : `${pod.name} listens on ${[...new Set(ports)].join(', ')}`;
  const what =
    service === null
      ? `call a port that it listens on, or add containerPort: ${packet.destinationPort}`
      : `set the targetPort of service ${service.name} to one of these (${place(service.locus)})`;
  return [`${there}: ${what} (${place(pod.locus)})`];
}

/** The one case that everybody meets: the answer stays on the bridge, where nothing undoes the translation. */
function asymmetricNat({ context: { cluster }, path }: Scene): readonly string[] {
  const server = path.forward.netns.node;
  const node = cluster.nodes.get(server);
  const setting = node?.stated.sysctls.get('net.bridge.bridge-nf-call-iptables');
  if (setting?.value === 0)
    return [
      `set net.bridge.bridge-nf-call-iptables to 1 on ${server} (${place(setting.origin.locus)}): the answer is switched by the bridge and never passes the rules that would undo the NAT`,
    ];
  return ['let the answer pass the machine that translated the request'];
}
