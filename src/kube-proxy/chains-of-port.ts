import type { NftTable, Ruleset, Table } from '../datapath/netfilter/ruleset.ts';
import { endpointName as textOf } from '../k8s/endpoints.ts';
import { clusterIpIn } from '../k8s/families.ts';
import type { Endpoint, Service, ServicePort } from '../k8s/service.ts';
import type { IpAddress, IpFamily } from '../net/address.ts';
import { endpointChain, servicePortName } from './names.ts';
import { endpointName, portPath } from './nftables-names.ts';

/** The chains of a service port in a node's rules, whichever mode wrote them. */
interface ChainsOfPort {
  /** The one that a packet for the ClusterIP is sent to; null: none is. */
  readonly clusterIp: string | null;
  /** Null: the node sends nothing to this endpoint. */
  readonly endpoint: (endpoint: Endpoint) => string | null;
}

export function chainsOfPort(
  { tables: { nat }, nft }: Ruleset,
  service: Service,
  port: ServicePort,
  family: IpFamily,
): ChainsOfPort | null {
  const ip = clusterIpIn(service, family);
  const table = nft.find((t) => t.name === 'kube-proxy');
  if (table !== undefined) {
    const path = portPath(service.namespace, service.name, port.protocol, port.name);
    return { clusterIp: ip === null ? null : inNft(table, port, ip), endpoint: existing(table, (e) => endpointName('endpoint', path, e)) };
  }
  if (nat === undefined) return null;
  const name = servicePortName(service.namespace, service.name, port.name);
  return {
    clusterIp: ip === null ? null : inNat(nat, port, ip),
    endpoint: existing(nat, (e) => endpointChain(name, port.protocol, textOf(e))),
  };
}

const existing = (table: Table, nameOf: (e: Endpoint) => string) => (e: Endpoint) =>
  table.chain(nameOf(e)) === undefined ? null : nameOf(e);

function inNat(nat: Table, { port, protocol }: ServicePort, destination: IpAddress): string | null {
  const rules = nat.chain('KUBE-SERVICES')?.candidates({ protocol, destination, destinationPort: port }) ?? [];
  const own = rules.find((r) => r.matches.some((m) => m.kind === 'destination' && m.prefix.address === destination));
  return own?.target?.kind === 'jump' ? own.target.chain : null;
}

function inNft(table: NftTable, { port, protocol }: ServicePort, destination: IpAddress): string | null {
  const target = table.chain('services')?.rules()[0]?.target;
  const verdict = target?.kind === 'vmap' ? target.map.find([destination, protocol, port])?.verdict : undefined;
  return verdict?.kind === 'goto' ? verdict.chain : null;
}
