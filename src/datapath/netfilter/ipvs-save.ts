import { formatEndpoint } from '../../net/address.ts';
import type { Rule, VirtualServers } from './ruleset.ts';

const SERVICE = { tcp: '-t', udp: '-u', sctp: '--sctp-service' } as const;

/** A virtual server, or a destination of one, in the words of ipvsadm. */
export function printIpvsRule({ matches, target, comment }: Rule): string {
  if (target?.kind === 'DNAT') return `-r ${formatEndpoint(target.address, target.port ?? 0)} -m -w 1`;
  return `${serviceOf(matches)} -s ${comment ?? 'rr'}`;
}

function serviceOf(matches: Rule['matches']): string {
  const to = matches.find((m) => m.kind === 'destination');
  const on = matches.find((m) => m.kind === 'dport');
  if (to?.kind !== 'destination' || on?.kind !== 'dport' || on.protocol === 'icmp')
    throw new Error('a virtual server has an address and a port');
  return `${SERVICE[on.protocol]} ${formatEndpoint(to.prefix.address, on.first)}`;
}

/** As ipvsadm --save -n prints it. */
export function ipvsSave(table: VirtualServers): string {
  const lines = table.servers.rules().flatMap((server) => {
    const { target } = server;
    const destinations = target?.kind === 'numgen' ? [...target.map.elements()] : [];
    const rules = destinations.flatMap(({ verdict }) => ('chain' in verdict ? (table.chain(verdict.chain)?.rules() ?? []) : []));
    return [`-A ${printIpvsRule(server)}`, ...rules.map((r) => `-a ${serviceOf(server.matches)} ${printIpvsRule(r)}`)];
  });
  return lines.map((line) => `${line}\n`).join('');
}
