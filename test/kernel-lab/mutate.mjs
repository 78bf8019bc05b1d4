// Puts one fault at a time into a copy of the walk and asks the kernel: each must be caught within 100 random clusters.
//   node test/kernel-lab/mutate.mjs [words of a mutation's name]
import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** In the place of a datapath: the clusters with policies. */
const POLICIES = 'policies';

const MUTATIONS = [
  [
    'hook order: connections are confirmed before their source is translated',
    'src/datapath/netfilter/hook-order.ts',
    'const CONFIRM = 2 ** 31 - 1;',
    'const CONFIRM = 50;',
  ],
  [
    'un-NAT place: DNAT is undone on the way in instead of on the way out',
    'src/stage/nat.ts',
    "const changesDestination = (hook: Hook) => hook === 'PREROUTING' || hook === 'OUTPUT';",
    "const changesDestination = (hook: Hook) => hook === 'POSTROUTING' || hook === 'OUTPUT';",
  ],
  [
    "masquerade address: the first device's instead of the outgoing one's",
    'src/stage/nat.ts',
    'const device = skb.destination?.device ?? skb.output;',
    "const device = skb.netns.devices.get('eth0') ?? skb.output;",
  ],
  [
    'hairpin: a frame always may leave by the port it came in by',
    'src/stage/bridge.ts',
    'if (out === port && !port.hairpin) {',
    'if (out === port && port.hairpin && !port.hairpin) {',
  ],
  [
    'rp_filter: strict is taken for loose',
    'src/stage/source-check.ts',
    '(ways.length > 0 && value === 2 && input.addresses.length > 0)',
    '(ways.length > 0 && value > 0 && input.addresses.length > 0)',
  ],
  [
    'forwarding: only the outgoing device is asked',
    'src/stage/routing.ts',
    'const forwards = forwarding(netns.sysctls, input.name);',
    "const forwards = forwarding(netns.sysctls, 'lo');",
  ],
  [
    'longest prefix: a shorter one that was found first stays',
    'src/datapath/fib.ts',
    'a.prefix.length > b.prefix.length ||',
    'a.prefix.length < b.prefix.length ||',
  ],
  [
    'bridge-nf: bridged frames always see the IP tables',
    'src/stage/bridge.ts',
    'if (callsIptables.value === 0) {',
    'if (callsIptables.value < 0) {',
  ],
  [
    'third packet: a handshake whose answer went another way is established',
    'src/datapath/conntrack.ts',
    "if (state === 'syn-sent') return null;",
    "if (state === 'syn-sent') return 'established';",
  ],
  ['TTL: a router takes two', 'src/stage/route-input.ts', 'ttl: packet.ttl - 1', 'ttl: packet.ttl - 2'],
  ['TTL: an ICMP error starts with 255', 'src/stage/refusal.ts', 'export const INITIAL_TTL = 64;', 'export const INITIAL_TTL = 255;'],
  ['blackhole: an error is sent back', 'src/stage/routing.ts', "blackhole: 'invalid'", "blackhole: 'host-unreachable'"],
  [
    "IPv6: others are told of an unreachable route as the machine's own programs are",
    'src/stage/routing.ts',
    "match.route.type === 'unreachable' ?",
    "match.route.type === 'throw' ?",
  ],
  [
    'ICMP errors about a translated packet quote it as it was here',
    'src/stage/nat.ts',
    "if (tracked.state === 'RELATED') return translateError(skb, hook, tracked);",
    "if (tracked.state === 'RELATED') return on(skb);",
  ],
  [
    "rp_filter: the device's own counts, whatever `all` says",
    'src/datapath/sysctl.ts',
    'return own.value >= all.value && own !== OFF ? own : all;',
    'return own !== OFF ? own : all;',
  ],
  [
    'marks: bits of the value beside the mask count',
    'src/datapath/fib.ts',
    'return ((mark ^ value) & bits) === 0;',
    'return (mark & bits) >>> 0 === value;',
  ],
  [
    'marks: only the lowest bit of a mask counts',
    'src/datapath/fib.ts',
    'return ((mark ^ value) & bits) === 0;',
    'return ((mark ^ value) & bits & -bits) === 0;',
  ],
  [
    'rules: of two selectors one is enough',
    'src/datapath/fib.ts',
    "if (rule.iif !== null && rule.iif !== (flow.iif ?? 'lo')) return false;",
    "if (rule.iif !== null && rule.from === null && rule.to === null && rule.iif !== (flow.iif ?? 'lo')) return false;",
  ],
  [
    'failed neighbours: on whatever device',
    'src/stage/neighbour.ts',
    'n.address === address && n.device === from.name',
    'n.address === address',
  ],
  [
    'prefixes on lo: of IPv4 too only the addresses are there',
    'src/datapath/add-address.ts',
    "if (hasLink && device.kind === 'loopback') inLocalTable(added, 'local', prefix, source);",
    "if (hasLink && device.kind === 'loopback' && prefix.length < 16) inLocalTable(added, 'local', prefix, source);",
  ],
  [
    'broadcast addresses: nobody is there',
    'src/datapath/add-address.ts',
    "if (prefix.length < POINT_TO_POINT) inLocalTable(added, 'broadcast'",
    "if (prefix.length < 16) inLocalTable(added, 'broadcast'",
  ],
  [
    'secondary addresses: the machine calls each in its own name',
    'src/datapath/add-address.ts',
    'const source = primary?.address ?? address;',
    'const source = address;',
  ],
  [
    'IPv6: a prefix on lo is all of it the machine',
    'src/datapath/fib.ts',
    "type === 'unicast' && familyOf(prefix.address) === 'IPv6' && nextHops.some((n) => n.device === 'lo');",
    "type === 'throw' && familyOf(prefix.address) === 'IPv6' && nextHops.some((n) => n.device === 'lo');",
  ],
  [
    'node ports: on addresses of NICs and bridges only',
    'src/stage/field.ts',
    'src/stage/match.ts',
    "if (type === 'local') return 'LOCAL';",
    "if (type === 'local' && [...netns.devices.values()].some((d) => d.name !== 'lo' && d.addresses.some((x) => x.address === a))) return 'LOCAL';",
  ],
  [
    'affinity: chance comes before what is remembered',
    'src/kube-proxy/iptables-endpoints.ts',
    'return [...known, ...chosen];',
    'return [...chosen, ...known];',
  ],
  [
    'priority order: the chains of a hook run from the last to the first',
    'src/datapath/netfilter/hook-order.ts',
    'a.priority - b.priority ||',
    'b.priority - a.priority ||',
    'flannel vxlan, nftables',
  ],
  [
    'verdict maps: of a key only its first part counts',
    'src/kube-proxy/nftables-maps.ts',
    `for (const port of candidates(values))
        for (const e of entriesOf(port)[name]) if (e.key.every((part, i) => part === values[i])) return e;`,
    'for (const port of index.all) for (const e of entriesOf(port)[name]) if (e.key[0] === values[0]) return e;',
    'flannel vxlan, nftables',
  ],
  [
    'outer header: with the TTL of the packet inside',
    'src/stage/encap.ts',
    'ttl: isVxlan ? INITIAL_TTL : packet.ttl,',
    'ttl: packet.ttl,',
    'flannel vxlan, nftables',
  ],
  [
    'VTEP neighbour: one that is lost is there',
    'src/stage/encap.ts',
    'if (own !== undefined) return own.state',
    "if (own?.state === 'permanent') return own.state",
    'calico vxlan, nftables',
  ],
  [
    "connmark: the packet does not get its connection's mark",
    'src/stage/chain.ts',
    'return { ...so, mark: setMark(so.mark,',
    'return { ...so, connmark: setMark(so.mark,',
    'aws-vpc-cni, nftables',
  ],
  [
    'rules by source: one address is as good as another',
    'src/datapath/fib.ts',
    'flow.source === null || !contains(rule.from, flow.source)',
    'flow.source === null',
    'aws-vpc-cni, nftables',
  ],
  [
    "block route: a node's own block leads on where no pod has the address",
    'src/datapath/fib.ts',
    "if (route !== null && route.type !== 'throw') return",
    "if (route !== null && route.type !== 'throw' && route.type !== 'blackhole') return",
    'calico, nftables',
  ],
  [
    'numgen: always the first endpoint',
    'src/stage/chain.ts',
    'return all.flatMap((w) => {',
    'return all.slice(0, 1).flatMap((w) => {',
    'flannel vxlan, nftables',
  ],
  [
    'union: only the first policy about a pod counts',
    'src/k8s/policy/tiers.ts',
    'for (const { policy, doubt: subject } of selected) {',
    'for (const { policy, doubt: subject } of selected.slice(0, 1)) {',
    POLICIES,
  ],
  [
    'except: who is in a hole of a range is in the range',
    'src/k8s/policy/peer-fit.ts',
    'const hole = peer.except.find((e) => contains(e, address));',
    'const hole = peer.except.find((e) => e.length === 0 && contains(e, address));',
    POLICIES,
  ],
  [
    'named port: one name is as good as another',
    'src/k8s/policy/port-fit.ts',
    '.filter((p) => p.name === name);',
    '.filter((p) => p.name !== null || p.name === name);',
    POLICIES,
  ],
  [
    "post-DNAT port: the port that was called counts, not the pod's",
    'src/stage/policy.ts',
    "destinationPort: protocol === 'icmp' ? null : port,",
    "destinationPort: protocol === 'icmp' ? null : called,",
    POLICIES,
  ],
  [
    'reply by conntrack: answers are judged like first packets',
    'src/stage/policy.ts',
    "const known = skb.tracked?.state !== 'NEW' ?",
    "const known = skb.tracked?.state === 'INVALID' ?",
    POLICIES,
  ],
];

