import { lookUp } from '../datapath/fib.ts';
import type { Device, InterfaceAddress } from '../datapath/netns.ts';
import { selectSource } from '../datapath/select-source.ts';
import { arpAnnounce, arpFilter, arpIgnore, forwarding, proxyArp, routeLocalnet } from '../datapath/sysctl.ts';
import type { Silent } from '../hop/failure-links.ts';
import { familyOf, type IpAddress, isLoopback } from '../net/address.ts';
import { contains } from '../net/prefix.ts';
import type { Origin } from '../source/origin.ts';
import { isAnycastOn, isLocalAddress } from './address-type.ts';

/** The rules of ARP: requests and answers on a link. Source: net/ipv4/arp.c. */

/** A question for an address, in the name of another; null: in that of none. */
export interface Question {
  readonly address: IpAddress;
  readonly sender: IpAddress | null;
}

/** A device answers: for an address of its machine, or (proxy_arp) for one that its machine sends on by `output`. */
export interface Answer {
  readonly output: Device | null;
}

const FOR_ITSELF: Answer = { output: null };

/**
 * arp_solicit: in the name of the packet's own source, if that is the machine's (arp_announce 0), and on one link with what is asked for
 * (1); else, and always with 2, in that of the address that faces it.
 */
export function arpSender(from: Device, address: IpAddress, source: IpAddress): IpAddress | null {
  const mode = arpAnnounce(from.netns.sysctls, from.name).value;
  const isNamed = mode < 2 && isLocalAddress(from.netns, source) && (mode === 0 || areOnLink(from, address, source));
  return isNamed ? source : selectSource(from, address);
}

/** inet_addr_onlink */
const areOnLink = ({ addresses }: Device, a: IpAddress, b: IpAddress) =>
  addresses.some(({ prefix }) => contains(prefix, a) && contains(prefix, b));

/** Is the device asked on its link to answer for this address? Null: it is silent. */
export function answerOf(device: Device, question: Question): Answer | null {
  const { address } = question;
  if (familyOf(address) === 'IPv6')
    return device.addresses.some((a) => a.address === address) || isAnycastOn(device, address) ? FOR_ITSELF : null;
  if (isLocalAddress(device.netns, address)) return ignores(device, question) ? null : FOR_ITSELF;
  return proxied(device, question);
}

/** Does a setting keep the device from answering for an address of its machine (for those that it stands for, none does)? arp_ignore comes first, then arp_filter. */
export const ignores = (device: Device, question: Question): boolean =>
  familyOf(question.address) === 'IPv4' &&
  isLocalAddress(device.netns, question.address) &&
  (isIgnored(device, question) || isFiltered(device, question));

function isIgnored(device: Device, { address, sender }: Question): boolean {
  const own = device.addresses.find((a) => a.address === address);
  switch (arpIgnore(device.netns.sysctls, device.name).value) {
    case 1:
      return own === undefined;
    case 2:
      return own === undefined || (sender !== null && !contains(own.prefix, sender));
    case 3:
      return ![...device.netns.devices.values()].some((d) => d.addresses.some((a) => a.address === address && isOfOthers(a, d)));
    case 8:
      return true;
    default:
      return false;
  }
}

/** confirm_addr_indev: an address of the machine alone is one like any other where 127.0.0.0/8 may be routed. */
const isOfOthers = ({ address, scope }: InterfaceAddress, { netns, name }: Device) =>
  (scope !== 'host' && !isLoopback(address)) || routeLocalnet(netns.sysctls, name).value !== 0;

/** arp_filter: an answer to the sender would leave by another device. */
function isFiltered({ netns, name }: Device, { address, sender }: Question): boolean {
  if (sender === null || arpFilter(netns.sysctls, name).value === 0) return false;
  const back = lookUp(netns, { destination: sender, source: address, iif: null, mark: 0 });
  return back.route === null || back.nextHops[0]?.device !== name;
}

/** arp_fwd_proxy: for what the machine would send on, by another device than the one that it is asked on. */
function proxied(device: Device, { address, sender }: Question): Answer | null {
  const { netns, name } = device;
  if (sender === null || proxyArp(netns.sysctls, name).value === 0 || forwarding(netns.sysctls, name).value === 0) return null;
  const match = lookUp(netns, { destination: address, source: sender, iif: name, mark: 0 });
  if (match.route === null || match.route.type !== 'unicast') return null;
  const output = netns.devices.get(match.nextHops[0]?.device ?? '');
  return output === undefined || output === device ? null : { output };
}

/** Why a device does not answer that would, but for a setting or for want of a route; null: nothing says that it should. */
export function whySilent(device: Device, question: Question): { readonly silent: Silent; readonly origin: Origin } | null {
  const { netns, name } = device;
  const because = (why: Silent['why'], origin: Origin) => ({ silent: { why, netns: netns.name, device: name }, origin });
  if (familyOf(question.address) === 'IPv6') return null;
  if (isLocalAddress(netns, question.address))
    return isIgnored(device, question)
      ? because('arp_ignore', arpIgnore(netns.sysctls, name).origin)
      : because('arp_filter', arpFilter(netns.sysctls, name).origin);
  const proxy = proxyArp(netns.sysctls, name);
  if (proxy.value === 0) return proxy.origin.evidence === 'declared' ? because('proxy_arp', proxy.origin) : null;
  const forwards = forwarding(netns.sysctls, name);
  return forwards.value === 0 ? because('forwarding', forwards.origin) : because('no-way', netns.origin);
}
