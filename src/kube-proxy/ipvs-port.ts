import type { Chain, Rule } from '../datapath/netfilter/ruleset.ts';
import type { Target } from '../datapath/netfilter/target.ts';
import { amongDestinations, type Destination, destinationChain, virtualServer } from '../datapath/netfilter/virtual-server.ts';
import { endpointName } from '../k8s/endpoints.ts';
import type { Endpoint } from '../k8s/service.ts';
import type { IpAddress } from '../net/address.ts';
import { declared } from '../source/origin.ts';
import type { PortContext } from './port.ts';

/** A service port's virtual servers on a node: the ClusterIP's, and those that packets from outside come to. */
export interface PortServers {
  readonly internal: (address: IpAddress) => Rule;
  /** `number`: the service's port, or its node port. */
  readonly external: (address: IpAddress, number: number) => Rule;
  /** Of its destinations. */
  readonly chains: readonly Chain[];
}

/**
 * With policy Local a node without an endpoint of its own takes the others all the same (kubernetes#97081), where the other modes drop.
 * Source: syncEndpoint, pkg/proxy/ipvs/proxier.go.
 */
export function portServers(c: PortContext): PortServers {
  const { service, port, usable } = c;
  const among = (policy: 'Cluster' | 'Local') => (policy === 'Local' && usable.local.length > 0 ? usable.local : usable.cluster);
  const internal = targetOf(c, among(service.internalTrafficPolicy));
  const external = targetOf(c, among(service.externalTrafficPolicy));
  return {
    internal: (address) => server(c, address, port.port, internal),
    external: (address, number) => server(c, address, number, external),
    chains: usable.all.map((e) => destinationChain(destination(c, e))),
  };
}

/** rr: each destination in turn, so that nobody knows which is next. */
const targetOf = (c: PortContext, endpoints: readonly Endpoint[]): Target =>
  amongDestinations(
    endpoints.map((e) => destination(c, e)),
    'equal',
    c.config.family,
  );

function server(c: PortContext, address: IpAddress, port: number, target: Target): Rule {
  const seconds = c.service.sessionAffinityTimeoutSeconds;
  const served = { kind: 'address', protocol: c.port.protocol, address, port } as const;
  return virtualServer(served, target, seconds === null ? 'rr' : `rr -p ${seconds}`, c.origin);
}

const destination = ({ name, port }: PortContext, e: Endpoint): Destination => ({
  name: `${name} ${port.protocol} ${endpointName(e)}`,
  address: e.ip,
  port: e.port,
  forwarding: 'masquerade',
  weight: 1,
  origin: declared(e.locus),
});
