import type { Cluster } from '../k8s/cluster.ts';
import type { FirewallList } from '../k8s/network.ts';
import type { PolicyRule } from '../k8s/policy/policy.ts';
import { familyOf, type IpAddress, type IpFamily, isLoopback, isUnicast } from '../net/address.ts';
import { addressBits, cidr, contains, DEFAULT_PREFIX, formatPrefix, type Prefix } from '../net/prefix.ts';
import { isOutside } from '../query/outside.ts';
import { type Blocks, partsOf } from '../reach/blocks.ts';
import { outsideAddress } from '../reach/outside.ts';

/** Addresses outside of the cluster that nothing in the input tells apart. */
export interface OutsidePart {
  readonly family: IpFamily;
  readonly cidrs: readonly Prefix[];
  /** One for all of them. */
  readonly address: IpAddress;
  /** Packets may come from there; to private addresses beyond the gateway they can only go. */
  readonly sends: boolean;
  /** The one with the most addresses. */
  readonly isInternet: boolean;
}

/** Something that treats some addresses otherwise than the rest. */
type Cut = readonly Prefix[];

/** In a family; `further`: prefixes that were asked about by themselves; `beside`: clusters that it is compared with, whose cuts are made here, too. */
export function outsideParts(
  cluster: Cluster,
  family: IpFamily,
  further: readonly Prefix[],
  beside: readonly Cluster[] = [],
): readonly OutsidePart[] {
  const cuts = [...[cluster, ...beside].flatMap(cutsOf), ...further.map((p) => [p])]
    .map((cut) => cut.filter((p) => familyOf(p.address) === family))
    .filter((cut) => cut.length > 0);
  const named = cuts.flat().filter((p) => p.length > 0);
  const clients = cluster.outside.flatMap((h) => h.ips).filter((a) => familyOf(a) === family);
  const blocks = innermostFirst([DEFAULT_PREFIX[family], ...named, ...SPECIAL[family]]);
  const found = new Map<string, IpAddress>();
  const parts = partsOf(blocks, (prefix) => {
    const address = clients.find((a) => contains(prefix, a)) ?? memberOf(cluster, prefix);
    if (address === null) return null;
    const sends = isOutside(cluster, address);
    if (!sends && !named.some((p) => contains(p, address))) return null;
    const alike = [sends, ...cuts.map((cut) => cut.some((p) => contains(p, address)))].map(Number).join('');
    if (!found.has(alike) || clients.includes(address)) found.set(alike, address);
    return alike;
  });
  const sized = parts.map(({ said, prefixes }) => {
    const address = found.get(said);
    const size = prefixes.reduce((sum, p) => sum + sizeOf(p), 0);
    return { family, cidrs: prefixes, address, size };
  });
  const known = sized.flatMap(({ address, ...part }) =>
    address === undefined ? [] : [{ ...part, address, sends: isOutside(cluster, address) }],
  );
  const internet = known.filter((p) => p.sends).sort((a, b) => b.size - a.size)[0];
  return known.map((part) => ({ ...part, isInternet: part === internet }));
}

/** Blocks are nested or apart. */
function innermostFirst(prefixes: readonly Prefix[]): Blocks {
  const each = new Map(prefixes.map((p) => [formatPrefix(p), p]));
  return { prefixes: [...each.values()].sort((a, b) => b.length - a.length) };
}

/** Outside of the cluster, and a machine's; null: there is none. */
function memberOf(cluster: Cluster, prefix: Prefix): IpAddress | null {
  const address = outsideAddress(cluster, prefix);
  return address === null || !isUnicast(address) || isLoopback(address) ? null : address;
}

/** Addresses that the internet does not have (RFC 6890): they count only where something in the input speaks of them. */
const SPECIAL: Readonly<Record<IpFamily, readonly Prefix[]>> = {
  IPv4: ['0.0.0.0/8', '10.0.0.0/8', '100.64.0.0/10', '127.0.0.0/8', '169.254.0.0/16', '172.16.0.0/12', '192.168.0.0/16', '224.0.0.0/3'].map(
    cidr,
  ),
  IPv6: ['::/8', 'fc00::/7', 'fe80::/10', 'ff00::/8'].map(cidr),
};

/** The one that an address is in, as a number; -1: none. */
export const specialRange = (address: IpAddress): number => SPECIAL[familyOf(address)].findIndex((p) => contains(p, address));

const sizeOf = (p: Prefix): number => 2 ** (addressBits(p.address) - p.length);

/** Blocks of policies, source ranges, rules of firewalls, routes. */
function cutsOf(cluster: Cluster): readonly Cut[] {
  const { policies, services, gateway, underlay, nodes, masquerade } = cluster;
  const rules = policies.flatMap((p) => [...(p.ingress ?? []), ...(p.egress ?? [])]);
  const firewalls = [gateway?.firewall, underlay.firewall, ...[...nodes.values()].flatMap((n) => [n.firewall?.input, n.firewall?.forward])];
  const overrides = [gateway?.overrides, ...underlay.routers.map((r) => r.overrides), ...[...nodes.values()].map((n) => n.overrides)];
  return [
    ...rules.flatMap(ofRule),
    ...[...services.values()].map((s) => s.loadBalancerSourceRanges),
    ...firewalls.flatMap((f) => (f == null ? [] : ofFirewall(f))),
    ...overrides.flatMap((o) => (o?.routes ?? []).map(({ route }) => [route.prefix])),
    masquerade === null ? [] : masquerade.nonMasqueradeCidrs,
  ].filter((cut) => cut.some((p) => p.length > 0));
}

/** `except` is cut out of what it is in. */
const ofRule = ({ peers }: PolicyRule): readonly Cut[] =>
  (peers ?? []).flatMap((peer) => (peer.kind === 'networks' ? [peer.cidrs, peer.except].filter((cut) => cut.length > 0) : []));

const ofFirewall = ({ rules }: FirewallList): readonly Cut[] => rules.flatMap(({ from, to }) => [[from], [to]]);
