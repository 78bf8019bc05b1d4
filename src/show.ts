import { routesOf } from './datapath/fib.ts';
import { iptablesSave } from './datapath/iptables-save.ts';
import type { Datapath, Device, Netns } from './datapath/netns.ts';
import type { Cluster } from './k8s/cluster.ts';
import { endpointName } from './k8s/endpoints.ts';
import type { Pod } from './k8s/pod.ts';
import { key, netnsOf } from './k8s/pod.ts';
import type { Service, ServicePort } from './k8s/service.ts';
import { endpointChain, serviceChain, servicePortName } from './kube-proxy/names.ts';
import { bracketed, formatAddress } from './net/address.ts';
import { formatPrefix } from './net/prefix.ts';
import { type UrlView, urlsOf } from './show-http.ts';
import { tableName } from './stage/describe.ts';

/** What was compiled, for looking at: plain data, the same for every format. */
export interface NetnsView {
  readonly kind: 'Node' | 'Pod';
  readonly name: string;
  readonly node: string;
  readonly devices: readonly DeviceView[];
  readonly rules: readonly { readonly priority: number; readonly selector: string; readonly table: string }[];
  readonly routes: readonly { readonly table: string; readonly route: string; readonly evidence: string }[];
  readonly neighbours: readonly { readonly address: string; readonly device: string; readonly state: 'failed' }[];
  readonly sysctls: readonly { readonly name: string; readonly value: number; readonly evidence: string }[];
  readonly sockets: readonly { readonly process: string; readonly listens: string }[];
  /** In iptables-save's form; only when asked for. */
  /** What iptables-save and ip6tables-save print; null when nobody asked for it. */
  readonly ruleset: string | null;
  readonly ip6Ruleset: string | null;
}

export interface DeviceView {
  readonly name: string;
  readonly kind: Device['kind'];
  readonly addresses: readonly string[];
  readonly mtu: number;
  readonly up: boolean;
  readonly details: string;
}

export interface ServiceView {
  readonly kind: 'Service';
  readonly namespace: string;
  readonly name: string;
  readonly clusterIP: string;
  /** Of a service that is only another name; of all others null. */
  readonly externalName: string | null;
  readonly selector: Readonly<Record<string, string>>;
  readonly ports: readonly PortView[];
}

export interface PortView {
  readonly name: string;
  readonly port: number;
  readonly protocol: string;
  readonly targetPort: number | string;
  readonly chain: string | null;
  readonly endpoints: readonly {
    readonly address: string;
    readonly pod: string | null;
    readonly node: string | null;
    readonly ready: boolean;
    readonly chain: string | null;
  }[];
}

function showNetns(netns: Netns, kind: NetnsView['kind'], withRules: boolean): NetnsView {
  return {
    kind,
    name: netns.name,
    node: netns.node,
    devices: [...netns.devices.values()].map(deviceView),
    rules: netns.rules.map((r) => ({ priority: r.priority, selector: selectorText(r), table: tableName(r.table) })),
    routes: [...netns.tables.values()]
      .filter((t) => tableName(t.id) !== 'local')
      .flatMap((fib) => [...routesOf(fib)].map((r) => ({ table: tableName(fib.id), route: routeText(r), evidence: r.origin.evidence }))),
    neighbours: netns.neighbours.map((n) => ({ address: formatAddress(n.address), device: n.device, state: 'failed' })),
    sysctls: [...netns.sysctls].map(([name, s]) => ({ name, value: s.value, evidence: s.origin.evidence })),
    sockets: netns.sockets.map((s) => ({
      process: s.process,
      listens: s.port === null ? 'anything' : `${s.address === null ? '*' : bracketed(s.address)}:${s.port}/${s.protocol ?? 'any'}`,
    })),
    ruleset: withRules ? iptablesSave(netns.rulesets.IPv4) : null,
    ip6Ruleset: withRules ? iptablesSave(netns.rulesets.IPv6) : null,
  };
}

function deviceView(d: Device): DeviceView {
  return {
    name: d.name,
    kind: d.kind,
    addresses: d.addresses.map((a) => `${formatAddress(a.address)}/${a.prefix.length}`),
    mtu: d.mtu,
    up: d.down === null,
    details: details(d),
  };
}

function details(d: Device): string {
  switch (d.kind) {
    case 'loopback':
      return '';
    case 'nic':
      return `on ${d.segment.name}`;
    case 'bridge':
      return `ports ${d.ports.map((p) => p.name).join(', ') || 'none'}`;
    case 'veth': {
      const peer = d.peer === null ? '' : `peer ${d.peer.name} of ${d.peer.netns.name}`;
      return d.master === null ? peer : `${peer}, port of ${d.master.name}, hairpin ${d.hairpin ? 'on' : 'off'}`;
    }
  }
}

