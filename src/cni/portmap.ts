import { createHash } from 'node:crypto';
import type { RulesetBuilder } from '../datapath/netfilter/builder.ts';
import type { Match } from '../datapath/netfilter/match.ts';
import type { Rule } from '../datapath/netfilter/ruleset.ts';
import type { Host, PodNetwork, PodRange, PortMapping } from '../k8s/cni.ts';
import { FAMILIES, familyOf, type IpAddress, LOOPBACK } from '../net/address.ts';
import { hostPrefix, type Prefix } from '../net/prefix.ts';
import { inferred, type Origin } from '../source/origin.ts';
import { addressesOf, type PodAddress } from './range.ts';

/** `1 << markMasqBit`, bit 13 by default. */
const MASQUERADE_MARK = 0x2000;
const DNAT = 'CNI-HOSTPORT-DNAT';
const SETMARK = 'CNI-HOSTPORT-SETMARK';
const MASQ = 'CNI-HOSTPORT-MASQ';

/**
 * hostPort, as the plugin `portmap` chained behind another one does it; `hostDevice` is the node's device towards a pod. Its jumps are
 * appended, so that node ports come before host ports; but for that of POSTROUTING, which is prepended.
 * Source: containernetworking/plugins, plugins/meta/portmap/portmap_iptables.go.
 */
export function mapPorts(host: Host, network: string, hostDevice: (pod: PodNetwork) => string): void {
  const mapped = host.pods.flatMap((pod) => mappedPods(host, pod));
  for (const family of FAMILIES) {
    const own = mapped.filter((m) => familyOf(m.address) === family);
    const [first] = own;
    if (first === undefined) continue;
    const origin = inferred(first.mappings[0]?.origin.locus ?? null);
    jumps(host.rules[family], origin);
    for (const pod of own) mapPod(host.rules[family], network, pod);
    // So that 127.0.0.1:HOSTPORT works; ::1 never does.
    if (family === 'IPv4')
      for (const { pod } of own) host.builder.sysctls.set(`net.ipv4.conf.${hostDevice(pod)}.route_localnet`, { value: 1, origin });
  }
}

function jumps(rules: RulesetBuilder, origin: Origin): void {
  const local: Match = { kind: 'dst-type', type: 'LOCAL', negated: false };
  const rule = (matches: readonly Match[], target: Rule['target'], comment: string | null): Rule => ({ matches, target, comment, origin });
  for (const hook of ['PREROUTING', 'OUTPUT']) rules.append('nat', hook, rule([local], { kind: 'jump', chain: DNAT }, null));
  rules.prepend('nat', 'POSTROUTING', rule([], { kind: 'jump', chain: MASQ }, 'CNI portfwd requiring masquerade'));
  const mark = { value: MASQUERADE_MARK, mask: MASQUERADE_MARK };
  rules.append('nat', SETMARK, rule([], { kind: 'MARK', ...mark }, 'CNI portfwd masquerade mark'));
  rules.append('nat', MASQ, rule([{ kind: 'mark', ...mark, negated: false }], { kind: 'MASQUERADE', randomFully: false }, null));
}

/** A pod with port mappings, seen in one family: a hostIP says which one it is about. */
interface MappedPod extends PodAddress {
  readonly pod: PodNetwork;
  readonly mappings: readonly PortMapping[];
}

function mappedPods(host: Host, pod: PodNetwork): readonly MappedPod[] {
  return addressesOf(pod, host).flatMap((own) => {
    const mappings = pod.portMappings.filter((m) => m.hostIp === null || familyOf(m.hostIp) === familyOf(own.address));
    return mappings.length === 0 ? [] : [{ ...own, pod, mappings }];
  });
}

function mapPod(rules: RulesetBuilder, network: string, { pod, address, mappings, range }: MappedPod): void {
  const id = pod.builder.netns.name;
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
  { podCidr }: PodRange,
  address: IpAddress,
  { hostPort, hostIp, containerPort, protocol, origin }: PortMapping,
): readonly Rule[] {
  const called: readonly Match[] = [
    ...(hostIp === null ? [] : [{ kind: 'destination', prefix: hostPrefix(hostIp), negated: false } as const]),
    { kind: 'protocol', protocol, negated: false },
    { kind: 'dport', protocol, first: hostPort, last: hostPort, negated: false },
  ];
  const marked = (prefix: Prefix): Rule => ({
    matches: [{ kind: 'source', prefix, negated: false }, ...called],
    target: { kind: 'jump', chain: SETMARK },
    comment: null,
    origin,
  });
  return [
    marked(podCidr),
    ...(familyOf(address) === 'IPv4' ? [marked(hostPrefix(LOOPBACK.IPv4))] : []),
    { matches: called, target: { kind: 'DNAT', address, port: containerPort }, comment: null, origin },
  ];
}
