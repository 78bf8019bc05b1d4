import type { PolicyPacket } from '../../datapath/policy-point.ts';
import { formatAddress } from '../../net/address.ts';
import { declared } from '../../source/origin.ts';
import { key, type Pod } from '../pod.ts';
import { type Fit, no, unknown, YES } from './fit.ts';
import type { Party } from './party.ts';
import type { PolicyPort } from './policy.ts';

export type PortFailure = 'protocol' | 'port';

/** Does the packet go to one of the ports that an item names? `to`: who gets it, whose names of ports count. ICMP has no ports, and fits none. */
export function portFit({ protocol, port, locus }: PolicyPort, packet: PolicyPacket, to: Party): Fit<PortFailure> {
  const { destinationPort } = packet;
  const wanted = protocol?.toUpperCase() ?? 'a port';
  if (destinationPort === null || (protocol !== null && protocol !== packet.protocol))
    return no('protocol', () => `${wanted} is named, the packet is ${packet.protocol.toUpperCase()}`);
  if (port === null) return YES;
  if ('name' in port) return namedFit(port.name, packet, to, locus);
  if (destinationPort >= port.first && destinationPort <= port.last) return YES;
  return no('port', () => otherNumber(port, packet));
}

function otherNumber({ first, last }: { readonly first: number; readonly last: number }, packet: PolicyPacket): string {
  const { calledPort, destinationPort } = packet;
  const named = first === last ? `port ${first}` : `ports ${first} to ${last}`;
  const verb = first === last ? 'is' : 'are';
  const wasMeant = calledPort !== null && calledPort >= first && calledPort <= last;
  if (wasMeant) return `${named} ${verb} named, the pod gets ${destinationPort} after the service's translation`;
  return `${named} ${verb} named, the packet is for ${destinationPort}`;
}

/** A name is that of a container's port, on the pod that gets the packet; nobody else has names of ports. */
function namedFit(name: string, packet: PolicyPacket, to: Party, locus: PolicyPort['locus']): Fit<PortFailure> {
  if (to.kind === 'unlisted') {
    const command = 'kubectl get pods -A -o json';
    return unknown({ text: `which port of ${formatAddress(to.address)} is named ${name}`, command, origin: declared(locus) });
  }
  if (to.kind !== 'pods')
    return no('port', () => `port ${name} is named, and ${formatAddress(to.address)}, which is no pod's own, has no names of ports`);
  const fits = to.pods.map((pod) => namedOn(pod, name, packet));
  const [first = YES, ...rest] = fits;
  if (rest.every((fit) => fit.fits === first.fits)) return first;
  return unknown({
    text: `which of ${to.pods.map(key).join(' and ')}, which have one address, gets it`,
    command: null,
    origin: declared(locus),
  });
}

function namedOn(pod: Pod, name: string, { protocol, destinationPort }: PolicyPacket): Fit<PortFailure> {
  const named = pod.containers.flatMap((c) => c.ports).filter((p) => p.name === name);
  if (named.some((p) => p.port === destinationPort && p.protocol === protocol)) return YES;
  const numbers = [...new Set(named.map((p) => `${p.port}/${p.protocol.toUpperCase()}`))].join(' and ');
  if (numbers === '') return no('port', () => `pod ${key(pod)} has no port named ${name}`);
  return no('port', () => `port ${name} of pod ${key(pod)} is ${numbers}, the packet is for ${destinationPort}/${protocol.toUpperCase()}`);
}
