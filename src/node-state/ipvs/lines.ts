import type { Served } from '../../datapath/netfilter/virtual-server.ts';
import { familyOf, type IpAddress, type IpFamily, parseAddress } from '../../net/address.ts';
import { parsePort } from '../../net/port.ts';

/** The content of a line of ipvsadm. */
export type Stated =
  | { readonly kind: 'server'; readonly served: Served; readonly scheduler: string; readonly persistent: string | null }
  /** `served` null: the virtual server is that of the line before. */
  | {
      readonly kind: 'destination';
      readonly served: Served | null;
      readonly address: IpAddress;
      readonly port: number;
      readonly forwarding: 'masquerade' | 'route' | 'tunnel';
      readonly weight: number;
    };

/** A text: the reason why the line is not understood. */
export type Line = Stated | string;

const SERVICES: Readonly<Record<string, 'tcp' | 'udp' | 'sctp'>> = {
  '-t': 'tcp',
  '--tcp-service': 'tcp',
  '-u': 'udp',
  '--udp-service': 'udp',
  '--sctp-service': 'sctp',
};

const FORWARDING: Readonly<Record<string, 'masquerade' | 'route' | 'tunnel'>> = {
  '-m': 'masquerade',
  '--masquerading': 'masquerade',
  '-g': 'route',
  '--gatewaying': 'route',
  '-i': 'tunnel',
  '--ipip': 'tunnel',
};

/**
 * Options without effect on a packet's way, and the number of words after each: thresholds, persistence masks, flags of schedulers, kinds
 * of tunnels.
 */
const OTHERS: Readonly<Record<string, 0 | 1>> = {
  '-M': 1,
  '--netmask': 1,
  '-b': 1,
  '--sched-flags': 1,
  '--pe': 1,
  '-o': 0,
  '--ops': 0,
  '-x': 1,
  '--u-threshold': 1,
  '-y': 1,
  '--l-threshold': 1,
  '--tun-type': 1,
  '--tun-port': 1,
  '--tun-nocsum': 0,
  '--tun-csum': 0,
  '--tun-remcsum': 0,
  '-6': 0,
};

/** Reads a line of `ipvsadm -Sn`: `-A -t 10.96.0.1:443 -s rr`, `-a -t 10.96.0.1:443 -r 172.18.0.2:6443 -m -w 1`. */
export function savedLine(words: readonly string[]): Line {
  const [command, ...rest] = words;
  const isServer = command === '-A' || command === '--add-service';
  if (!isServer && command !== '-a' && command !== '--add-server') return `"${command ?? ''}" is neither -A nor -a`;
  const found = new Map<string, string>();
  for (let i = 0; i < rest.length; i++) {
    const option = rest[i] ?? '';
    if (Object.hasOwn(FORWARDING, option)) found.set('forwarding', option);
    else if (Object.hasOwn(SERVICES, option)) found.set('protocol', option).set('service', rest[++i] ?? '');
    else if (Object.hasOwn(VALUES, option)) {
      const next = rest[i + 1];
      const isThere = next !== undefined && !next.startsWith('-');
      found.set(VALUES[option] ?? option, isThere ? next : '');
      if (isThere) i++;
    } else if (Object.hasOwn(OTHERS, option)) {
      found.set(option, '');
      i += OTHERS[option] ?? 0;
    } else return `unknown option "${option}"`;
  }
  const served = servedOf(found);
  if (typeof served === 'string') return served;
  if (isServer) return { kind: 'server', served, scheduler: found.get('scheduler') ?? 'wlc', persistent: found.get('persistent') ?? null };
  return destinationOf(
    served,
    found.get('destination') ?? '',
    FORWARDING[found.get('forwarding') ?? '-g'] ?? 'route',
    found.get('weight') ?? '1',
  );
}

