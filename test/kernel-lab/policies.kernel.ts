import type fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Datapath } from './datapath.ts';
import { DATAPATHS } from './datapaths.ts';
import { inFamily } from './families.ts';
import { type Scenario, soundScenarioOn } from './generate.ts';
import { whyNot } from './machine.ts';
import { withPolicies } from './policed.ts';
import { hardlyMet } from './policy-tally.ts';
import { search } from './search.ts';

/** On demand: how many clusters, and from which seed. */
const CLUSTERS = Number(process.env['K8S_TRACE_CLUSTERS'] ?? 60);
const SEED = Number(process.env['K8S_TRACE_SEED'] ?? 1);
/** A run that hardly ever meets what it is about proves nothing. */
const ENOUGH_FLOWS = 600;
const LEAST = 3;

/** Who enforces, on what: in turn. Those that are at the pods' devices are built by no lab. */
const ENFORCED: readonly (readonly [datapath: string, enforcer: string])[] = [
  ['bridge', 'kube-router'],
  ['calico', 'calico'],
  ['flannel vxlan', 'kube-router'],
  ['canal', 'calico'],
  ['kindnet', 'kube-network-policies'],
  ['bridge', 'azure-npm'],
  ['calico vxlan', 'calico'],
  ['flannel host-gw', 'weave-npc'],
  ['bridge', 'kube-router'],
  ['aws-vpc-cni', 'calico'],
  ['flannel directRouting', 'none'],
];

const FAMILIES = ['IPv4', 'IPv6', 'IPv4', 'both'] as const;

function drawn(seed: number): fc.Arbitrary<Scenario> {
  const [name, enforcer] = ENFORCED[seed % ENFORCED.length] ?? ['bridge', 'kube-router'];
  const datapath = DATAPATHS.find((d) => d.name === name);
  if (datapath === undefined) throw new Error(`no datapath ${name}`);
  const family = familyOn(datapath, seed);
  const sound = soundScenarioOn(datapath, seed % 5 === 0 ? 'nftables' : 'iptables');
  return withPolicies(inFamily(sound, family, seed % 8 < 4 ? 'IPv4' : 'IPv6'), enforcer, family);
}

function familyOn({ families }: Datapath, seed: number): (typeof FAMILIES)[number] {
  const wanted = FAMILIES[Math.floor(seed / ENFORCED.length) % FAMILIES.length] ?? 'IPv4';
  return families.includes(wanted) ? wanted : 'IPv4';
}

describe.skipIf(whyNot !== null)(`random policies against the kernel${whyNot === null ? '' : ` (skipped: ${whyNot})`}`, () => {
  it(`${CLUSTERS} clusters from seed ${SEED}`, async () => {
    const [tally, wrong] = await search({ drawn, first: SEED, clusters: CLUSTERS, again: '' });
    if (wrong !== null) expect.fail(wrong);
    if (tally.flows >= ENOUGH_FLOWS) expect(hardlyMet(tally.policies, LEAST), 'what was hardly met').toEqual([]);
  });
});
