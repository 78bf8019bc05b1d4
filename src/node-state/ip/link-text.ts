import type { Fields } from './entry.ts';

/** A line below a device's first one, and its index. */
export interface Detail {
  readonly line: number;
  readonly text: string;
}

export const LINK_LINE = /^(\d+): (\S+): <([^>]*)>(.*)$/;

/** `3: veth1@if2: <BROADCAST,UP> mtu 1500 …` in the fields of `ip -j link`. */
export function linkFields(line: string): Record<string, unknown> {
  const [, index, name = '', flags = '', rest = ''] = LINK_LINE.exec(line) ?? [];
  return { ifindex: index, ...named(name), flags: flags.split(',').filter((f) => f !== ''), ...pairs(rest, HEADER) };
}

const HEADER: Readonly<Record<string, string>> = { mtu: 'mtu', master: 'master', state: 'operstate', group: 'group' };

/** `veth1@if2`: the index of the lower device, which is in another namespace; `eth0.5@eth0`: its name; `@NONE`: there is none. */
function named(name: string): Fields {
  const at = name.lastIndexOf('@');
  if (at <= 0) return { ifname: name };
  const [ifname, below] = [name.slice(0, at), name.slice(at + 1)];
  const index = /^if(\d+)$/.exec(below)?.[1];
  return index !== undefined ? { ifname, link_index: index } : below === 'NONE' ? { ifname } : { ifname, link: below };
}

/** The wanted words of a text as fields, each with the word after it as its value. */
function pairs(text: string, wanted: Readonly<Record<string, string>>): Fields {
  const words = text.trim().split(/\s+/);
  const fields: Record<string, unknown> = {};
  words.forEach((word, i) => {
    const key = Object.hasOwn(wanted, word) ? wanted[word] : undefined;
    const value = words[i + 1];
    if (key !== undefined && value !== undefined && fields[key] === undefined) fields[key] = value;
  });
  return fields;
}

const KINDS = [
  ...[
    'bridge',
    'veth',
    'vxlan',
    'geneve',
    'dummy',
    'ifb',
    'vlan',
    'macvlan',
    'macvtap',
    'ipvlan',
    'ipvtap',
    'vrf',
    'bond',
    'team',
    'tun',
    'wireguard',
  ],
  ...[
    'ipip',
    'sit',
    'gre',
    'gretap',
    'ip6gre',
    'ip6gretap',
    'ip6tnl',
    'vti',
    'vti6',
    'erspan',
    'ip6erspan',
    'xfrm',
    'nlmon',
    'netkit',
    'ppp',
    'macsec',
  ],
  ...[
    'openvswitch',
    'vsockmon',
    'vcan',
    'can',
    'hsr',
    'gtp',
    'bareudp',
    'batadv',
    'ipoib',
    'netdevsim',
    'amt',
    'wwan',
    'rmnet',
    'lowpan',
    'virt_wifi',
    'cake',
    'dsa',
  ],
];

/** Lines of a device without effect on a packet's way: counters, names, virtual functions, programs, lifetimes. */
const WITHOUT_EFFECT =
  /^(RX|TX|altname|alias|vf|valid_lft|prog\/|xdp|parentbus|link-netns|\d+\s+\d|\d+(\.\d+)?[KMGT]?\s|protodown|permaddr|offload)/;

const LINK_WORDS: Readonly<Record<string, string>> = { 'link-netnsid': 'link_netnsid', 'link-netns': 'link_netns' };
const PORT_WORDS: Readonly<Record<string, string>> = { hairpin: 'hairpin', isolated: 'isolated' };
const VXLAN_WORDS: Readonly<Record<string, string>> = { id: 'id', local: 'local', remote: 'remote', group: 'group', dstport: 'port' };