const VALUES: Readonly<Record<string, string>> = {
  '-f': 'mark',
  '--fwmark-service': 'mark',
  '-s': 'scheduler',
  '--scheduler': 'scheduler',
  '-p': 'persistent',
  '--persistent': 'persistent',
  '-r': 'destination',
  '--real-server': 'destination',
  '-w': 'weight',
  '--weight': 'weight',
};

function servedOf(found: ReadonlyMap<string, string>): Served | string {
  const mark = found.get('mark');
  if (mark !== undefined) return markOf(mark, found.has('-6') ? 'IPv6' : 'IPv4');
  const protocol = SERVICES[found.get('protocol') ?? ''];
  return protocol === undefined ? 'a virtual server has an address or a mark' : addressOf(protocol, found.get('service') ?? '');
}

function markOf(text: string, family: IpFamily): Served | string {
  const mark = Number(text);
  return /^\d{1,10}$/.test(text) && mark <= 0xffffffff ? { kind: 'mark', mark, family } : `"${text}" is not a mark`;
}

function addressOf(protocol: 'tcp' | 'udp' | 'sctp', text: string): Served | string {
  const endpoint = endpointOf(text);
  return endpoint === null ? `"${text}" is not ADDRESS:PORT (ipvsadm -n has numbers)` : { kind: 'address', protocol, ...endpoint };
}

function destinationOf(served: Served | null, text: string, forwarding: 'masquerade' | 'route' | 'tunnel', weight: string): Line {
  const endpoint = endpointOf(text);
  if (endpoint === null) return `"${text}" is not ADDRESS:PORT (ipvsadm -n has numbers)`;
  if (!/^\d{1,10}$/.test(weight)) return `"${weight}" is not a weight`;
  return { kind: 'destination', served, ...endpoint, forwarding, weight: Number(weight) };
}

function endpointOf(text: string): { readonly address: IpAddress; readonly port: number } | null {
  const [, bracketed, plain, digits] = /^(?:\[([^\]]*)\]|([^:[\]]*)):(\d+)$/.exec(text) ?? [];
  const address = parseAddress(bracketed ?? plain ?? '');
  const port = parsePort(digits ?? '');
  return address === null || port === null || (familyOf(address) === 'IPv6') !== (bracketed !== undefined) ? null : { address, port };
}

const LISTED: Readonly<Record<string, 'tcp' | 'udp' | 'sctp'>> = { TCP: 'tcp', UDP: 'udp', SCTP: 'sctp' };
const FORWARD: Readonly<Record<string, 'masquerade' | 'route' | 'tunnel'>> = {
  Masq: 'masquerade',
  Route: 'route',
  Tunnel: 'tunnel',
  Local: 'route',
};

/** Reads a line of `ipvsadm -Ln`: `TCP  10.96.0.1:443 rr persistent 10800`, `  -> 172.18.0.2:6443  Masq  1  0  0`; null: a heading. */
export function listedLine(words: readonly string[]): Line | null {
  const [first = '', second = '', third = '', fourth = ''] = words;
  if (first === 'Prot' || (first === 'IP' && second === 'Virtual')) return null;
  if (first === '->') {
    if (second === 'RemoteAddress:Port') return null;
    const forwarding = Object.hasOwn(FORWARD, third) ? FORWARD[third] : undefined;
    return forwarding === undefined ? `"${third}" is no way to forward` : destinationOf(null, second, forwarding, fourth);
  }
  const isIpv6Mark = first === 'FWM' && third === 'IPv6';
  const scheduler = isIpv6Mark ? fourth : third;
  const at = words.indexOf('persistent');
  const persistent = at === -1 ? null : (words[at + 1] ?? '');
  const protocol = Object.hasOwn(LISTED, first) ? LISTED[first] : undefined;
  if (first !== 'FWM' && protocol === undefined) return `"${first}" is no protocol of a virtual server`;
  const served = protocol === undefined ? markOf(second, isIpv6Mark ? 'IPv6' : 'IPv4') : addressOf(protocol, second);
  return typeof served === 'string' ? served : { kind: 'server', served, scheduler, persistent };
}
