import { expect, test } from 'vitest';
import { driftOf, edited, type Files, healthy, SAVE, WORLD, without } from './world.ts';

/** kube-proxy in mode ipvs: what ipvsadm shows, and the sets that its few rules ask. */

const SETS = `create KUBE-CLUSTER-IP hash:ip,port family inet hashsize 1024 maxelem 65536
add KUBE-CLUSTER-IP 10.96.0.10,tcp:80
create KUBE-LOOP-BACK hash:ip,port,ip family inet hashsize 1024 maxelem 65536
create KUBE-IPVS-IPS hash:ip family inet hashsize 1024 maxelem 65536
add KUBE-IPVS-IPS 10.96.0.10
`;

const files = async (): Promise<Files> => ({
  ...(await healthy(WORLD.replace('kubeProxy: iptables', 'kubeProxy: ipvs'))),
  'state/node-1/ipset-save': SETS,
});
const asked = (some: Files) => driftOf(some, '--from a --to svc/web');

test('what should be there is no drift', async () => {
  expect((await asked(await files())).outcome).toBe('same');
});

test.each([
  ['a virtual server without its destination', /^-a -t 10\.96\.0\.10:80 .*\n/m],
  ['no virtual server', /^-[Aa] -t 10\.96\.0\.10:80 .*\n/gm],
])('%s', async (_, lines) => {
  const bare = { ...(await files()), 'state/node-1/ipvsadm': '# ipvsadm -Sn: no output\n' };
  const [flow] = (await asked(edited(bare, SAVE, without(lines)))).flows;
  // Without a server the node takes it for itself: the address is on kube-ipvs0.
  expect([flow?.should.endpoints, flow?.has.endpoints.includes('default/b:8080')]).toEqual([['default/b:8080'], false]);
  expect(flow?.cause).toMatchObject({
    kind: 'missing-rule',
    part: 'ipvsadm (IPv4)',
    restore: { by: 'kube-proxy', commands: [] },
    together: [],
  });
});
