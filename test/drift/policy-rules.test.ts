import { describe, expect, test } from 'vitest';
import { driftOf, WORLD } from './world.ts';

describe('rules of a policy enforcer, beside what the policies say', () => {
  const policed = `${WORLD.replace('cni: bridge', 'cni: bridge, networkPolicy: kube-router')}networkPolicies:
  - { name: b, podSelector: { matchLabels: { app: b } }, ingress: [ { from: [ { podSelector: { matchLabels: { app: PEER } } } ] } ] }
`;
  const filter = (source: string) => `*filter
:INPUT ACCEPT [0:0]
:FORWARD ACCEPT [0:0]
:OUTPUT ACCEPT [0:0]
:KUBE-POD-FW-LRCPJNWZQ5EDSB6L - [0:0]
:KUBE-NWPLCY-7GK2QXNVEJT4WFUH - [0:0]
-A FORWARD -d 10.244.2.10/32 -j KUBE-POD-FW-LRCPJNWZQ5EDSB6L
-A KUBE-POD-FW-LRCPJNWZQ5EDSB6L -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT
-A KUBE-POD-FW-LRCPJNWZQ5EDSB6L -d 10.244.2.10/32 -m comment --comment "run through nw policy b" -j KUBE-NWPLCY-7GK2QXNVEJT4WFUH
-A KUBE-POD-FW-LRCPJNWZQ5EDSB6L -m mark ! --mark 0x10000/0x10000 -j REJECT --reject-with icmp-port-unreachable
-A KUBE-NWPLCY-7GK2QXNVEJT4WFUH -s ${source} -j MARK --set-xmark 0x10000/0x10000
COMMIT
`;
  const asked = (peer: string, source: string) =>
    driftOf({ 'world.yaml': policed.replace('PEER', peer), 'state/node-2/iptables-save': filter(source) }, '--from a --to b');

  test.each([
    ['both let it pass', 'a', '10.244.1.10/32'],
    ['both refuse', 'nobody', '10.244.9.9/32'],
  ])('%s: no drift', async (_, peer, source) => {
    expect((await asked(peer, source)).status).toBe(0);
  });

  test('policies refuse, and the rules let it pass', async () => {
    const { flows } = await asked('nobody', '10.244.1.10/32');
    expect(flows.map((f) => [f.should.code, f.has.outcome])).toEqual([['POLICY_DEFAULT_DENY', 'delivered']]);
    expect(flows[0]?.cause).toMatchObject({
      kind: 'policy-rules',
      policyDrift: true,
      node: 'node-2',
      source: { line: 11, text: '-A KUBE-NWPLCY-7GK2QXNVEJT4WFUH -s 10.244.1.10/32 -j MARK --set-xmark 0x10000/0x10000' },
    });
  });

  test('policies let it pass, and the rules refuse', async () => {
    const { flows } = await asked('a', '10.244.9.9/32');
    expect(flows.map((f) => [f.should.outcome, f.has.code])).toEqual([['delivered', 'FILTER_REJECT']]);
    expect(flows[0]?.cause).toMatchObject({ kind: 'policy-rules', policyDrift: true, source: { line: 10 } });
  });
});
