import type { Device, Netns } from '../datapath/netns.ts';
import type { Cluster } from '../k8s/cluster.ts';
import { familyOf, formatAddress, type IpAddress, isLinkLocal, LOOPBACK } from '../net/address.ts';
import { fabricNeighbourLines } from './fabric.ts';
import { spokenFamilies } from './families.ts';
import { heredoc } from './here-document.ts';
import { addressLines, downLines, linkLines, portLines, underlayHairpins, underlayLines, underlayTable } from './links.ts';
import { fileOf, UNDERLAY } from './names.ts';
import { failedNeighbourLines, macsOf, outsideNeighbourLines } from './neighbours.ts';
import { type PolicyPart, policyLines } from './policies.ts';
import { routeLines } from './routes.ts';
import { REFUSED, ruleLines } from './rules.ts';
import { GROUND, GROUND_IPV6, sysctlLines } from './settings.ts';
import { fdbLines, permanentNeighbourLines, tunnelLines } from './tunnels.ts';

/**
 * The shell script that builds the namespaces: `lab script` prints it, `lab verify` and `lab up` run it. It makes namespaces in
 * /run/netns and touches nothing else. `cluster`: whose
 * policies are built; null: none. `called`: the destinations of the packets that are to be sent.
 */
export function labScript(cluster: Cluster | null, all: readonly Netns[], called: readonly IpAddress[] = []): string {
  const macs = macsOf(all);
  const files = [UNDERLAY, ...all.map((n) => fileOf(n.name))];
  const table = underlayTable(all, macs, called);
  const hairpins = underlayHairpins(all);
  const down = all.flatMap((n) => batch(fileOf(n.name), downLines(n)));
  return [
    HEAD,
    ...(all.some((n) => cluster?.nodes.get(n.name)?.found != null) ? [REFUSED] : []),
    heredoc(
      'ip -batch -',
      files.map((f) => `netns add ${f}`),
    ),
    `for netns in ${files.join(' ')}; do`,
    '  in_netns "$netns" sh -c "$ground"',
    'done',
    ...(all.some((n) => spokenFamilies(n).includes('IPv6')) ? ipv6Ground(all.map((n) => fileOf(n.name))) : []),
    '',
    '# All devices; the two ends of a pair at once.',
    heredoc('ip -batch -', linkLines(all, macs)),
    ...batch(UNDERLAY, underlayLines(all)),
    ...(hairpins.length === 0 ? [] : [heredoc(`bridge -n ${UNDERLAY} -batch -`, hairpins)]),
    ...(table === null ? [] : [heredoc(`in_netns ${UNDERLAY} nft -f -`, table.split('\n'))]),
    ...all.map((n) => netnsPart(cluster, n, all, macs, called)),
    ...(down.length === 0 ? [] : ['', '# What is stated to be down.', ...down]),
    '',
  ].join('\n');
}

const HEAD = `#!/bin/sh
# A cluster's network in network namespaces, as k8s-trace compiled it. To have it apart from everything else, and gone when you leave:
#   sudo unshare --mount --net sh -c 'mount -t tmpfs lab /run && mkdir /run/netns && sh THIS-FILE && exec sh'
# or, not root, unshare --map-root-user --mount --net … with the same. Then, say: ip netns exec default_pod-a sh
set -eu

if [ "$(readlink /proc/self/ns/mnt)" = "$(readlink /proc/1/ns/mnt 2> /dev/null)" ]; then
  echo "this would make namespaces in the machine's own /run/netns: see the first lines of this script" >&2
  exit 1
fi

in_netns() { netns=$1; shift; nsenter --net="/run/netns/$netns" "$@"; }

# The same ground for every namespace, whatever this machine's own settings are.
ground=$(cat <<'END'
set -eu
${GROUND}
END
)
`;

/**
 * The further settings of IPv6, where a namespace speaks it: it is on in a pod with IPv4 addresses only, too, which then has no way to
 * others, as it is on a real node.
 */
function ipv6Ground(files: readonly string[]): readonly string[] {
  return [
    '',
    "ground_ipv6=$(cat <<'END'",
    'set -eu',
    GROUND_IPV6,
    'END',
    ')',
    `for netns in ${files.join(' ')}; do`,
    '  in_netns "$netns" sh -c "$ground_ipv6"',
    'done',
  ];
}

const batch = (file: string, lines: readonly string[]) => (lines.length === 0 ? [] : [heredoc(`ip -n ${file} -batch -`, lines)]);

function netnsPart(
  cluster: Cluster | null,
  netns: Netns,
  all: readonly Netns[],
  macs: ReadonlyMap<Device, string>,
  called: readonly IpAddress[],
): string {
  const file = fileOf(netns.name);
  const found = cluster?.nodes.get(netns.name)?.found ?? null;
  const sysctls = sysctlLines(netns, found?.sysctls ?? new Map());
  const bridges = [...portLines(netns), ...fdbLines(netns)];
  const families = spokenFamilies(netns);
  const [routes, routes6] = [
    families.includes('IPv4') ? routeLines(netns, 'IPv4') : [],
    families.includes('IPv6') ? routeLines(netns, 'IPv6') : [],
  ];
  return [
    '',
    `# ${netns.name}`,
    ...(netns.socketBalancer === null ? [] : [': a socket load balancer']),
    ...batch(file, [
      ...tunnelLines(netns),
      ...addressLines(netns, addAddresses),
      ...routes,
      ...outsideNeighbourLines(netns, macs, called),
      ...fabricNeighbourLines(netns, all, macs),
      ...permanentNeighbourLines(netns),
    ]),
    ...(routes6.length === 0 ? [] : [heredoc(`ip -6 -n ${file} -batch -`, routes6)]),
    ...(bridges.length === 0 ? [] : [heredoc(`bridge -n ${file} -batch -`, bridges)]),
    ...(sysctls.length === 0 ? [] : [heredoc(`in_netns ${file} sh -eu`, sysctls)]),
    ...ruleLines(netns, found),
    ...(cluster === null ? [] : policyLines(cluster, netns).map((part) => policyPart(file, part))),
    ...failedNeighbourLines(netns, macs),
  ].join('\n');
}

const policyPart = (file: string, part: PolicyPart): string =>
  'lacks' in part ? part.lacks : heredoc(`in_netns ${file} ${part.tool} --noflush`, part.lines);

/**
 * 127.0.0.1 and ::1 come with `lo`. Of IPv6's, the kernel writes no routes to their links: those are the datapath's, as all others. They
 * are added in the datapath's order: of equals the newest is a packet's source. A link-local one may be there already, made of the MAC address.
 */
function addAddresses(device: Device): readonly string[] {
  const own = device.addresses.filter(({ address }) => device.kind !== 'loopback' || address !== LOOPBACK[familyOf(address)]);
  return own.map(({ address, prefix }) => {
    const more = familyOf(address) === 'IPv6' ? ' nodad noprefixroute' : '';
    return `addr ${isLinkLocal(address) ? 'replace' : 'add'} ${formatAddress(address)}/${prefix.length} dev ${device.name}${more}`;
  });
}
