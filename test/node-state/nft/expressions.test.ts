import { describe, expect, it } from 'vitest';
import { traceFlow } from '../../../src/walk/flow.ts';
import { isolated, whyNot } from '../../kernel-lab/machine.ts';
import { twoHosts } from '../../stage/two-hosts.ts';
import { tablesOf } from './reading.ts';
import { type Answer, ICMP, TCP } from './rows.ts';

const ruleset = (rules: readonly string[]) =>
  `table inet t {\n\tchain f {\n\t\ttype filter hook forward priority filter; policy accept;\n\t\tip saddr 10.1.0.2 jump rows\n\t}\n\n\tchain rows {\n${rules.map((r) => `\t\t${r}\n`).join('')}\t}\n}\n`;

/** What becomes of the first packet where the rule drops it. */
function walked(expression: string, protocol: 'tcp' | 'icmp'): Answer {
  const [table] = tablesOf(ruleset([`${expression} drop`]));
  if (table === undefined) throw new Error('no table');
  const { flow } = twoHosts((builder) => builder.nft(table), { protocol });
  const [path, ...others] = traceFlow(flow);
  if (path === undefined || others.length > 0) throw new Error('one way is expected');
  // Later packets of the connection are other ones.
  const { kind } = path.forward.end;
  if (kind === 'undetermined') return 'unknown';
  return kind === 'delivered' ? 'miss' : 'hit';
}

describe('what a rule asks, and the walk answers', () => {
  it.each(TCP)('%s: %s', (expression, answer) => expect(walked(expression, 'tcp')).toBe(answer));
  it.each(ICMP)('a ping, %s: %s', (expression, answer) => expect(walked(expression, 'icmp')).toBe(answer));
});

const NETWORK = `
mount -t tmpfs none /run && mkdir -p /run/netns
ip netns add c; ip netns add s
ip link add eth0 type veth peer name eth0 netns c
ip link add eth1 type veth peer name eth0 netns s
ip addr add 10.1.0.1/24 dev eth0; ip addr add 10.2.0.1/24 dev eth1; ip link set eth0 up; ip link set eth1 up; ip link set lo up
ip -n c addr add 10.1.0.2/24 dev eth0; ip -n c link set eth0 up; ip -n c route add default via 10.1.0.1
ip -n s addr add 10.2.0.2/24 dev eth0; ip -n s link set eth0 up; ip -n s route add default via 10.2.0.1
echo 1 > /proc/sys/net/ipv4/ip_forward
nft -f -
`;
const SEND = {
  tcp: "ip netns exec c timeout 2 bash -c 'exec 3<>/dev/tcp/10.2.0.2/80' 2>/dev/null || true",
  icmp: `ip netns exec c perl -MSocket -e '
    socket(S, PF_INET, SOCK_RAW, 1) or die $!; alarm 2;
    send(S, pack("C2n3", 8, 0, 0xf7fd, 1, 1), 0, pack_sockaddr_in(0, inet_aton("10.2.0.2"))) or die $!; recv(S, $_, 99, 0)' || true`,
};

/** Is what hits here counted by the kernel, and what does not is not? */
describe.skipIf(whyNot !== null)('the kernel answers the same', () => {
  it.each([
    ['tcp', TCP],
    ['icmp', ICMP],
  ] as const)('%s', (protocol, rows) => {
    const known = rows.filter(([, answer]) => answer !== 'unknown');
    const chains = known.map(([expression], i) => `\tchain r${i} {\n\t\t${expression} counter comment "row ${i}"\n\t}\n`).join('');
    // Each row begins without marks.
    const jumps = known.map((_, i) => `meta mark set 0x0 ct mark set 0x0 jump r${i}`);
    const text = ruleset(jumps).replace('\tchain f {', `${chains}\tchain f {`);
    const ran = isolated(
      `unshare --mount sh -ec '${NETWORK.replaceAll("'", "'\\''")}\n${SEND[protocol].replaceAll("'", "'\\''")}\nnft list ruleset'`,
      text,
    );
    expect(ran.stderr).toBe('');
    const counted = new Map(
      [...ran.stdout.matchAll(/counter packets (\d+) bytes \d+ comment "row (\d+)"/g)].map(([, n, row]) => [Number(row), Number(n)]),
    );
    expect(known.map(([expression], i) => `${expression}: ${(counted.get(i) ?? 0) > 0 ? 'hit' : 'miss'}`)).toEqual(
      known.map(([expression, answer]) => `${expression}: ${answer}`),
    );
  });
});
