import type { FoundFdbEntry, FoundNeighbour } from '../../datapath/found-state.ts';
import type { Origin } from '../../source/origin.ts';
import type { Entry, Fields } from './entry.ts';
import { wordFields } from './word-fields.ts';

const STATES = ['INCOMPLETE', 'REACHABLE', 'STALE', 'DELAY', 'PROBE', 'FAILED', 'NOARP', 'PERMANENT', 'NONE'];

/** `proxy`: the node answers for this address (proxy ARP, or proxy NDP). */
const NEIGHBOUR_LINE = new RegExp(`^\\S+ (?:dev|lladdr) \\S+ .*?(?:${STATES.join('|')}|proxy)(?: (?:proto|protocol) \\S+)?$`);

export const isNeighbourLine = (line: string): boolean => NEIGHBOUR_LINE.test(line.trimEnd());

/** Fields without effect on a packet's way: the entry's maker, its age, and whether it is a router. */
const WITHOUT_EFFECT = [
  'router',
  'extern_learn',
  'offload',
  'managed',
  'used',
  'confirmed',
  'updated',
  'probes',
  'refcnt',
  'protocol',
  'vni',
];

/** An entry of `ip neigh`; null: it lacks its address or its device. */
export function readNeighbour(entry: Entry, origin: Origin): FoundNeighbour | null {
  const [address, device, lladdr] = [entry.address('dst'), entry.word('dev'), lladdrOf(entry)];
  const states = entry.words('state');
  const state = entry.has('proxy') ? 'PROXY' : (states[0] ?? 'NONE');
  entry.leave(WITHOUT_EFFECT);
  if (!STATES.includes(state) && state !== 'PROXY') entry.wrong.push(`unknown state "${state}"`);
  return address === null || device === null ? null : { address, device, lladdr, state, origin };
}

/** The MAC address. A device without frames, as of ipip, has an IP address in this field. */
function lladdrOf(entry: Entry): FoundNeighbour['lladdr'] {
  const word = entry.fields['lladdr'];
  if (typeof word === 'string' && /^(\d+\.){3}\d+$/.test(word)) {
    entry.leave(['lladdr']);
    return null;
  }
  return entry.mac('lladdr');
}

/** `10.244.1.0 dev flannel.1 lladdr 02:… PERMANENT` in the fields of `ip -j neigh`. */
export function neighbourFields(line: string): Fields {
  const [dst, ...words] = line
    .trim()
    .replace(/(\d)probes /, '$1 probes ')
    .split(/\s+/);
  return { dst, ...wordFields(words, NEIGHBOUR_VALUES, (word) => (STATES.includes(word) ? { state: [word] } : null)) };
}

const NEIGHBOUR_VALUES: Readonly<Record<string, string>> = {
  dev: 'dev',
  lladdr: 'lladdr',
  ref: 'refcnt',
  used: 'used',
  probes: 'probes',
  proto: 'protocol',
  vni: 'vni',
};

const FDB_LINE = /^[0-9a-f]{2}(:[0-9a-f]{2}){5}\s/i;

export const isFdbLine = (line: string): boolean => FDB_LINE.test(line);

/**
 * Fields without effect. An entry with a port, a VNI or a next-hop group of its own (`port`, `vni`, `nhid`) is not understood, because its
 * frames leave in another way than the device's others.
 */
const FDB_WITHOUT_EFFECT = [
  'flags',
  'used',
  'updated',
  'offload',
  'extern_learn',
  'self',
  'sticky',
  'viaIf',
  'link_netnsid',
  'linkNetNsId',
  'activity_notify',
  'inactive',
];

/**
 * An entry of `bridge fdb`; null: it lacks its MAC address or its device. `asked`: the device of the command, which is not printed then.
 */
export function readFdbEntry(entry: Entry, asked: string | null, origin: Origin): FoundFdbEntry | null {
  const [lladdr, device, dst] = [entry.mac('mac'), entry.word('ifname') ?? asked, entry.address('dst')];
  const [master, vlan, state] = [entry.word('master'), entry.number('vlan'), entry.word('state') ?? ''];
  entry.leave(FDB_WITHOUT_EFFECT);
  if (!['', 'permanent', 'static', 'stale', 'noarp'].includes(state)) entry.wrong.push(`unknown state "${state}"`);
  return lladdr === null || device === null ? null : { lladdr, device, dst, master, vlan, permanent: state === 'permanent', origin };
}

const FDB_VALUES: Readonly<Record<string, string>> = {
  dev: 'ifname',
  dst: 'dst',
  vlan: 'vlan',
  port: 'port',
  vni: 'vni',
  src_vni: 'src_vni',
  via: 'viaIf',
  nhid: 'nhid',
  used: 'used',
  master: 'master',
  'link-netnsid': 'linkNetNsId',
};

const FDB_STATES = ['permanent', 'static', 'stale'];

/** `02:… dev flannel.1 dst 192.168.0.2 self permanent` in the fields of `bridge -j fdb`. */
export function fdbFields(line: string): Fields {
  const [mac, ...words] = line.trim().split(/\s+/);
  return { mac, ...wordFields(words, FDB_VALUES, (word) => (FDB_STATES.includes(word) ? { state: word } : null)) };
}
