import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { iptablesSave } from '../../src/datapath/netfilter/iptables-save.ts';
import { loadNetwork } from '../../src/index.ts';

const FOLDERS = ['/usr/lib/cni', '/opt/cni/bin'];
const folder = FOLDERS.find((f) => ['bridge', 'ptp', 'host-local', 'portmap'].every((p) => existsSync(`${f}/${p}`)));
const reason = folder === undefined ? 'no plugins' : process.getuid?.() === 0 ? null : 'not root';

/** The plugin's container id has no slash, so its chain has another hash; and it names the ranges by itself. */
const ID = 'default_web';

/** The network's name is the bridge's, or the plugin's; the node's device towards the pod is the bridge, or the host end of the veth pair. */
const PLUGINS = [
  { type: 'bridge', network: 'cni0', device: 'cni0', options: '\\"bridge\\":\\"cni0\\",\\"isDefaultGateway\\":true,' },
  { type: 'ptp', network: 'ptp', device: 'veth0', options: '' },
] as const;

/** A node's namespace with one pod that a plugin and portmap have set up; prints its rules. */
const script = ({ type, network, options }: (typeof PLUGINS)[number]) => `set -e
mount -t tmpfs t /run; mkdir -p /run/netns
ip netns add node; ip netns add pod
nsenter --net=/run/netns/node sh -e -c '
ip link set lo up
export CNI_COMMAND=ADD CNI_CONTAINERID=${ID} CNI_NETNS=/run/netns/pod CNI_IFNAME=eth0 CNI_PATH=${folder}
made=$(echo "{\\"cniVersion\\":\\"1.0.0\\",\\"name\\":\\"${network}\\",\\"type\\":\\"${type}\\",${options}\\"ipam\\":{\\"type\\":\\"host-local\\",\\"ranges\\":[[{\\"subnet\\":\\"10.244.1.0/24\\"}]],\\"dataDir\\":\\"/run/ipam\\"}}" | $CNI_PATH/${type})
map="{\\"hostPort\\":8080,\\"containerPort\\":80,\\"protocol\\":\\"tcp\\"},{\\"hostPort\\":9090,\\"containerPort\\":90,\\"protocol\\":\\"tcp\\",\\"hostIP\\":\\"192.168.1.11\\"},{\\"hostPort\\":5353,\\"containerPort\\":53,\\"protocol\\":\\"udp\\"}"
echo "{\\"cniVersion\\":\\"1.0.0\\",\\"name\\":\\"${network}\\",\\"type\\":\\"portmap\\",\\"capabilities\\":{\\"portMappings\\":true},\\"runtimeConfig\\":{\\"portMappings\\":[$map]},\\"prevResult\\":$made}" | $CNI_PATH/portmap > /dev/null
iptables-save -t nat; cat /proc/sys/net/ipv4/conf/$(ip -o -4 address show to 10.244.1.1 | cut -d " " -f 2)/route_localnet'`;

const topology = (type: string) => `apiVersion: k8s-trace/v1
kind: Topology
cluster: { podCIDR: 10.244.0.0/16, masquerade: none, cni: ${type} }
nodes: [ { name: node-1, ip: 192.168.1.11, podCIDR: 10.244.1.0/24, kubeProxy: { running: false } } ]
pods:
  - name: web
    node: node-1
    containers:
      - name: app
        ports:
          - { containerPort: 80, hostPort: 8080 }
          - { containerPort: 90, hostPort: 9090, hostIP: 192.168.1.11 }
          - { containerPort: 53, hostPort: 5353, protocol: UDP }
`;

/** Rules by chain, in their order, with names that hang on the id made the same; chains in the order of their names. */
function rulesOf(text: string, id: string): readonly string[] {
  const rules = text.split('\n').filter((l) => l.startsWith('-A '));
  return rules
    .map((r) => r.replaceAll(id, 'ID').replace(/CNI-DN-[0-9a-f]{21}\b/g, 'CNI-DN-HASH'))
    .sort((a, b) => chain(a).localeCompare(chain(b)));
}

const chain = (rule: string) => rule.split(' ')[1] ?? '';

describe.skipIf(reason !== null)(`hostPort beside the real plugin portmap${reason === null ? '' : ` (skipped: ${reason})`}`, () => {
  it.each(PLUGINS)('behind $type: writes the same rules, and lets 127.0.0.1 reach the pod', (plugin) => {
    const unshare = [
      '--mount',
      '--propagation',
      'private',
      '--net',
      '--pid',
      '--mount-proc',
      '--fork',
      '--kill-child',
      'sh',
      '-c',
      script(plugin),
    ];
    const ran = spawnSync('unshare', unshare, { encoding: 'utf8' });
    expect(ran.stderr).toBe('');
    const loaded = loadNetwork([{ name: 'x.yaml', bytes: new TextEncoder().encode(topology(plugin.type)) }]);
    if (!loaded.ok) throw new Error(loaded.diagnostics[0]?.message);
    const node = loaded.value.datapath.netns('node-1');
    if (node === undefined) throw new Error('no node');
    const ours = rulesOf(iptablesSave(node.rulesets.IPv4), 'default/web');
    expect(ours).toEqual(rulesOf(ran.stdout, ID));
    expect(ours.length).toBe(16);
    expect([ran.stdout.trimEnd().split('\n').at(-1), node.sysctls.get(`net.ipv4.conf.${plugin.device}.route_localnet`)?.value]).toEqual([
      '1',
      1,
    ]);
  });
});
