import { compile } from '../../src/compile/index.ts';
import { routesOf } from '../../src/datapath/fib.ts';
import { type FoundLink, type FoundState, type FoundTable, NOTHING_FOUND } from '../../src/datapath/found-state.ts';
import { fdbOf, neighboursOf } from '../../src/datapath/link-tables.ts';
import { judgesApart } from '../../src/datapath/netfilter/iptables-save.ts';
import { nftTables } from '../../src/datapath/netfilter/nft-list.ts';
import type { IptablesTable, Ruleset } from '../../src/datapath/netfilter/ruleset.ts';
import type { Device, Netns } from '../../src/datapath/netns.ts';
import type { Network } from '../../src/index.ts';
import { familyOf, type IpFamily } from '../../src/net/address.ts';
import { declared, type Origin, type SourceDocument, wholeDocument } from '../../src/source/origin.ts';

/** The same network, with these states of its nodes. */
function withStates({ cluster }: Network, states: ReadonlyMap<string, FoundState>): Network {
  const nodes = new Map([...cluster.nodes].map(([name, node]) => [name, { ...node, found: states.get(name) ?? null }]));
  const changed = { ...cluster, nodes };
  return { cluster: changed, datapath: compile(changed) };
}

const file: SourceDocument = { file: 'state', index: 0, position: () => ({ line: 1, column: 1 }), line: () => '' };
export const somewhere: Origin = declared(wholeDocument(file, 'Node/x'));

/** What a machine has, as if it had been found on it. */
function asFound(netns: Netns): FoundState {
  const { devices, rulesets, sysctls, sockets, rules } = netns;
  return {
    ...NOTHING_FOUND,
    iptables: { IPv4: tablesOf(rulesets.IPv4), IPv6: tablesOf(rulesets.IPv6) },
    nft: nftTables(rulesets),
    links: [...devices.values()].map(linkOf),
    addresses: { IPv4: addressesIn(netns, 'IPv4'), IPv6: addressesIn(netns, 'IPv6') },
    routes: { IPv4: routesIn(netns, 'IPv4'), IPv6: routesIn(netns, 'IPv6') },
    areAllTables: { IPv4: true, IPv6: true },
    rules: { IPv4: rules, IPv6: rules },
    neighbours: [...neighboursOf(netns)].map(({ address, device, origin, ...n }) => ({
      address,
      device,
      lladdr: n.state === 'permanent' ? n.lladdr : null,
      state: n.state.toUpperCase(),
      origin,
    })),
    fdb: [...devices.values()].flatMap((d) =>
      d.kind !== 'vxlan' ? [] : [...fdbOf(d)].map((e) => ({ ...e, device: d.name, master: null, vlan: null, permanent: true })),
    ),
    sysctls: new Map(sysctls),
    ipvs: { IPv4: rulesets.IPv4.ipvs ?? null, IPv6: rulesets.IPv6.ipvs ?? null },
    sockets: [...sockets],
  };
}

const tablesOf = (ruleset: Ruleset): FoundState['iptables']['IPv4'] =>
  new Map(
    Object.values(ruleset.tables).map((table) => [
      table.name,
      judgesApart(ruleset) ? { ...tableOf(table), policiesApart: true } : tableOf(table),
    ]),
  );

const tableOf = (table: IptablesTable): FoundTable => ({
  policies: table.policies,
  chains: new Map([...table.chains()].map((chain) => [chain.name, chain.rules()])),
  origin: somewhere,
});

function linkOf(d: Device): FoundLink {
  const kind = d.kind === 'nic' || d.kind === 'loopback' ? null : d.kind === 'vxlan' ? d.carrier : d.kind;
  return {
    name: d.name,
    index: null,
    kind,
    up: d.down === null,
    carrier: null,
    mtu: d.mtu,
    mac: d.mac,
    master: d.kind === 'veth' ? (d.master?.name ?? null) : null,
    link: null,
    hairpin: d.kind === 'veth' ? d.hairpin : null,
    isolated: null,
    vxlan: d.kind === 'vxlan' ? { vni: d.vni, port: d.port, local: d.local, remote: null, learning: false } : null,
    tunnel: d.kind === 'ipip' ? { local: d.local, remote: null } : null,
    vlan: null,
    vrf: null,
    origin: somewhere,
  };
}

/** As `ip` prints them: of IPv6 the newest comes first. */
const addressesIn = ({ devices }: Netns, family: IpFamily): FoundState['addresses']['IPv4'] =>
  [...devices.values()].flatMap((d) =>
    (family === 'IPv6' ? d.addresses.toReversed() : d.addresses).flatMap((a) =>
      familyOf(a.address) === family ? [{ ...a, device: d.name, peer: null, flags: [] }] : [],
    ),
  );

const routesIn = ({ tables }: Netns, family: IpFamily): FoundState['routes']['IPv4'] =>
  new Map([...tables.values()].map((fib) => [fib.id, [...routesOf(fib)].filter((r) => familyOf(r.prefix.address) === family)]));

/** Each node as it was compiled, given back as found; `but`: what is changed on the way. */
export function allAsFound(network: Network, but: (state: FoundState, node: string) => FoundState = (state) => state): Network {
  const states = [...network.cluster.nodes.keys()].flatMap((name) => {
    const netns = network.datapath.netns(name);
    return netns === undefined ? [] : [[name, but(asFound(netns), name)] as const];
  });
  return withStates(network, new Map(states));
}