/** Reads a line of a device into the device's fields; returns the reason where it is not understood. */
export function addDetail(
  fields: Record<string, unknown>,
  detail: Detail,
  addresses: (fields: Fields, detail: Detail) => void,
): string | null {
  const text = detail.text.trim();
  const [first = '', second = ''] = text.split(/\s+/, 2);
  if (first.startsWith('link/')) {
    Object.assign(fields, { link_type: first.slice('link/'.length) }, pairs(text, LINK_WORDS));
    if (second.includes(':')) fields['address'] = second;
  } else if (first === 'inet' || first === 'inet6') addresses(addressFields(text), detail);
  else if (first.endsWith('_slave')) addInfo(fields, { info_slave_data: pairs(text, PORT_WORDS) });
  else if (first === 'hairpin') Object.assign(fields, pairs(text, PORT_WORDS));
  else if (KINDS.includes(first)) addInfo(fields, { info_kind: first, info_data: dataOf(first, text) });
  else if (!WITHOUT_EFFECT.test(text)) return `unknown word "${first}"`;
  return null;
}

function addInfo(fields: Record<string, unknown>, info: Fields): void {
  const { linkinfo } = fields;
  fields['linkinfo'] = typeof linkinfo === 'object' ? { ...linkinfo, ...info } : info;
}

function dataOf(kind: string, text: string): Fields {
  if (kind === 'vlan') return pairs(text, { id: 'id' });
  if (kind === 'vrf') return pairs(text, { table: 'table' });
  if (kind !== 'vxlan' && kind !== 'geneve') return pairs(text, { local: 'local', remote: 'remote' });
  const words = text.split(/\s+/);
  const learning = kind === 'geneve' ? {} : { learning: !words.includes('nolearning') };
  return { ...pairs(text, VXLAN_WORDS), ...learning, ...(words.includes('external') ? { external: true } : {}) };
}

const ADDRESS_VALUES: Readonly<Record<string, string>> = {
  brd: 'broadcast',
  scope: 'scope',
  any: 'anycast',
  proto: 'protocol',
  metric: 'metric',
  flags: 'protocol',
};

/** `inet 10.0.0.5 peer 10.0.0.6/32 scope global eth0` in the fields of an `addr_info`. An IPv4 address has its label as the last word. */
export function addressFields(text: string, hasLabel = true): Fields {
  const [family, own = '', ...words] = text.trim().split(/\s+/);
  const fields: Record<string, unknown> = { family };
  const [address, ownLength] = own.split('/');
  let length = ownLength;
  for (let i = 0; i < words.length; i++) {
    const word = words[i] ?? '';
    const key = Object.hasOwn(ADDRESS_VALUES, word) ? ADDRESS_VALUES[word] : undefined;
    if (word === 'peer') [fields['address'], length] = (words[++i] ?? '').split('/');
    else if (key !== undefined) fields[key] = words[++i] ?? '';
    else if (hasLabel && family === 'inet' && i === words.length - 1) fields['label'] = word;
    else fields[word] = true;
  }
  return { ...fields, local: address, ...(length === undefined ? {} : { prefixlen: length }) };
}

const BRIEF_LINE = /^(\S+)\s+(UNKNOWN|NOTPRESENT|DOWN|LOWERLAYERDOWN|TESTING|DORMANT|UP)(?:\s+(.*))?$/;

export const isBriefLine = (line: string): boolean => BRIEF_LINE.test(line);

/** `veth1@if2  UP  56:3a:… <BROADCAST,UP>`, or the same with addresses, in the fields of `ip -j -br`. */
export function briefFields(line: string): Fields {
  const [, name = '', operstate, rest = ''] = BRIEF_LINE.exec(line) ?? [];
  const words = rest
    .trim()
    .split(/\s+/)
    .filter((word) => word !== '');
  const flags = /<([^>]*)>$/.exec(words.at(-1) ?? '')?.[1];
  const fields: Fields = { ...named(name), operstate };
  if (flags !== undefined) {
    const address = words.length > 1 && words[0]?.includes(':') === true ? { address: words[0] } : {};
    return { ...fields, flags: flags.split(','), ...address };
  }
  const starts = words.flatMap((word, i) => (/[.:]/.test(word) && words[i - 1] !== 'peer' ? [i] : []));
  const addresses = starts.map(
    (start, i) => `${words[start]?.includes(':') === true ? 'inet6' : 'inet'} ${words.slice(start, starts[i + 1]).join(' ')}`,
  );
  return { ...fields, addr_info: addresses.map((address) => addressFields(address, false)) };
}
