import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';

/** A node as the real plugins leave it: built in namespaces of its own that vanish with the command, and read back from the kernel. */

export interface NetworkConfig {
  readonly type: 'bridge' | 'ptp';
  /** The network's name, after which its chains are called. */
  readonly name: string;
  /** The plugin's own fields, as both sides have them. */
  readonly options: Readonly<Record<string, unknown>>;
  /** One a family. */
  readonly subnets: readonly string[];
}

/** What is compared. Loopbacks are left out (another plugin's work), and so are all other devices that the plugin did not make. */
export interface NodeState {
  /** Of IPv4, and of IPv6. */
  readonly forwarding: readonly number[];
  readonly node: NetnsState;
  readonly pods: Readonly<Record<string, NetnsState>>;
  /** As iptables-save and ip6tables-save print them, by table and chain: `nat POSTROUTING`, `ip6 nat POSTROUTING`. */
  readonly rules: Readonly<Record<string, readonly string[]>>;
}

export interface NetnsState {
  /** By name; the node's ends of the veth pairs are called `port of POD`, because the plugin draws their names at random. */
  readonly devices: Readonly<Record<string, DeviceState>>;
  readonly routes: readonly string[];
  /** The local table: which addresses are its own, and on which device. */
  readonly own: readonly string[];
}

export interface DeviceState {
  readonly kind: string;
  readonly up: boolean;
  readonly mtu: number;
  readonly addresses: readonly string[];
  /** Of a bridge port only. */
  readonly port: { readonly bridge: string; readonly hairpin: boolean } | null;
}

export const portOf = (pod: string) => `port of ${pod}`;

const PLUGINS = ['bridge', 'ptp', 'host-local'];
const PLACES = ['/usr/lib/cni', '/opt/cni/bin'];
const cniPath = PLACES.find((place) => PLUGINS.every((plugin) => existsSync(`${place}/${plugin}`)));

/** Why no real node can be built on this machine; null: it can. */
export function whyNot(): string | null {
  if (process.getuid?.() !== 0) return 'not root';
  if (cniPath === undefined) return `not both in one of ${PLACES.join(', ')}`;
  const tried = isolated('mount -t tmpfs tmpfs /run; ip -V; nsenter --version; iptables -t nat -S; iptables-save', [], {});
  return tried.status === 0 ? null : `namespaces and iptables are refused: ${tried.said}`;
}

/**
 * For each pod, in order, what a container runtime does: an empty namespace, then the plugin with ADD in the node's. Forwarding is off
 * before, so that it is seen whether the plugin turns it on. A container id may not have a slash, so it is the pod's name alone.
 */
const BUILD = `
mount -t tmpfs tmpfs /run
mkdir /run/netns
for name in node "$@"; do touch "/run/netns/$name"; unshare --net="/run/netns/$name" true; done
at() { place=$1; shift; nsenter --net="/run/netns/$place" "$@"; }
# Without duplicate address detection an address is there at once.
at node sh -c 'echo 0 > /proc/sys/net/ipv4/ip_forward; echo 0 > /proc/sys/net/ipv6/conf/default/accept_dad'
for pod in "$@"; do
  export CNI_CONTAINERID="$pod" CNI_NETNS="/run/netns/$pod"
  printf %s "$CONFIG" | at node "$CNI_PATH/$CNI_TYPE" > /run/answer || { cat /run/answer >&2; exit 1; }
done
# A family without addresses has no local table.
routes() { found=$(at "$@" 2>/dev/null) || found='[]'; echo "$found"; }
for name in node "$@"; do
  echo "== $name devices"; at "$name" ip -j -d address
  for family in 4 6; do
    echo "== $name routes$family"; routes "$name" ip -j -$family route
    echo "== $name own$family"; routes "$name" ip -j -$family route show table local type local
  done
done
echo '== forwarding'; at node cat /proc/sys/net/ipv4/ip_forward /proc/sys/net/ipv6/conf/all/forwarding
echo '== rules'; at node iptables-save
echo '== rules6'; at node ip6tables-save`;

/** Throws with the plugin's own words when it refuses. */
export function realNode({ type, name, options, subnets }: NetworkConfig, pods: readonly string[]): NodeState {
  const defaults = subnets.map((subnet) => ({ dst: subnet.includes(':') ? '::/0' : '0.0.0.0/0' }));
  const network = {
    cniVersion: '1.0.0',
    name,
    type,
    ...options,
    // Newer plugins could choose nftables; older ones do not know the word and pass over it.
    ipMasqBackend: 'iptables',
    ipam: {
      type: 'host-local',
      ranges: subnets.map((subnet) => [{ subnet }]),
      dataDir: '/run/host-local',
      // The bridge adds its own default route.
      ...(type === 'bridge' ? {} : { routes: defaults }),
    },
    ...(type === 'bridge' ? { isDefaultGateway: true } : {}),
  };
  const environment = { CNI_COMMAND: 'ADD', CNI_IFNAME: 'eth0', CNI_PATH: cniPath, CNI_TYPE: type };
  const built = isolated(BUILD, pods, { CONFIG: JSON.stringify(network), ...environment });
  if (built.status !== 0) throw new Error(`the real plugin: ${built.said}`);
  return read(built.stdout, pods);
}

interface Finished {
  readonly status: number | null;
  readonly stdout: string;
  /** What it complained of, in one line. */
  readonly said: string;
}

/** Its own mounts, network and processes: nothing of the machine is touched, and the end of the command takes all of it away. */
const ISOLATION = {
  command: 'unshare',
  options: ['--mount', '--propagation', 'private', '--net', '--pid', '--mount-proc', '--fork', '--kill-child'],
};

