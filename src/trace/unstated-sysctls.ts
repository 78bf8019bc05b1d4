import { compile } from '../compile/index.ts';
import type { Netns } from '../datapath/netns.ts';
import { FORWARDING, type Sysctl, type Sysctls } from '../datapath/sysctl.ts';
import type { Assumption } from '../diagnose/assumption.ts';
import { endOf } from '../diagnose/order-note.ts';
import { walksOf } from '../diagnose/walks.ts';
import type { Cluster } from '../k8s/cluster.ts';
import type { Network } from '../k8s/compiled-network.ts';
import type { Node } from '../k8s/node.ts';
import { isLoopback } from '../net/address.ts';
import { packetFamily } from '../net/packet.ts';
import { assumed } from '../source/origin.ts';
import { areAlike } from '../walk/both-ways.ts';
import type { FlowPath } from '../walk/flow-path.ts';

/** A setting of the kernel, what is taken for it where nothing gives it, and what it may be as well. */
interface Setting {
  /** The sysctls that give it for a device. */
  readonly names: (device: string) => readonly string[];
  /** Does one of them say it, or does the greater of them count? */
  readonly counts: 'one' | 'greater';
  readonly taken: number;
  readonly others: readonly number[];
  /** May a packet of such a walk have met it? */
  readonly isAsked: (met: Met) => boolean;
}

/** What packets did on the machine. */
interface Met {
  /** The devices that they came in by. */
  readonly entered: readonly string[];
  readonly isIpv6: boolean;
  readonly isLoopback: boolean;
}

const ofDevices = (key: string, others: readonly number[]): Omit<Setting, 'isAsked'> => ({
  names: (device) => [`net.ipv4.conf.all.${key}`, `net.ipv4.conf.${device}.${key}`],
  counts: 'greater',
  taken: 0,
  others,
});

const enters = ({ isIpv6, entered }: Met) => !isIpv6 && entered.length > 0;

const SETTINGS: readonly Setting[] = [
  {
    names: (device) => [FORWARDING.IPv4, 'net.ipv4.conf.all.forwarding', `net.ipv4.conf.${device}.forwarding`],
    counts: 'one',
    taken: 1,
    others: [0],
    isAsked: enters,
  },
  { names: () => [FORWARDING.IPv6], counts: 'one', taken: 1, others: [0], isAsked: ({ isIpv6, entered }) => isIpv6 && entered.length > 0 },
  { ...ofDevices('rp_filter', [1, 2]), isAsked: enters },
  { ...ofDevices('accept_local', [1]), isAsked: enters },
  { ...ofDevices('route_localnet', [1]), isAsked: (met) => !met.isIpv6 && met.isLoopback },
];

/**
 * Of a machine of which nothing is known but its state, what is taken for settings that nobody gave, where the answer hangs on it: the same is
 * asked of a machine that has another value.
 */
export function unstatedSysctls(
  { cluster, datapath }: Network,
  paths: readonly FlowPath[],
  ask: (network: Network) => readonly FlowPath[],
): readonly Assumption[] {
  const [node] = cluster.nodes.values();
  const netns = node === undefined ? undefined : datapath.netns(node.name);
  if (cluster.oneMachine === null || node === undefined || node.found === null || netns === undefined) return [];
  const { sysctls } = node.found;
  const met = metOn(netns, paths);
  return SETTINGS.flatMap((setting): readonly Assumption[] => {
    const [first] = setting.isAsked(met) ? missing(setting, sysctls, met.entered) : [];
    if (first === undefined) return [];
    const names = missing(setting, sysctls, [...netns.devices.keys()]);
    const unlike = setting.others.flatMap((value) => {
      const otherwise = ask(withSysctls(cluster, node, names, value));
      return areAlike(paths, otherwise) ? [] : [`with ${value} the connection would be ${ends(otherwise)}`];
    });
    if (unlike.length === 0) return [];
    const message = `nothing that was given of ${node.name} has ${first}, which is taken to be ${setting.taken}; ${unlike.join(', ')} (sysctl ${first} tells)`;
    return [{ message, locus: null }];
  });
}

const ends = (paths: readonly FlowPath[]): string => [...new Set(paths.map(endOf))].join(' or ');

/** The sysctls that were not given, and that a setting of some devices hangs on. */
function missing({ names, counts, others }: Setting, sysctls: Sysctls, devices: readonly string[]): readonly string[] {
  const isDecided = (name: string) => (counts === 'one' ? sysctls.has(name) : (sysctls.get(name)?.value ?? -1) >= Math.max(...others));
  const open = devices.filter((device) => !names(device).some(isDecided));
  return [...new Set(open.flatMap((device) => names(device).filter((name) => !sysctls.has(name))))];
}

function metOn(netns: Netns, paths: readonly FlowPath[]): Met {
  const hops = paths.flatMap((path) => walksOf(path).flatMap(({ walk }) => walk.hops.filter((h) => h.netns === netns.name)));
  const entered = hops.flatMap((h) =>
    h.kind === 'interface' && h.direction === 'in' && h.device !== null && h.device !== 'lo' ? [h.device] : [],
  );
  return {
    entered,
    isIpv6: hops.some((h) => packetFamily(h.packet) === 'IPv6'),
    isLoopback: hops.some(({ packet: { source, destination } }) => isLoopback(source) || isLoopback(destination)),
  };
}

function withSysctls(cluster: Cluster, node: Node, names: readonly string[], value: number): Network {
  const { found } = node;
  if (found === null) throw new Error('the machine has a state');
  const set = names.map((name): [string, Sysctl] => [name, { value, origin: assumed(null) }]);
  const other: Node = { ...node, found: { ...found, sysctls: new Map([...found.sysctls, ...set]) } };
  const changed: Cluster = { ...cluster, nodes: new Map([[node.name, other]]) };
  return { cluster: changed, datapath: compile(changed) };
}