function selectorText(r: Netns['rules'][number]): string {
  const parts = [
    `from ${r.from === null ? 'all' : formatPrefix(r.from)}`,
    ...(r.to === null ? [] : [`to ${formatPrefix(r.to)}`]),
    ...(r.iif === null ? [] : [`iif ${r.iif}`]),
    ...(r.mark === null ? [] : [`fwmark 0x${r.mark.value.toString(16)}/0x${r.mark.mask.toString(16)}`]),
  ];
  return parts.join(' ');
}

type AnyRoute = ReturnType<typeof routesOf> extends Iterable<infer R> ? R : never;

/** As `ip route` has it. */
function routeText(r: AnyRoute): string {
  const to = r.prefix.length === 0 ? 'default' : formatPrefix(r.prefix);
  const hops = r.nextHops.map(
    (n) => `${n.via === null ? '' : ` via ${formatAddress(n.via)}`} dev ${n.device}${r.nextHops.length > 1 ? ` weight ${n.weight}` : ''}`,
  );
  const type = r.type === 'unicast' ? '' : `${r.type} `;
  const source = r.source === null ? '' : ` src ${formatAddress(r.source)}`;
  return `${type}${to}${hops.join(hops.length > 1 ? ' nexthop' : '')}${source}${r.metric === 0 ? '' : ` metric ${r.metric}`}`;
}

function showService(service: Service): ServiceView {
  return {
    kind: 'Service',
    namespace: service.namespace,
    name: service.name,
    clusterIP: service.clusterIp === null ? 'None' : formatAddress(service.clusterIp),
    externalName: service.externalName?.name ?? null,
    selector: Object.fromEntries(service.selector),
    ports: service.ports.map((p) => portView(service, p)),
  };
}

function portView(service: Service, p: ServicePort): PortView {
  const name = servicePortName(service.namespace, service.name, p.name);
  const programmed = service.clusterIp !== null;
  const anyReady = p.endpoints.some((e) => e.ready);
  return {
    name: p.name,
    port: p.port,
    protocol: p.protocol,
    targetPort: p.targetPort,
    chain: programmed && anyReady ? serviceChain(name, p.protocol) : null,
    endpoints: p.endpoints.map((e) => ({
      address: endpointName(e),
      pod: e.pod === null ? null : key(e.pod),
      node: e.pod?.node ?? null,
      ready: e.ready,
      chain: programmed && e.ready ? endpointChain(name, p.protocol, endpointName(e)) : null,
    })),
  };
}

export interface Overview {
  readonly kind: 'Cluster';
  readonly podCIDR: string;
  readonly serviceCIDR: string | null;
  readonly cni: string;
  readonly kubeProxy: string;
  readonly nodes: readonly { readonly name: string; readonly ip: string; readonly podCIDR: string; readonly pods: number }[];
  readonly pods: readonly { readonly name: string; readonly ip: string; readonly node: string; readonly ready: boolean }[];
  readonly services: readonly { readonly name: string; readonly clusterIP: string; readonly ports: string; readonly endpoints: number }[];
  readonly urls: readonly UrlView[];
}

export function showCluster(cluster: Cluster): Overview {
  return {
    kind: 'Cluster',
    podCIDR: formatPrefix(cluster.podCidr),
    serviceCIDR: cluster.serviceCidr === null ? null : formatPrefix(cluster.serviceCidr),
    cni: cluster.cni.plugin,
    kubeProxy: cluster.kubeProxy.mode,
    nodes: [...cluster.nodes.values()].map((n) => ({
      name: n.name,
      ip: formatAddress(n.ip),
      podCIDR: formatPrefix(n.podCidr),
      pods: (cluster.podsByNode.get(n.name)?.length ?? 0) + (cluster.hostPodsByNode.get(n.name)?.length ?? 0),
    })),
    pods: [...cluster.pods.values()].map((p: Pod) => ({ name: key(p), ip: formatAddress(p.ip), node: p.node, ready: p.ready.value })),
    services: [...cluster.services.values()].map((s) => ({
      name: key(s),
      clusterIP: s.externalName !== null ? '-' : s.clusterIp === null ? 'None' : formatAddress(s.clusterIp),
      ports: s.ports.map((p) => `${p.port}/${p.protocol}`).join(', '),
      endpoints: new Set(s.ports.flatMap((p) => p.endpoints.filter((e) => e.ready).map((e) => e.ip))).size,
    })),
    urls: urlsOf(cluster),
  };
}

export type View = NetnsView | ServiceView | Overview;

/** A namespace or a service by its name. */
export function viewOf(
  cluster: Cluster,
  datapath: Datapath,
  kind: 'node' | 'pod' | 'service',
  name: string,
  withRules: boolean,
): View | null {
  if (kind === 'service') {
    const service = cluster.services.get(name);
    return service === undefined ? null : showService(service);
  }
  const pod = kind === 'pod' ? cluster.pods.get(name) : undefined;
  const where = pod === undefined ? name : netnsOf(pod);
  const netns = pod !== undefined || (kind === 'node' && cluster.nodes.has(name)) ? datapath.netns(where) : undefined;
  return netns === undefined ? null : showNetns(netns, kind === 'node' ? 'Node' : 'Pod', withRules);
}
