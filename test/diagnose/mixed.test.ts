import { expect, test } from 'vitest';
import { run } from '../cli/fake-io.ts';

/** One of two ways leaves the machine, the other one ends there: what is told is why that ends, whichever comes first. */

const state = (map: string) => `# ip route
default via 192.168.50.1 dev eth0
192.168.50.0/24 dev eth0 proto kernel scope link src 192.168.50.11
blackhole 10.9.9.0/24
# nft list ruleset
table ip lb {
	chain out {
		type nat hook output priority -100; policy accept;
		ip daddr 203.0.113.80 tcp dport 80 dnat to numgen random mod 2 map { ${map} }
	}
}
`;

test.each(['0 : 8.8.8.8, 1 : 10.9.9.9', '0 : 10.9.9.9, 1 : 8.8.8.8'])('%s', async (map) => {
  const { stdout } = await run('192.168.50.11 203.0.113.80:80 --node-state m --width 200', { files: { 'm/state.txt': state(map) } });
  const lines = stdout.split('\n');
  expect(lines[0]).toMatch(
    /^mixed BLACKHOLE_ROUTE: .*1 of 2 paths \(50 % of connections\) fails\. The blackhole route 10\.9\.9\.0\/24 on /,
  );
  expect(lines.filter((l) => /^(Why|Also) /.test(l))).toEqual([expect.stringMatching(/^Why +The blackhole route .* \(m\/state\.txt:4:1,/)]);
});
