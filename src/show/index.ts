import { type RoutingRule, routesOf, selectorText } from '../datapath/fib.ts';
import { fdbOf, neighboursOf } from '../datapath/link-tables.ts';
import { iptablesSave, judgesApart, POLICIES_APART } from '../datapath/netfilter/iptables-save.ts';
import { ipvsSave } from '../datapath/netfilter/ipvs-save.ts';
import { nftList, nftTables } from '../datapath/netfilter/nft-list.ts';
import type { Ruleset } from '../datapath/netfilter/ruleset.ts';
import { untoldText } from '../datapath/netfilter/untold.ts';
import type { Datapath, Device, Netns, Socket, Vxlan } from '../datapath/netns.ts';
import { actionText } from '../datapath/routing-rule.ts';
import { isDeciding } from '../datapath/sysctl.ts';
import { tableName } from '../hop/describe.ts';
import type { Cluster } from '../k8s/cluster.ts';
import { netnsOf } from '../k8s/pod.ts';
import { bracketed, formatAddress, UNSPECIFIED } from '../net/address.ts';
import { formatPrefix } from '../net/prefix.ts';
import type { ListView, Overview } from './cluster.ts';
import { type ServiceView, showService } from './service.ts';

/** A compiled namespace, for looking at: plain data, the same for every format. */
export interface NetnsView {
  readonly kind: 'Node' | 'Pod';
  readonly name: string;
  readonly node: string;
  readonly devices: readonly DeviceView[];
  readonly rules: readonly { readonly priority: number; readonly selector: string; readonly table: string }[];
  readonly routes: readonly { readonly table: string; readonly route: string; readonly evidence: string }[];
  /** Those that are written down. `lladdr`: null where nobody answers, or an entry is lost. */
  readonly neighbours: readonly {
    readonly address: string;
    readonly device: string;
    readonly state: string;
    readonly lladdr: string | null;
    readonly evidence: string;
  }[];
  /** The forwarding tables of VXLAN devices; `dst`: null where an entry is lost. */
  readonly fdb: readonly { readonly device: string; readonly lladdr: string; readonly dst: string | null; readonly evidence: string }[];
  readonly sysctls: readonly { readonly name: string; readonly value: number; readonly evidence: string }[];
  readonly sockets: readonly { readonly process: string; readonly listens: string }[];
  /** As iptables-save and ip6tables-save print them; null: not asked for. */
  readonly ruleset: string | null;
  readonly ip6Ruleset: string | null;
  /** As `nft list ruleset` prints its tables, those of iptables left out. */
  readonly nftRuleset: string | null;
  /** As ipvsadm --save prints the virtual servers. */
  readonly ipvs: string | null;
}

export interface DeviceView {
  readonly name: string;
  readonly kind: Device['kind'];
  readonly addresses: readonly string[];
  readonly mtu: number;
  readonly up: boolean;
  readonly details: string;
}

/** The table that a rule looks up, or what else it does. */
const doingOf = (rule: RoutingRule): string =>
  rule.action === undefined && rule.suppressPrefixLength === undefined ? tableName(rule.table) : actionText(rule, tableName);

function showNetns(netns: Netns, kind: NetnsView['kind'], withRules: boolean): NetnsView {
  return {
    kind,
    name: netns.name,
    node: netns.node,
    devices: [...netns.devices.values()].map(deviceView),
    rules: rulesOf(netns),
    routes: [...netns.tables.values()]
      .filter((t) => tableName(t.id) !== 'local')
      .flatMap((fib) => [...routesOf(fib)].map((r) => ({ table: tableName(fib.id), route: routeText(r), evidence: r.origin.evidence }))),
    neighbours: [...netns.neighbours.filter((n) => n.state === 'absent'), ...neighboursOf(netns)].map((n) => ({
      address: formatAddress(n.address),
      device: n.device,
      state: n.state,
      lladdr: n.state === 'permanent' ? n.lladdr : null,
      evidence: n.origin.evidence,
    })),
    fdb: [...netns.devices.values()].flatMap((d) => (d.kind === 'vxlan' ? forwardingTable(d) : [])),
    sysctls: [...netns.sysctls].map(([name, s]) => ({ name, value: s.value, evidence: s.origin.evidence })),
    sockets: netns.sockets.map((s) => ({
      process: s.process,
      listens: s.port === null ? anyOf(s) : `${addressOf(s)}:${s.port}/${s.protocol ?? 'any'}`,
    })),
    ruleset: withRules ? saved(netns.rulesets.IPv4) : null,
    ip6Ruleset: withRules ? saved(netns.rulesets.IPv6) : null,
    nftRuleset: withRules ? nftList(nftTables(netns.rulesets)) : null,
    ipvs: withRules
      ? Object.values(netns.rulesets)
          .flatMap((r) => (r.ipvs === undefined ? [] : ipvsSave(r.ipvs)))
          .join('')
      : null,
  };
}

