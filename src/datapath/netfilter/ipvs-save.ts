import { familyOf, formatEndpoint } from '../../net/address.ts';
import type { Rule, VirtualServers } from './ruleset.ts';
import { untoldText } from './untold.ts';

const SERVICE = { tcp: '-t', udp: '-u', sctp: '--sctp-service' } as const;

/** A virtual server, or a destination of one, in the words of ipvsadm. */
export function printIpvsRule({ matches, target, comment }: Rule): string {
  if (target?.kind === 'untold') return untoldText(target);
  if (target?.kind === 'DNAT') return `-r ${formatEndpoint(target.address, target.port ?? 0)} ${comment ?? '-m -w 1'}`;
  if (target?.kind === 'unmodelled' && matches.length === 0) return target.text;
  return `${serviceOf(matches)} -s ${comment ?? 'rr'}`;
}

function serviceOf(matches: Rule['matches']): string {
  const to = matches.find((m) => m.kind === 'destination');
  const of = matches.find((m) => m.kind === 'protocol');
  const on = matches.find((m) => m.kind === 'dport');
  const marked = matches.find((m) => m.kind === 'mark');
  const protocol = of?.kind === 'protocol' ? of.protocol : null;
  if (to?.kind !== 'destination') throw new Error('a virtual server has an address or a family');
  if (marked?.kind === 'mark') return `-f ${marked.value}${familyOf(to.prefix.address) === 'IPv6' ? ' -6' : ''}`;
  if (protocol !== 'tcp' && protocol !== 'udp' && protocol !== 'sctp') throw new Error('a virtual server has a protocol');
  return `${SERVICE[protocol]} ${formatEndpoint(to.prefix.address, on?.kind === 'dport' ? on.first : 0)}`;
}

/** The virtual servers as `ipvsadm --save -n` prints them. */
export function ipvsSave(table: VirtualServers): string {
  const lines = table.servers.rules().flatMap((server) => {
    const { target } = server;
    const destinations = target?.kind === 'numgen' ? [...target.map.elements()] : [];
    const rules = destinations.flatMap(({ verdict }) => ('chain' in verdict ? (table.chain(verdict.chain)?.rules() ?? []) : []));
    if (target?.kind === 'untold') return [printIpvsRule(server)];
    return [`-A ${printIpvsRule(server)}`, ...rules.map((r) => `-a ${serviceOf(server.matches)} ${printIpvsRule(r)}`)];
  });
  return lines.map((line) => `${line}\n`).join('');
}
