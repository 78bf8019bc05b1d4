import type { Failure } from '../hop/failure.ts';
import { serviceAt } from '../k8s/address-index.ts';
import { metFoundRules } from '../k8s/found-on.ts';
import { unlistedServices } from '../k8s/unlisted.ts';
import { formatAddress, type IpAddress } from '../net/address.ts';
import { declared, type Origin } from '../source/origin.ts';
import { SOCKET_CALL } from '../stage/send.ts';
import type { FlowPath } from '../walk/flow-path.ts';
import { type Context, isServiceAddress } from './context.ts';
import type { Ended } from './scene.ts';

/** The machine on which a rule of kube-proxy's ended the packet, or a socket load balancer its call; null: another rule did, or none. */
export function stoppedByProxy(failure: Failure): string | null {
  if (failure.code !== 'FILTER_DROP' && failure.code !== 'FILTER_REJECT') return null;
  const { table, base, chain, netns } = failure.facts;
  const isOwn = table === 'kube-proxy' ? chain !== null && ENDS_IN_NFTABLES.test(chain) : chain?.startsWith('KUBE-') === true;
  return isOwn || table === 'ipvs' || base === SOCKET_CALL ? netns : null;
}

/** Its chains in mode nftables that end packets: a rule that does so in another one is not its own. Source: pkg/proxy/nftables/proxier.go. */
const ENDS_IN_NFTABLES = /^(?:(?:service|nodeport)-endpoints-check|cluster-ips-check|reject-chain|firewall-.*)$/;

/** In nftables mode kube-proxy ends what is for an address of the services' range and for none of their ports; else it leaves by the gateway. */
export function stoppedOnService(context: Context, { forward }: FlowPath, failure: Ended): Failure | null {
  if (failure.walk !== 'forward' || stoppedByProxy(failure) === null) return null;
  return unserved(context, forward, failure.origin, failure);
}

/** A packet for an address of a service that is no packet for its ports, or for none at all; `stopped`: by a rule of kube-proxy's. */
export function unserved(
  { cluster }: Context,
  { packet: { destination, protocol }, hops }: Pick<FlowPath['forward'], 'packet' | 'hops'>,
  origin: Origin,
  stopped: Failure | null,
): Failure | null {
  const service = serviceAt(cluster, destination);
  if (service !== null && protocol === 'icmp')
    return { code: 'NO_SUCH_PORT', facts: { why: 'ping', service: service.name, address: destination }, origin: declared(service.locus) };
  if (service !== null || !isServiceAddress(cluster, destination)) return null;
  const unknown = unlisted(cluster, destination, origin);
  // What was found on a node knows all services.
  if (unknown !== null) return metFoundRules(cluster, hops, destination) ? null : unknown;
  if (stopped?.code === 'FILTER_DROP') return { ...stopped, facts: { ...stopped.facts, unserved: destination } };
  return { code: 'NO_ROUTE', facts: { why: 'no-service', destination }, origin };
}

function unlisted(cluster: Context['cluster'], destination: IpAddress, origin: Origin): Failure<'FACT_MISSING'> | null {
  const command = unlistedServices(cluster);
  if (command === null) return null;
  return { code: 'FACT_MISSING', facts: { why: 'services', what: 'address', sought: formatAddress(destination), command }, origin };
}
