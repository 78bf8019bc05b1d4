import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { traceSchema } from '../../src/document/trace-schema.ts';
import { run } from '../cli/fake-io.ts';

/** node-1 pings node-2, on which these rules of ip6tables were found: what the kernel does, in two namespaces with a veth between them. */

const CLUSTER = readFileSync(new URL('../../fixtures/ipv6/four-pods.yaml', import.meta.url), 'utf8');

const CHAINS = {
  raw: ['PREROUTING', 'OUTPUT'],
  mangle: ['PREROUTING', 'INPUT', 'FORWARD', 'OUTPUT', 'POSTROUTING'],
  filter: ['INPUT', 'FORWARD', 'OUTPUT'],
} as const;
type Table = keyof typeof CHAINS;

/** `-P INPUT DROP` and `-A …`, as iptables-save prints them. */
function saved(table: Table, rules: readonly string[]): string {
  const policy = (chain: string) => (rules.includes(`-P ${chain} DROP`) ? 'DROP' : 'ACCEPT');
  const chains = CHAINS[table].map((chain) => `:${chain} ${policy(chain)} [0:0]`);
  return [`*${table}`, ...chains, ...rules.filter((r) => r.startsWith('-A')), 'COMMIT', ''].join('\n');
}

const NS = '-p ipv6-icmp -m icmp6 --icmpv6-type 135 -j';
const NA = '-p ipv6-icmp -m icmp6 --icmpv6-type 136 -j';
const PING = '-p ipv6-icmp -m icmp6 --icmpv6-type 128 -j ACCEPT';
const UNTRACKED = '-m conntrack --ctstate UNTRACKED -j ACCEPT';
const ODD = '-m u32 --u32 "0x0=0x0" -j';

const NOBODY = 'NEIGHBOUR_UNREACHABLE';
const rows: readonly (readonly [code: string, table: Table, ...rules: string[]])[] = [
  [NOBODY, 'filter', '-P INPUT DROP'],
  [NOBODY, 'filter', '-P INPUT DROP', `-A INPUT ${PING}`],
  ['delivered', 'filter', '-P INPUT DROP', `-A INPUT ${NS} ACCEPT`, `-A INPUT ${PING}`],
  [NOBODY, 'filter', '-P OUTPUT DROP'],
  [NOBODY, 'filter', `-A OUTPUT ${NA} DROP`],
  [NOBODY, 'filter', `-A OUTPUT ${NA} REJECT --reject-with icmp6-port-unreachable`],
  ['delivered', 'filter', `-A OUTPUT ${NS} DROP`],
  [NOBODY, 'raw', `-A PREROUTING ${NS} DROP`],
  ['delivered', 'raw', `-A PREROUTING ${NA} DROP`],
  [NOBODY, 'mangle', `-A PREROUTING ${NS} DROP`],
  [NOBODY, 'mangle', `-A INPUT -d ff02::/16 -j DROP`],
  [NOBODY, 'mangle', `-A POSTROUTING ${NA} DROP`],
  ['delivered', 'mangle', `-A FORWARD ${NS} DROP`],
  [NOBODY, 'filter', '-A INPUT -m conntrack --ctstate UNTRACKED -j DROP'],
  ['delivered', 'filter', '-P INPUT DROP', `-A INPUT ${UNTRACKED}`, `-A INPUT ${PING}`],
  [NOBODY, 'filter', '-P INPUT DROP', '-A INPUT -m conntrack --ctstate NEW,RELATED,ESTABLISHED -j ACCEPT'],
  ['delivered', 'filter', '-A INPUT -m conntrack --ctstate INVALID -j DROP'],
  [NOBODY, 'filter', '-A INPUT -m hl --hl-eq 255 -j DROP'],
  // Of what nothing tells: it matters, or it does not.
  ['FACT_MISSING', 'filter', `-A INPUT -d ff02::/16 ${ODD} DROP`],
  [NOBODY, 'filter', '-P INPUT DROP', `-A INPUT -d ff02::/16 ${ODD} DROP`],
  ['delivered', 'filter', '-P INPUT DROP', `-A INPUT -d ff02::/16 ${ODD} ACCEPT`, `-A INPUT ${NS} ACCEPT`, `-A INPUT ${PING}`],
];

const asked = async (table: Table, rules: readonly string[], node: string) => {
  const files = { 'c.yaml': CLUSTER, [`state/${node}/ip6tables-save.txt`]: saved(table, rules) };
  const { stdout, stderr } = await run('-f c.yaml --node-state state node-1 fd00:192:168:1::12/icmp -o json', { files });
  if (stdout === '') throw new Error(stderr);
  return traceSchema.parse(JSON.parse(stdout));
};

test.each(rows.map(([code, table, ...rules]) => [code, table, rules.join(' '), rules] as const))(
  '%s: %s %s',
  async (code, table, _, rules) => {
    const { outcome, reason } = await asked(table, rules, 'node-2');
    expect(reason?.code ?? outcome).toBe(code);
  },
);

test.each([
  [NOBODY, `-A OUTPUT ${NS} DROP`],
  [NOBODY, `-A INPUT ${NA} DROP`],
  ['delivered', `-A OUTPUT ${NA} DROP`],
  ['delivered', `-A INPUT ${NS} DROP`],
])('%s: the one that asks has %s', async (code, rule) => {
  const { outcome, reason } = await asked('filter', [rule], 'node-1');
  expect(reason?.code ?? outcome).toBe(code);
});

test('the rule is cited', async () => {
  const { reason } = await asked('raw', [`-A PREROUTING ${NS} DROP`], 'node-2');
  expect(reason?.source).toMatchObject({ file: 'state/node-2/ip6tables-save.txt', line: 4 });
});
