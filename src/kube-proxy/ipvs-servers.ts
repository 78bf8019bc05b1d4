import type { Rule, VirtualServers } from '../datapath/netfilter/ruleset.ts';
import type { IpAddress } from '../net/address.ts';
import type { PortServers } from './ipvs-port.ts';
import type { IndexedPort, PortIndex } from './port-index.ts';
import type { PortsOnNode } from './ports-on-node.ts';

/** A node's virtual servers, found by address and port. `ofNode`: the node's own addresses that answer node ports. */
export function virtualServers(
  { all, byAddress, byNodePort }: PortIndex,
  { rulesOf, chain }: PortsOnNode<PortServers>,
  ofNode: readonly IpAddress[],
): VirtualServers {
  const addresses = [...byAddress.entries()];
  const own = new Set(ofNode);
  const onAddress = (p: IndexedPort, a: IpAddress) => (a === p.clusterIp ? rulesOf(p).internal(a) : rulesOf(p).external(a, p.port.port));
  const onNode = (p: IndexedPort, a: IpAddress): readonly Rule[] =>
    p.port.nodePort === null ? [] : [rulesOf(p).external(a, p.port.nodePort)];
  return {
    name: 'ipvs',
    chain,
    *chains() {
      for (const p of all) yield* rulesOf(p).chains;
    },
    servers: {
      name: 'virtual servers',
      rules: () => [
        ...addresses.flatMap(([a, ports]) => ports.map((p) => onAddress(p, a))),
        ...all.flatMap((p) => ofNode.flatMap((a) => onNode(p, a))),
      ],
      candidates: ({ destination, destinationPort }) => [
        ...(byAddress.get(destination) ?? []).flatMap((p) => (p.port.port === destinationPort ? [onAddress(p, destination)] : [])),
        ...(own.has(destination) ? (byNodePort.get(destinationPort) ?? []).flatMap((p) => onNode(p, destination)) : []),
      ],
    },
  };
}
