import type { FoundAddress, FoundLink } from '../../datapath/found-state.ts';
import type { AddressScope } from '../../datapath/netns.ts';
import { parseAddress } from '../../net/address.ts';
import { type Mac, parseMac } from '../../net/mac.ts';
import { addressBits, prefixOf } from '../../net/prefix.ts';
import type { Origin } from '../../source/origin.ts';
import type { Entry } from './entry.ts';
import { tableNumber } from './tables.ts';

/**
 * A device of `ip link`, `ip addr` or `bridge link`; null: it has no name. Fields that it does not read are settings without effect on a
 * packet's way.
 */
export function readLink(entry: Entry, origin: Origin): FoundLink | null {
  const name = entry.word('ifname');
  if (name === null) return null;
  const flags = entry.words('flags');
  const state = entry.word('operstate');
  const info = entry.object('linkinfo');
  const [data, port] = [info?.object('info_data') ?? null, info?.object('info_slave_data') ?? null];
  const kind = info?.word('info_kind') ?? null;
  const link: FoundLink = {
    name,
    index: entry.number('ifindex'),
    kind,
    up: Array.isArray(entry.fields['flags']) ? flags.includes('UP') : isUp(state),
    carrier: carrierOf(flags, state),
    mtu: entry.number('mtu'),
    mac: macOf(entry),
    master: entry.word('master'),
    link: belowOf(entry),
    hairpin: entry.flag('hairpin') ?? port?.flag('hairpin') ?? null,
    isolated: entry.flag('isolated') ?? port?.flag('isolated') ?? null,
    vxlan: kind === 'vxlan' || kind === 'geneve' ? vxlanOf(data) : null,
    tunnel: data !== null && TUNNELS.includes(kind ?? '') ? { local: endOf(data, 'local'), remote: endOf(data, 'remote') } : null,
    vlan: kind === 'vlan' ? (data?.number('id') ?? null) : null,
    vrf: kind === 'vrf' ? tableOf(data) : null,
    origin,
  };
  for (const part of [data, port]) entry.wrong.push(...(part?.wrong ?? []));
  return link;
}

const TUNNELS = ['ipip', 'sit', 'gre', 'gretap', 'ip6gre', 'ip6gretap', 'ip6tnl', 'vti', 'vti6', 'erspan', 'ip6erspan'];

/** Null: unknown. DOWN (RFC 2863) is the state of a device without carrier as well as of one that was set down. */
const isUp = (state: string | null) => (state === null || state === 'DOWN' || state === 'NOTPRESENT' ? null : true);

function carrierOf(flags: readonly string[], state: string | null): boolean | null {
  if (flags.includes('LOWER_UP')) return true;
  if (flags.includes('NO-CARRIER')) return false;
  return state === 'UP' ? true : state === 'LOWERLAYERDOWN' ? false : null;
}

/** The MAC address. A tunnel has its local address in this field, and brief output has no type that would tell the two apart. */
function macOf(entry: Entry): Mac | null {
  const type = entry.word('link_type');
  if (type === 'ether') return entry.mac('address');
  const mac = type === null ? parseMac(entry.word('address') ?? '') : null;
  return mac === '00:00:00:00:00:00' ? null : mac;
}

/** Is the entry of `bridge link`? It prints the state of a port, in lower case. */
const isOfBridge = ({ fields }: Entry) => 'state' in fields || /^[a-z]/.test(String(fields['operstate'] ?? ''));

/** The device below: `@if2` is its index, `@eth0` its name. */
function belowOf(entry: Entry): FoundLink['link'] {
  // `bridge link` looks up the index among the node's devices even where it is of another namespace, so that its name may be wrong.
  if (isOfBridge(entry)) return null;
  const [index, name, id] = [entry.number('link_index'), entry.word('link'), entry.word('link_netns') ?? entry.word('link_netnsid')];
  if (index === null && name === null && id === null) return null;
  return { index, name, netnsid: id === null ? null : /^\d+$/.test(id) ? Number(id) : id };
}

function vxlanOf(data: Entry | null): FoundLink['vxlan'] {
  if (data === null) return { vni: null, port: null, local: null, remote: null, learning: null };
  const isExternal = data.flag('external') === true;
  return {
    vni: isExternal ? null : data.number('id'),
    port: data.number('port') ?? data.number('dstport'),
    local: endOf(data, 'local') ?? endOf(data, 'local6'),
    remote: endOf(data, 'remote') ?? endOf(data, 'remote6') ?? endOf(data, 'group') ?? endOf(data, 'group6'),
    learning: data.flag('learning'),
  };
}

/** An end of a tunnel. Null: any address, which JSON has as zeros or leaves out. */
function endOf(data: Entry, key: string) {
  const word = data.word(key);
  if (word === null || word === 'any' || word === '0.0.0.0' || word === '::') return null;
  const address = parseAddress(word);
  if (address === null) data.wrong.push(`${key} "${word}" is no address`);
  return address;
}

function tableOf(data: Entry | null): number | null {
  const table = data?.word('table') ?? null;
  return table === null ? null : tableNumber(table);
}

const FLAGS = [
  'secondary',
  'temporary',
  'dynamic',
  'deprecated',
  'tentative',
  'dadfailed',
  'optimistic',
  'noprefixroute',
  'nodad',
  'home',
  'mngtmpaddr',
  'autojoin',
  'stable-privacy',
  'permanent',
  'proxy',
];

const WITHOUT_EFFECT = [
  'family',
  'index',
  'label',
  'broadcast',
  'anycast',
  'valid_life_time',
  'preferred_life_time',
  'protocol',
  'metric',
  'netnsid',
];

/** Null: others may know the address. */
const scopeOf = (word: string | null): AddressScope | null => (word === 'host' || word === 'link' ? word : null);

/** An address of a device, from an object of `addr_info`; null: it lacks the address itself. */
export function readFoundAddress(entry: Entry, device: string, origin: Origin): FoundAddress | null {
  const [address, peer, length] = [entry.address('local'), entry.address('address'), entry.number('prefixlen')];
  const flags = FLAGS.filter((flag) => entry.has(flag));
  const scope = scopeOf(entry.word('scope'));
  entry.leave(WITHOUT_EFFECT);
  if (address === null) {
    entry.wrong.push('no address');
    return null;
  }
  const most = addressBits(address);
  if (length !== null && length > most) entry.wrong.push(`a prefix of ${length} bits`);
  return {
    device,
    address,
    prefix: prefixOf(peer ?? address, Math.min(length ?? most, most)),
    peer,
    flags,
    ...(scope === null ? {} : { scope }),
    origin,
  };
}
