import { createHash } from 'node:crypto';
import type { Match, Rule } from '../datapath/netfilter.ts';
import { familyOf, LOOPBACK } from '../net/address.ts';
import { hostPrefix } from '../net/prefix.ts';
import { inferred } from '../origin.ts';
import type { Host, PodNetwork, PortMapping } from './plugin.ts';

/** `1 << markMasqBit`, bit 13 by default. */
const MASQUERADE_MARK = 0x2000;
const DNAT = 'CNI-HOSTPORT-DNAT';
const SETMARK = 'CNI-HOSTPORT-SETMARK';
const MASQ = 'CNI-HOSTPORT-MASQ';

/**
 * hostPort, as the plugin `portmap` chained behind another one does it. Its jumps are appended, so that node ports come before host
 * ports; but for that of POSTROUTING, which is prepended. Source: containernetworking/plugins, plugins/meta/portmap/portmap_iptables.go.
 */
export function mapPorts(host: Host, network: string, pods: readonly PodNetwork[]): void {
  const mapped = pods.filter((p) => p.portMappings.length > 0);
  if (mapped.length === 0) return;
  const origin = inferred(mapped[0]?.portMappings[0]?.origin.locus ?? null);
  const local: Match = { kind: 'dst-type', type: 'LOCAL', negated: false };
  const rule = (matches: readonly Match[], target: Rule['target'], comment: string | null): Rule => ({ matches, target, comment, origin });
  for (const hook of ['PREROUTING', 'OUTPUT']) host.rules.append('nat', hook, rule([local], { kind: 'jump', chain: DNAT }, null));
  host.rules.prepend('nat', 'POSTROUTING', rule([], { kind: 'jump', chain: MASQ }, 'CNI portfwd requiring masquerade'));
  const mark = { value: MASQUERADE_MARK, mask: MASQUERADE_MARK };
  host.rules.append('nat', SETMARK, rule([], { kind: 'MARK', ...mark }, 'CNI portfwd masquerade mark'));
  host.rules.append('nat', MASQ, rule([{ kind: 'mark', ...mark, negated: false }], { kind: 'MASQUERADE', randomFully: false }, null));
  for (const pod of mapped) mapPod(host, network, pod);
  // So that 127.0.0.1:HOSTPORT works.
  host.builder.sysctls.set(`net.ipv4.conf.${network}.route_localnet`, { value: 1, origin });
}

function mapPod(host: Host, network: string, pod: PodNetwork): void {
  const id = pod.builder.netns.name;
  const chain = `CNI-DN-${createHash('sha512').update(`${network}${id}`).digest('hex').slice(0, 21)}`;
  for (const protocol of new Set(pod.portMappings.map((m) => m.protocol))) {
    const ports = pod.portMappings.filter((m) => m.protocol === protocol);
    const matches: readonly Match[] = [
      { kind: 'protocol', protocol, negated: false },
      { kind: 'dports', ports: ports.map((m) => m.hostPort), negated: false },
    ];
    const origin = ports[0]?.origin ?? pod.origin;
    host.rules.append('nat', DNAT, { matches, target: { kind: 'jump', chain }, comment: `dnat name: "${network}" id: "${id}"`, origin });
  }
  for (const mapping of pod.portMappings) host.rules.append('nat', chain, ...toContainer(host, pod, mapping));
}

/** The node's own pods, and the node by its loopback address, would answer past the translation: they are masqueraded. */
function toContainer(host: Host, pod: PodNetwork, { hostPort, hostIp, containerPort, protocol, origin }: PortMapping): readonly Rule[] {
  const called: readonly Match[] = [
    ...(hostIp === null ? [] : [{ kind: 'destination', prefix: hostPrefix(hostIp), negated: false } as const]),
    { kind: 'protocol', protocol, negated: false },
    { kind: 'dport', protocol, first: hostPort, last: hostPort, negated: false },
  ];
  const marked = (prefix: Host['podCidr']): Rule => ({
    matches: [{ kind: 'source', prefix, negated: false }, ...called],
    target: { kind: 'jump', chain: SETMARK },
    comment: null,
    origin,
  });
  return [
    marked(host.podCidr),
    ...(familyOf(pod.address) === 'IPv4' ? [marked(hostPrefix(LOOPBACK.IPv4))] : []),
    { matches: called, target: { kind: 'DNAT', address: pod.address, port: containerPort }, comment: null, origin },
  ];
}
