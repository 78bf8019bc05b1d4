import { formatAddress, type IpAddress } from '../../net/address.ts';
import { contains } from '../../net/prefix.ts';
import type { Path } from '../../source/origin.ts';
import type { TopologyInput } from '../schema/topology.ts';
import type { Report } from './report.ts';

type Segments = NonNullable<NonNullable<TopologyInput['underlay']>['segments']>;

/** eth0 is on one segment, so both addresses of a node, and of the gateway, are. An address on none is told elsewhere. */
export function checkSegments(report: Report, { nodes, underlay, internet }: TopologyInput): void {
  const segments = underlay?.segments;
  if (segments === undefined) return;
  for (const [i, { name, ips }] of nodes.entries()) checkMachine(report, name, ips ?? [], segments, ['nodes', i]);
  checkMachine(report, 'the gateway', internet?.gateway.ips ?? [], segments, ['internet', 'gateway']);
}

function checkMachine(report: Report, who: string, ips: readonly IpAddress[], segments: Segments, path: Path): void {
  const [first, second] = ips.map((ip) => ({ ip: formatAddress(ip), segment: segmentOf(ip, segments) }));
  if (first?.segment === undefined || second?.segment === undefined || first.segment === second.segment) return;
  report.error(
    [...path, 'ips', 1],
    'address-outside',
    `${second.ip} is on segment ${second.segment}, and ${first.ip} on ${first.segment}: eth0 of ${who} is on one segment`,
    'state two addresses of one segment; cidrs gives a segment a range of each family',
  );
}

const segmentOf = (ip: IpAddress, segments: Segments) =>
  segments.find(({ cidr, cidrs }) => [cidr, ...(cidrs ?? [])].some((p) => p !== undefined && contains(p, ip)))?.name;