/** Without the sysctls that nothing here hangs on: `sysctl -a` has a thousand. */
export const briefly = (view: View): View =>
  view.kind === 'Node' || view.kind === 'Pod' ? { ...view, sysctls: view.sysctls.filter((s) => isDeciding(s.name)) } : view;

function saved(ruleset: Ruleset): string {
  const text = iptablesSave(ruleset);
  return text !== '' && judgesApart(ruleset) ? `${POLICIES_APART}\n${text}` : text;
}

const anyOf = ({ protocol }: Socket): string => (protocol === null ? 'anything' : `any port of ${protocol}`);

/** Those of both families that are alike are shown once; one that is of one family says so. */
function rulesOf({ rules }: Netns): NetnsView['rules'] {
  const views = rules.map((r) => ({ family: familyOfRule(r), priority: r.priority, selector: selectorText(r), table: doingOf(r) }));
  const keys = views.map(({ priority, selector, table }) => JSON.stringify([priority, selector, table]));
  return views.flatMap(({ family, ...view }, i) => {
    if (keys.indexOf(keys[i] ?? '') !== i) return [];
    const isOfOne = family !== null && views.every((v, j) => keys[j] !== keys[i] || v.family === family);
    return isOfOne ? { ...view, selector: `${view.selector} (${family})` } : view;
  });
}

/** Null: of both, or its addresses say it. */
const familyOfRule = ({ family, from, to }: RoutingRule) => (from === null && to === null ? (family ?? null) : null);

const forwardingTable = (device: Vxlan): NetnsView['fdb'] =>
  [...[...device.fdb.values()].filter((e) => e.dst === null), ...fdbOf(device)].map(({ lladdr, dst, origin }) => ({
    device: device.name,
    lladdr,
    dst: dst === null ? null : formatAddress(dst),
    evidence: origin.evidence,
  }));

function addressOf({ address, family }: Socket): string {
  if (address !== null) return bracketed(address);
  return family === undefined ? '*' : formatAddress(UNSPECIFIED[family]);
}

function deviceView(d: Device): DeviceView {
  return {
    name: d.name,
    kind: d.kind,
    addresses: d.addresses.map((a) => `${formatAddress(a.address)}/${a.prefix.length}`),
    mtu: d.mtu,
    up: d.down === null,
    details: details(d),
  };
}

function details(d: Device): string {
  switch (d.kind) {
    case 'loopback':
      return '';
    case 'nic':
      return `on ${d.segment.name}`;
    case 'bridge':
      return `ports ${d.ports.map((p) => p.name).join(', ') || 'none'}`;
    case 'veth': {
      const peer = d.peer === null ? '' : `peer ${d.peer.name} of ${d.peer.netns.name}`;
      return d.master === null ? peer : `${peer}, port of ${d.master.name}, hairpin ${d.hairpin ? 'on' : 'off'}`;
    }
    case 'dummy':
      return '';
    case 'opaque':
      return d.type === null ? 'leads nobody knows where' : `${d.type}, leads nobody knows where`;
    case 'vxlan':
      return `VNI ${d.vni}, UDP port ${d.port}, from ${formatAddress(d.local)}, MAC address ${d.mac}`;
    case 'ipip':
      return d.local === null ? '' : `from ${formatAddress(d.local)}`;
  }
}

type AnyRoute = ReturnType<typeof routesOf> extends Iterable<infer R> ? R : never;

/** As `ip route` has it. */
function routeText(r: AnyRoute): string {
  if (r.untold !== undefined) return untoldText(r.untold);
  const to = r.prefix.length === 0 ? 'default' : formatPrefix(r.prefix);
  const hops = r.nextHops.map(
    (n) =>
      `${n.via === null ? '' : ` via ${formatAddress(n.via)}`} dev ${n.device}${r.nextHops.length > 1 ? ` weight ${n.weight}` : ''}${n.onlink === true ? ' onlink' : ''}`,
  );
  const type = r.type === 'unicast' ? '' : `${r.type} `;
  const source = r.source === null ? '' : ` src ${formatAddress(r.source)}`;
  return `${type}${to}${hops.join(hops.length > 1 ? ' nexthop' : '')}${source}${r.metric === 0 ? '' : ` metric ${r.metric}`}${mtuText(r)}`;
}

const mtuText = ({ mtu }: AnyRoute): string => (mtu === undefined ? '' : ` mtu ${mtu.isLocked ? 'lock ' : ''}${mtu.bytes}`);

export type View = NetnsView | ServiceView | Overview | ListView;

/** A namespace or a service by its name. */
export function viewOf(
  cluster: Cluster,
  datapath: Datapath,
  kind: 'node' | 'pod' | 'service',
  name: string,
  withRules: boolean,
): View | null {
  if (kind === 'service') return showService(cluster, datapath, name);
  const pod = kind === 'pod' ? cluster.pods.get(name) : undefined;
  const where = pod === undefined ? name : netnsOf(pod);
  const netns = pod !== undefined || (kind === 'node' && cluster.nodes.has(name)) ? datapath.netns(where) : undefined;
  return netns === undefined ? null : showNetns(netns, kind === 'node' ? 'Node' : 'Pod', withRules);
}
