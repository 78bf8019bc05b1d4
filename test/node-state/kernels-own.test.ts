import { expect, test } from 'vitest';
import { answers, machineOf } from './machine.ts';

/**
 * What the kernel itself sends, as a kernel (6.18) counted it: errors are of control group 0 and of no user or group, whatever is asked of these; a
 * reset of TCP's is as they are, and a reset of REJECT's is of no socket at all.
 */

const ruleset = (how: string, asked: string) => `table inet t {
	chain input {
		type filter hook input priority filter; policy accept;
		tcp dport 22 ${how}
	}
	chain output {
		type filter hook output priority filter; policy accept;
		${asked} counter drop
	}
}
`;
const ROUTES = 'default via 192.168.50.1 dev eth0 \n192.168.50.0/24 dev eth0 proto kernel scope link src 192.168.50.11 \n';

test.each([
  ['reject', 'meta cgroup 0', 'dropped'],
  ['reject', 'meta cgroup 5087041', 'rejected'],
  ['reject', 'meta cgroup != 5', 'dropped'],
  ['reject', 'meta skuid 0', 'rejected'],
  ['reject', 'meta skuid != 77', 'rejected'],
  ['reject', 'meta skgid != 77', 'rejected'],
  ['reject with tcp reset', 'meta skuid != 77', 'rejected'],
])('what %s sends, and %s: %s', (how, asked, ends) => {
  expect(answers(machineOf({ nft: ruleset(how, asked), 'ip-route': ROUTES }), '192.168.50.7', '192.168.50.11:22')).toEqual([ends]);
});

/** `rejected` says that the client hears of it. */
test('a refusal whose own way is not known leaves open whether its client hears of it', () => {
  const ruleset = `table inet t {
	chain input {
		type filter hook input priority filter; policy accept;
		tcp dport 22 reject
	}
	chain output {
		type filter hook output priority filter; policy accept;
		ip frag-off 0 counter drop
	}
}
`;
  expect(answers(machineOf({ nft: ruleset, 'ip-route': ROUTES }), '192.168.50.7', '192.168.50.11:22')).toEqual(['undetermined']);
});
