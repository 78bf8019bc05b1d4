import type { Datapath } from '../datapath/netns.ts';
import type { Hop } from '../hop/hop.ts';
import type { Cluster } from '../k8s/cluster.ts';
import { isHeadless } from '../k8s/families.ts';
import { GATEWAY } from '../k8s/network.ts';
import { key, netnsOf } from '../k8s/pod.ts';
import type { Service } from '../k8s/service.ts';
import { find } from '../query/find.ts';
import { serviceIps } from '../query/find-address.ts';
import { parsePlace } from '../query/place.ts';
import { fail, type Parsed } from '../query/result.ts';
import { didYouMean } from '../source/suggest.ts';

/** Is this hop at what `via` names? */
export type WaypointTest = (hop: Hop) => boolean;

/** A node, a pod, the gateway, a router, an outside client, a service, or a device: by name, or as `NETNS DEVICE`. */
export function waypointTest(cluster: Cluster, datapath: Datapath, name: string, namespace: string): Parsed<WaypointTest> {
  const [netns = '', device, ...more] = name.split(' ');
  if (more.length > 0) return fail(`${name} is no place that a packet passes`, 'a device is named with its place, as "node-1 cni0"');
  if (device !== undefined) return onDevice(cluster, datapath, netns, device, namespace);
  if (isBetween(datapath, name)) return { ok: true, value: (h) => h.netns === name };
  const place = parsePlace(name);
  const found = place.ok ? find(cluster, place.value, namespace) : place;
  if (!found.ok)
    return isDeviceName(cluster, datapath, name) ? { ok: true, value: (h) => crosses(h, name) } : unknown(cluster, name, found);
  const thing = found.value.kind === 'address' ? found.value.owner : found.value;
  if (thing?.kind === 'node') return { ok: true, value: (h) => h.netns === thing.node.name };
  if (thing?.kind === 'host') return { ok: true, value: (h) => h.netns === thing.host.name };
  if (thing?.kind === 'pod') return { ok: true, value: (h) => h.netns === netnsOf(thing.pod) };
  if (thing?.kind === 'service') return byService(thing.service);
  return fail(`${name} is no place that a packet passes`, 'a node, a pod, the gateway, a router, a service, or a device, as "node-1 cni0"');
}

/**
 * A packet for one of its addresses passes a service, and so does one that its rules translate, as those of a node port, and a request that a
 * controller sends to its endpoints.
 */
function byService(service: Service): Parsed<WaypointTest> {
  if (isHeadless(service))
    return fail(`service ${service.name} is headless: no packet passes it`, "say who must receive, as at: and one of its pods' names");
  const addresses = serviceIps(service);
  const object = `Service/${key(service)}`;
  const translates = (h: Hop) => h.kind === 'nat' && h.steps.some(({ rule }) => rule.origin.locus?.object === object);
  const isBackend = (h: Hop) => h.kind === 'proxy' && h.backend?.startsWith(`service ${key(service)}:`) === true;
  return { ok: true, value: (h) => addresses.includes(h.packet.destination) || translates(h) || isBackend(h) };
}

/** The gateway or a router, by the role of its namespace. */
function isBetween(datapath: Datapath, name: string): boolean {
  const role = datapath.netns(name)?.role;
  return role === 'gateway' || role === 'router';
}

const machines = ({ gateway, underlay }: Cluster) => [...(gateway === null ? [] : [GATEWAY]), ...underlay.routers.map((r) => r.name)];

function onDevice(cluster: Cluster, datapath: Datapath, text: string, device: string, namespace: string): Parsed<WaypointTest> {
  const name = netnsNamed(cluster, datapath, text, namespace);
  const netns = name === null ? undefined : datapath.netns(name);
  if (netns === undefined) return unknown(cluster, text, fail(`there is no network namespace ${text}`));
  if (!netns.devices.has(device))
    return fail(
      `${netns.name} has no device ${device}`,
      didYouMean(device, netns.devices.keys()) ?? `it has ${[...netns.devices.keys()].join(', ')}`,
    );
  return { ok: true, value: (h) => h.netns === netns.name && crosses(h, device) };
}

function netnsNamed(cluster: Cluster, datapath: Datapath, text: string, namespace: string): string | null {
  if (cluster.nodes.has(text) || isBetween(datapath, text) || cluster.outside.some((o) => o.name === text)) return text;
  const pod = cluster.pods.get(text) ?? cluster.pods.get(`${namespace}/${text}`);
  return pod === undefined ? null : key(pod);
}

/** A frame that a bridge forwards from port to port passes it, although no capture on the bridge shows it. */
const crosses = (h: Hop, device: string): boolean =>
  (h.kind === 'interface' && h.device === device) || (h.kind === 'bridge' && h.bridge === device);

/** Of a device alone: one that some machine has. */
function isDeviceName(cluster: Cluster, datapath: Datapath, name: string): boolean {
  if (name === 'lo' || name === 'eth0') return true;
  if (machines(cluster).some((machine) => datapath.netns(machine)?.devices.has(name) === true)) return true;
  const { cni, nodes, podsByNode } = cluster;
  return [...nodes.values()].some((node) => cni.devices(node, podsByNode.get(node.name) ?? []).some((d) => d.name === name));
}

function unknown(cluster: Cluster, name: string, failed: Extract<Parsed<never>, { ok: false }>) {
  const names = [
    ...cluster.nodes.keys(),
    ...machines(cluster),
    ...cluster.outside.map((o) => o.name),
    ...[...cluster.pods.values()].map((p) => p.name),
  ];
  return fail(failed.message, didYouMean(name, names) ?? failed.hint);
}