/** A fault is looked for where it is at home: in a family, on a datapath, or among policies. */
function homeOf(name, datapath) {
  if (datapath === POLICIES) return ['policies', {}];
  return datapath === undefined ? ['random', { K8S_TRACE_FAMILY: familyOf(name) }] : ['datapaths', { K8S_TRACE_DATAPATH: datapath }];
}

const familyOf = (name) => (name.startsWith('IPv6: ') ? 'IPv6' : 'IPv4');

const root = fileURLToPath(new URL('../..', import.meta.url));
const wanted = process.argv.slice(2).join(' ');
let missed = 0;
for (const [name, file, from, to, datapath] of MUTATIONS.filter(([n]) => n.includes(wanted))) {
  const copy = mkdtempSync(join(tmpdir(), 'mutation-'));
  for (const part of ['src', 'bin', 'test', 'fixtures', 'package.json', 'tsconfig.json', 'vitest.kernel.config.ts'])
    cpSync(join(root, part), join(copy, part), { recursive: true });
  symlinkSync(join(root, 'node_modules'), join(copy, 'node_modules'));
  const before = readFileSync(join(copy, file), 'utf8');
  if (before.split(from).length !== 2) throw new Error(`${file} does not have exactly once: ${from}`);
  writeFileSync(join(copy, file), before.replace(from, to));
  const [suite, where] = homeOf(name, datapath);
  const ran = spawnSync(process.execPath, ['node_modules/vitest/vitest.mjs', 'run', '-c', 'vitest.kernel.config.ts', suite], {
    cwd: copy,
    encoding: 'utf8',
    env: { ...process.env, NO_COLOR: '1', K8S_TRACE_CLUSTERS: '100', K8S_TRACE_SHRINK_MS: '0', ...where },
  });
  rmSync(copy, { recursive: true });
  const output = ran.stdout + ran.stderr;
  // Seeds count from 1: the first one that differs is the number of its cluster. A walk that never ends differs from all.
  const first = /K8S_TRACE_SEED=(\d+)/.exec(output)?.[1] ?? (/walk of more than/.test(output) ? '1' : null);
  const caught = ran.status !== 0 && first !== null;
  if (!caught) missed++;
  process.stdout.write(`${caught ? `caught by cluster ${first}` : 'MISSED'}: ${name}\n`);
  if (!caught && ran.status !== 0) process.stdout.write(`${ran.stdout.slice(-2000)}\n${ran.stderr.slice(-2000)}\n`);
}
process.exitCode = missed === 0 ? 0 : 1;