function isolated(script: string, args: readonly string[], environment: NodeJS.ProcessEnv): Finished {
  const { status, stdout, stderr, error } = spawnSync(ISOLATION.command, [...ISOLATION.options, 'sh', '-euc', script, 'sh', ...args], {
    encoding: 'utf8',
    env: { PATH: `${process.env['PATH']}:/usr/sbin:/sbin`, ...environment },
    timeout: 60_000,
    killSignal: 'SIGKILL',
  });
  return { status, stdout, said: error?.message ?? stderr.trim().replace(/\s+/g, ' ') };
}

interface RealDevice {
  readonly ifindex: number;
  readonly ifname: string;
  /** Of a veth: the other end's index, in the other namespace. */
  readonly link_index?: number;
  readonly flags: readonly string[];
  readonly mtu: number;
  readonly master?: string;
  readonly linkinfo?: { readonly info_kind?: string; readonly info_slave_data?: { readonly hairpin?: boolean } };
  readonly addr_info: readonly { readonly family: string; readonly local: string; readonly prefixlen: number }[];
}

interface RealRoute {
  readonly type?: string;
  readonly dst: string;
  readonly gateway?: string;
  readonly dev: string;
  readonly prefsrc?: string;
  readonly protocol?: string;
  readonly metric?: number;
}

function read(output: string, pods: readonly string[]): NodeState {
  const sections = new Map(output.split(/^== /m).map((text) => cutAtLineEnd(text)));
  const section = (name: string) => sections.get(name) ?? '';
  const devicesOf = (netns: string) => JSON.parse(section(`${netns} devices`)) as readonly RealDevice[];
  const ports = new Map(pods.map((pod) => [devicesOf(pod).find((d) => d.ifname === 'eth0')?.link_index, portOf(pod)]));
  const names = new Map(devicesOf('node').map((d) => [d.ifname, ports.get(d.ifindex) ?? d.ifname]));
  const routesOf = (netns: string, part: string): readonly RealRoute[] =>
    [4, 6].flatMap((family) => JSON.parse(section(`${netns} ${part}${family}`)) as readonly RealRoute[]).filter((r) => !isLinkLocal(r.dst));
  const state = (netns: string, name: (device: string) => string): NetnsState => ({
    devices: Object.fromEntries(
      devicesOf(netns)
        .filter((d) => d.ifname !== 'lo')
        .map((d) => [name(d.ifname), deviceState(d)]),
    ),
    routes: routesOf(netns, 'routes')
      .filter((r) => !isOwnInMain(r))
      .map((r) => routeText(r, name))
      .sort(),
    own: routesOf(netns, 'own')
      .filter((r) => r.dev !== 'lo')
      .map((r) => `${withLength(r.dst)} dev ${name(r.dev)}`)
      .sort(),
  });
  return {
    forwarding: section('forwarding').trim().split('\n').map(Number),
    node: state('node', (device) => names.get(device) ?? device),
    pods: Object.fromEntries(pods.map((pod) => [pod, state(pod, (device) => device)])),
    rules: { ...rulesByChain(section('rules')), ...rulesByChain(section('rules6'), 'ip6 ') },
  };
}

const isLinkLocal = (address: string): boolean => address.startsWith('fe80');

/** The route to a device's own /128 that the kernel adds to the main table, too: the local table is asked first. */
const isOwnInMain = ({ dst, protocol }: RealRoute): boolean => protocol === 'kernel' && dst.includes(':') && !dst.includes('/');

function cutAtLineEnd(text: string): readonly [string, string] {
  const end = text.indexOf('\n');
  return [text.slice(0, end), text.slice(end + 1)];
}

function deviceState({ linkinfo, flags, mtu, addr_info, master }: RealDevice): DeviceState {
  return {
    kind: linkinfo?.info_kind ?? 'unknown',
    up: flags.includes('UP'),
    mtu,
    addresses: addr_info.filter((a) => !isLinkLocal(a.local)).map((a) => `${a.local}/${a.prefixlen}`),
    port: master === undefined ? null : { bridge: master, hairpin: linkinfo?.info_slave_data?.hairpin === true },
  };
}

/** As `ip route` prints it, without what says only who made it. */
function routeText({ type, dst, gateway, dev, prefsrc, metric }: RealRoute, name: (device: string) => string): string {
  const words = [
    type,
    withLength(dst),
    gateway && `via ${gateway}`,
    `dev ${name(dev)}`,
    prefsrc && `src ${prefsrc}`,
    metric && `metric ${metric}`,
  ];
  return words.filter((word) => word !== undefined && word !== 0).join(' ');
}

const withLength = (destination: string) =>
  destination === 'default' || destination.includes('/') ? destination : `${destination}/${destination.includes(':') ? 128 : 32}`;

/** The text of iptables-save: every rule and every chain that somebody made, in all tables, without policies, counters and dates. */
export function rulesByChain(text: string, prefix = ''): Record<string, readonly string[]> {
  const chains: Record<string, readonly string[]> = {};
  let table = '';
  for (const line of text.split('\n')) {
    const [word = '', chain = ''] = line.split(' ');
    if (word.startsWith('*')) table = `${prefix}${word.slice(1)}`;
    if (word.startsWith(':') && chain === '-') chains[`${table} ${word.slice(1)}`] ??= [];
    if (word !== '-A') continue;
    const rules = chains[`${table} ${chain}`] ?? [];
    chains[`${table} ${chain}`] = [...rules, line.slice(`-A ${chain} `.length)];
  }
  return chains;
}
