import type { Cluster } from '../k8s/cluster.ts';
import { nicAddresses, nodeIp } from '../k8s/families.ts';
import { familyOf, formatAddress, type IpAddress } from '../net/address.ts';
import { at, type Locus } from '../source/origin.ts';
import { didYouMean } from '../source/suggest.ts';
import { type Lint, type ReportFinding, some } from './lint.ts';

/** Tunnels that lead to an address that no node has. */
export const tunnels: Lint = (cluster, _datapath, report) => {
  const stated = [...cluster.nodes.values()].flatMap(({ name, tunnel, overrides }) => [
    ...(tunnel?.publicIp == null
      ? []
      : [{ says: `the other nodes send what is for ${name} to`, dst: tunnel.publicIp, locus: at(tunnel.locus, 'publicIP') }]),
    ...overrides.fdb.flatMap(({ device, dst, origin: { locus } }) =>
      dst === null || locus === null ? [] : [{ says: `${device} of ${name} sends to`, dst, locus: at(locus, 'dst') }],
    ),
  ]);
  if (stated.length === 0) return;
  const known = nodesAddresses(cluster);
  for (const { says, dst, locus } of stated) if (!known.has(dst)) unknown(cluster, says, dst, locus, report);
};

/** Those behind the gateway's NAT among them: a node may be reached by what it is outside. */
function nodesAddresses({ nodes, gateway }: Cluster): ReadonlySet<IpAddress> {
  const own = [...nodes.values()].flatMap((n) => [...nicAddresses(n), ...n.overrides.addresses.map((a) => a.address)]);
  return new Set([...own, ...(gateway?.nat ?? []).map((n) => n.public)]);
}

function unknown({ nodes }: Cluster, says: string, dst: IpAddress, locus: Locus, report: ReportFinding): void {
  const all = [...nodes.values()].flatMap((n) => nodeIp(n, familyOf(dst)) ?? []).map(formatAddress);
  const text = formatAddress(dst);
  report(locus, 'tunnel-end-unknown', `${says} ${text}, and no node has this address`, didYouMean(text, all) ?? `nodes have ${some(all)}`);
}
