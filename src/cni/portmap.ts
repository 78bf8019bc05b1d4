import { createHash } from 'node:crypto';
import type { Match, Rule } from '../datapath/netfilter/ruleset.ts';
import { familyOf, type IpAddress, type IpFamily, LOOPBACK } from '../net/address.ts';
import { hostPrefix } from '../net/prefix.ts';
import { inferred } from '../source/origin.ts';
import type { Host, PodNetwork, PodRange, PortMapping } from './plugin.ts';

/** `1 << markMasqBit`, bit 13 by default. */
const MASQUERADE_MARK = 0x2000;
const DNAT = 'CNI-HOSTPORT-DNAT';
const SETMARK = 'CNI-HOSTPORT-SETMARK';
const MASQ = 'CNI-HOSTPORT-MASQ';

/**
 * hostPort, as the plugin `portmap` chained behind another one does it. Its jumps are appended, so that node ports come before host
 * ports; but for that of POSTROUTING, which is prepended. Source: containernetworking/plugins, plugins/meta/portmap/portmap_iptables.go.
 */
export function mapPorts({ builder, pods }: Host, range: PodRange, network: string): void {
  const { rules, family } = range;
  const mapped = pods.flatMap((pod) => mappedPod(pod, family));
  if (mapped.length === 0) return;
  const origin = inferred(mapped[0]?.mappings[0]?.origin.locus ?? null);
  const local: Match = { kind: 'dst-type', type: 'LOCAL', negated: false };
  const rule = (matches: readonly Match[], target: Rule['target'], comment: string | null): Rule => ({ matches, target, comment, origin });
  for (const hook of ['PREROUTING', 'OUTPUT']) rules.append('nat', hook, rule([local], { kind: 'jump', chain: DNAT }, null));
  rules.prepend('nat', 'POSTROUTING', rule([], { kind: 'jump', chain: MASQ }, 'CNI portfwd requiring masquerade'));
  const mark = { value: MASQUERADE_MARK, mask: MASQUERADE_MARK };
  rules.append('nat', SETMARK, rule([], { kind: 'MARK', ...mark }, 'CNI portfwd masquerade mark'));
  rules.append('nat', MASQ, rule([{ kind: 'mark', ...mark, negated: false }], { kind: 'MASQUERADE', randomFully: false }, null));
  for (const pod of mapped) mapPod(range, network, pod);
  // So that 127.0.0.1:HOSTPORT works; ::1 never does.
  if (family === 'IPv4') builder.sysctls.set(`net.ipv4.conf.${network}.route_localnet`, { value: 1, origin });
}

/** A pod with port mappings, seen in one family: a hostIP says which one it is about. */
interface MappedPod {
  readonly id: string;
  readonly address: IpAddress;
  readonly mappings: readonly PortMapping[];
}

function mappedPod({ builder, addresses, portMappings }: PodNetwork, family: IpFamily): readonly MappedPod[] {
  const address = addresses.find((a) => familyOf(a.address) === family)?.address;
  const mappings = portMappings.filter((m) => m.hostIp === null || familyOf(m.hostIp) === family);
  return address === undefined || mappings.length === 0 ? [] : [{ id: builder.netns.name, address, mappings }];
}

function mapPod(range: PodRange, network: string, { id, address, mappings }: MappedPod): void {
  const { rules } = range;
  const chain = `CNI-DN-${createHash('sha512').update(`${network}${id}`).digest('hex').slice(0, 21)}`;
  for (const protocol of new Set(mappings.map((m) => m.protocol))) {
    const ports = mappings.filter((m) => m.protocol === protocol);
    const matches: readonly Match[] = [
      { kind: 'protocol', protocol, negated: false },
      { kind: 'dports', ports: ports.map((m) => m.hostPort), negated: false },
    ];
    const origin = ports[0]?.origin ?? inferred(null);
    rules.append('nat', DNAT, { matches, target: { kind: 'jump', chain }, comment: `dnat name: "${network}" id: "${id}"`, origin });
  }
  for (const mapping of mappings) rules.append('nat', chain, ...toContainer(range, address, mapping));
}

/** The node's own pods, and the node by its loopback address, would answer past the translation: they are masqueraded. */
function toContainer(
  { podCidr, family }: PodRange,
  address: IpAddress,
  { hostPort, hostIp, containerPort, protocol, origin }: PortMapping,
): readonly Rule[] {
  const called: readonly Match[] = [
    ...(hostIp === null ? [] : [{ kind: 'destination', prefix: hostPrefix(hostIp), negated: false } as const]),
    { kind: 'protocol', protocol, negated: false },
    { kind: 'dport', protocol, first: hostPort, last: hostPort, negated: false },
  ];
  const marked = (prefix: PodRange['podCidr']): Rule => ({
    matches: [{ kind: 'source', prefix, negated: false }, ...called],
    target: { kind: 'jump', chain: SETMARK },
    comment: null,
    origin,
  });
  return [
    marked(podCidr),
    ...(family === 'IPv4' ? [marked(hostPrefix(LOOPBACK.IPv4))] : []),
    { matches: called, target: { kind: 'DNAT', address, port: containerPort }, comment: null, origin },
  ];
}
