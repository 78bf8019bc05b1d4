import { type Chain, type Match, plainChain, type Rule, type Target } from '../datapath/netfilter/ruleset.ts';
import { verdictMap } from '../datapath/netfilter/sets.ts';
import { endpointName } from '../k8s/endpoints.ts';
import type { Endpoint } from '../k8s/service.ts';
import type { IpAddress } from '../net/address.ts';
import { hostPrefix } from '../net/prefix.ts';
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
    chains: usable.all.map((e) => destination(c, e)),
  };
}

const PORT_UNREACHABLE = { IPv4: 'icmp-port-unreachable', IPv6: 'icmp6-port-unreachable' } as const;

/** rr: each destination in turn, so that nobody knows which is next. */
function targetOf(c: PortContext, endpoints: readonly Endpoint[]): Target {
  if (endpoints.length === 0) return { kind: 'REJECT', with: PORT_UNREACHABLE[c.config.family] };
  const elements = endpoints.map((e, i) => ({
    key: [i],
    comment: null,
    verdict: { kind: 'goto', chain: chainName(c, e) } as const,
    origin: declared(e.locus),
  }));
  return { kind: 'numgen', modulus: endpoints.length, map: verdictMap({ name: null, type: ['integer'], elements }) };
}

function server(c: PortContext, address: IpAddress, number: number, target: Target): Rule {
  const { protocol } = c.port;
  const seconds = c.service.sessionAffinityTimeoutSeconds;
  const matches: readonly Match[] = [
    { kind: 'destination', prefix: hostPrefix(address), negated: false },
    { kind: 'protocol', protocol, negated: false },
    { kind: 'dport', protocol, first: number, last: number, negated: false },
  ];
  return { syntax: 'ipvs', matches, target, comment: seconds === null ? 'rr' : `rr -p ${seconds}`, origin: c.origin };
}

const chainName = ({ name, port }: PortContext, e: Endpoint) => `${name} ${port.protocol} ${endpointName(e)}`;

const destination = (c: PortContext, e: Endpoint): Chain =>
  plainChain(chainName(c, e), [
    { syntax: 'ipvs', matches: [], target: { kind: 'DNAT', address: e.ip, port: e.port }, comment: null, origin: declared(e.locus) },
  ]);
