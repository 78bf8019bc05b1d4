import { iptablesSave } from '../datapath/iptables-save.ts';
import type { Device, Netns } from '../datapath/netns.ts';
import { formatAddress } from '../net/address.ts';
import { addressLines, downLines, hairpinLines, linkLines, underlayLines } from './links.ts';
import { fileOf, UNDERLAY } from './names.ts';
import { failedNeighbourLines, macsOf, outsideNeighbourLines } from './neighbours.ts';
import { routeLines } from './routes.ts';
import { GROUND, sysctlLines } from './settings.ts';

/**
 * The shell script that builds the namespaces: what `lab script` prints is what `lab verify` and `lab up` run. It makes namespaces in
 * /run/netns and touches nothing else.
 */
export function labScript(all: readonly Netns[]): string {
  const macs = macsOf(all);
  const files = [UNDERLAY, ...all.map((n) => fileOf(n.name))];
  const down = all.flatMap((n) => batch(fileOf(n.name), downLines(n)));
  return [
    HEAD,
    heredoc(
      'ip -batch -',
      files.map((f) => `netns add ${f}`),
    ),
    `for netns in ${files.join(' ')}; do`,
    '  in_netns "$netns" sh -c "$ground"',
    'done',
    '',
    '# All devices; the two ends of a pair at once.',
    heredoc('ip -batch -', linkLines(all, macs)),
    ...batch(UNDERLAY, underlayLines(all)),
    ...all.map((n) => netnsPart(n, macs)),
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

const heredoc = (command: string, lines: readonly string[]): string => [`${command} <<'END'`, ...lines, 'END'].join('\n');

const batch = (file: string, lines: readonly string[]) => (lines.length === 0 ? [] : [heredoc(`ip -n ${file} -batch -`, lines)]);

function netnsPart(netns: Netns, macs: ReadonlyMap<Device, string>): string {
  const file = fileOf(netns.name);
  const hairpins = hairpinLines(netns);
  const sysctls = sysctlLines(netns);
  const rules = iptablesSave(netns.rulesets.IPv4).trimEnd();
  return [
    '',
    `# ${netns.name}`,
    ...batch(file, [...addressLines(netns, addAddresses), ...routeLines(netns), ...outsideNeighbourLines(netns, macs)]),
    ...(hairpins.length === 0 ? [] : [heredoc(`bridge -n ${file} -batch -`, hairpins)]),
    ...(sysctls.length === 0 ? [] : [heredoc(`in_netns ${file} sh -eu`, sysctls)]),
    ...(rules === '' ? [] : [heredoc(`in_netns ${file} iptables-restore`, rules.split('\n'))]),
    ...failedNeighbourLines(netns, macs),
  ].join('\n');
}

/** 127.0.0.1 comes with `lo`. */
function addAddresses(device: Device): readonly string[] {
  const own = device.kind === 'loopback' ? device.addresses.slice(1) : device.addresses;
  return own.map(({ address, prefix }) => `addr add ${formatAddress(address)}/${prefix.length} dev ${device.name}`);
}
