import { isNodeAddress, serviceAt } from '../k8s/address-index.ts';
import type { Cluster } from '../k8s/cluster.ts';
import { nodeIp } from '../k8s/families.ts';
import { healthyNodes } from '../k8s/healthy-nodes.ts';
import type { Node } from '../k8s/node.ts';
import { familyOf, formatAddress, type IpAddress } from '../net/address.ts';
import { formatPrefix, hostPrefix } from '../net/prefix.ts';
import { at, type Locus } from '../source/origin.ts';
import type { FlowPath } from '../walk/flow-path.ts';
import type { Context } from './context.ts';
import { gatewayEntry } from './internet-entry.ts';

/**
 * A packet that left for an address which the input states: out there only the gateway could answer for it, and it answers for what it
 * routes inward.
 */
export function notLedIn({ cluster }: Context, { failure, forward }: FlowPath): Unanswered | null {
  if (failure?.code !== 'LEAVES_INPUT' || failure.walk !== 'forward' || cluster.gateway === null) return null;
  const { destination } = forward.packet;
  const stated = byService(cluster, destination) ?? byNode(cluster, destination) ?? byStatus(cluster, destination);
  if (stated === null) return null;
  const { what, state, locus } = stated;
  const why = `${formatAddress(destination)} is ${what}, and the gateway has no route that leads it inside`;
  return { message: `${why}: nobody on the internet is taken to answer for it (state ${state})`, locus };
}

/** An address that is assumed not to be answered for, and its place. */
interface Unanswered {
  readonly message: string;
  readonly locus: Locus;
}

/** The role of an address in the input, and the statement that would route packets to it. */
interface Stated {
  readonly what: string;
  readonly state: string;
  readonly locus: Locus;
}

function byService(cluster: Cluster, address: IpAddress): Stated | null {
  const service = serviceAt(cluster, address);
  const index = service?.externalIps.indexOf(address) ?? -1;
  if (service === null || index === -1) return null;
  const nodes = healthyNodes(cluster, service, familyOf(address));
  return {
    what: `an external address of service ${service.name}`,
    state: routeTo(cluster, address, nodes),
    locus: at(service.locus, 'externalIPs', index),
  };
}

function byNode(cluster: Cluster, address: IpAddress): Stated | null {
  if (!isNodeAddress(cluster, address)) return null;
  const node = [...cluster.nodes.values()].find((n) => n.overrides.addresses.some((a) => a.address === address));
  return node === undefined
    ? null
    : { what: `an address of ${node.name}`, state: routeTo(cluster, address, [node]), locus: at(node.locus, 'addresses') };
}

/** An address in the status of an Ingress or a Gateway, which no service has. */
function byStatus({ http }: Cluster, address: IpAddress): Stated | null {
  const own = (o: { readonly addresses: readonly IpAddress[] }) => o.addresses.includes(address);
  const ingress = http.ingresses.find(own);
  const object = ingress ?? http.gateways.find(own);
  if (object === undefined) return null;
  const what = `in the status of ${ingress === undefined ? 'Gateway' : 'Ingress'} ${object.namespace}/${object.name} only`;
  return { what, state: "it in status.loadBalancer or externalIPs of the controller's service", locus: object.locus };
}

/** By a node next to the gateway. */
function routeTo(cluster: Cluster, address: IpAddress, nodes: readonly Node[]): string {
  const { gateway, standIns } = cluster;
  const next = nodes.find((n) => n.segment === gateway?.segment);
  const via = next === undefined ? null : nodeIp(next, familyOf(address));
  const route = `{ to: ${formatPrefix(hostPrefix(address))}, via: ${via === null ? '…' : formatAddress(via)} }`;
  const isMade = gateway !== null && standIns.gateway;
  const entry = isMade ? gatewayEntry(cluster, gateway, `routes: [${route}]`) : `internet: { gateway: { routes: [${route}] } }`;
  return `who gets it: ${entry}`;
}
