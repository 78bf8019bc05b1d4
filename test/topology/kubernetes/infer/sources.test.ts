import { describe, expect, it } from 'vitest';
import { FACTS } from '../../../../src/k8s/fact.ts';
import { argumentsInJson, argumentsOf } from '../../../../src/topology/kubernetes/infer/arguments.ts';
import { calico, configMap, factIn, inferFrom, logs, node, pod, service } from './build.ts';

/** How command lines are read, and which of several sources counts. */

describe('flags of a command line', () => {
  it.each([
    { rule: '--flag=value', command: ['kube-proxy', '--proxy-mode=ipvs'], flags: [['proxy-mode', 'ipvs', 'command', 1]] },
    { rule: '--flag value', command: ['kube-proxy', '--proxy-mode', 'ipvs'], flags: [['proxy-mode', 'ipvs', 'command', 1]] },
    {
      rule: '--flag alone',
      command: ['flanneld', '--ip-masq', '--kube-subnet-mgr'],
      flags: [
        ['ip-masq', 'true', 'command', 1],
        ['kube-subnet-mgr', 'true', 'command', 2],
      ],
    },
    { rule: 'one dash', args: ['-localip', '169.254.20.10'], flags: [['localip', '169.254.20.10', 'args', 0]] },
    { rule: 'a value with = and spaces', args: ['--extra=a=b c --d'], flags: [['extra', 'a=b c --d', 'args', 0]] },
    {
      rule: 'each time that it is there',
      args: ['--v=1', '--v=2'],
      flags: [
        ['v', '1', 'args', 0],
        ['v', '2', 'args', 1],
      ],
    },
    { rule: 'an empty value', args: ['--cluster-cidr='], flags: [['cluster-cidr', '', 'args', 0]] },
    {
      rule: 'one string for a shell, with quotes and a redirection',
      command: ['/bin/sh', '-c', 'exec kube-proxy --a="x y" --b \'z\' 1>>/var/log/x.log'],
      flags: [
        ['c', 'exec', 'command', 1],
        ['a', 'x y', 'command', 2],
        ['b', 'z', 'command', 2],
      ],
    },
    {
      rule: 'both lists',
      command: ['x', '--a=1'],
      args: ['--b=2'],
      flags: [
        ['a', '1', 'command', 1],
        ['b', '2', 'args', 0],
      ],
    },
  ])('$rule', ({ command, args, flags }) => {
    expect(argumentsOf({ command, args }).map(({ name, value, path }) => [name, value, ...path])).toEqual(flags);
  });
  it('the last one wins', () => {
    const command = ['kube-proxy', '--proxy-mode=iptables', '--proxy-mode=ipvs'];
    expect(inferFrom([pod('kube-system/kube-proxy-x7k2p', { daemonSet: 'kube-proxy', command })]).kubeProxy.mode).toBe('ipvs');
  });
  it("an agent's say nothing about the cluster", () => {
    const agent = (...words: readonly string[]) => ({ providerID: 'k3s://x', annotations: { 'k3s.io/node-args': JSON.stringify(words) } });
    const nodes = [
      node('a', agent('agent', '--cluster-cidr', '10.99.0.0/16')),
      node('b', agent('server', '--cluster-cidr', '10.52.0.0/16')),
    ];
    expect(factIn(inferFrom(nodes), 'podCIDR').value).toEqual(['10.52.0.0/16']);
  });
  it.each(['not JSON', '{"a":1}', '[1]', 'null'])('an annotation that is no list of words: %s', (text) => {
    expect(argumentsInJson(text)).toBeNull();
  });
});

const proxyConfig = (text: string) => configMap('kube-system/kube-proxy', { 'config.conf': text });
const proxy = pod('kube-system/kube-proxy-x7k2p', { node: 'n1', daemonSet: 'kube-proxy' });

describe('which source counts', () => {
  it('what is stated wins over what a log shows, which is kept', () => {
    const inference = inferFrom([proxy, proxyConfig('mode: ipvs\n')], logs(['kube-system/kube-proxy-x7k2p', 'Using iptables Proxier']), [
      { fact: 'kubeProxy.mode', node: null, value: 'nftables', source: null, text: '--kube-proxy-mode' },
    ]);
    expect(factIn(inference, 'kubeProxy.mode')).toMatchObject({
      value: 'nftables',
      confidence: 'stated',
      source: null,
      text: '--kube-proxy-mode',
      flag: '--kube-proxy-mode',
      command: null,
      others: [
        { value: 'iptables', confidence: 'observed' },
        { value: 'ipvs', confidence: 'declared' },
      ],
    });
    expect(inference.kubeProxy.mode).toBe('nftables');
  });
  it('a flag stands before a Topology', () => {
    const stated = (value: string) => ({ fact: 'clusterDomain', node: null, value, source: null, text: 'stated' }) as const;
    const inference = inferFrom([], [], [stated('a.local'), stated('b.local')]);
    expect(factIn(inference, 'clusterDomain')).toMatchObject({ value: 'a.local', others: [{ value: 'b.local', confidence: 'stated' }] });
  });
  it('what is stated of a node is that node’s', () => {
    const inference = inferFrom(
      [node('n1', { reason: 'FlannelIsUp' }), node('n2', { reason: 'FlannelIsUp' }), node('n3', { reason: 'FlannelIsUp' })],
      [],
      [
        { fact: 'cni.plugin', node: 'n2', value: 'calico', source: null, text: 'the Topology' },
        { fact: 'node.podCIDRs', node: 'n1', value: ['10.1.0.0/24'], source: null, text: 'the Topology' },
      ],
    );
    expect(factIn(inference, 'cni.plugin').value).toBe('flannel');
    expect(factIn(inference, 'cni.plugin', 'n2')).toMatchObject({ value: 'calico', confidence: 'stated', others: [{ value: 'flannel' }] });
    expect(factIn(inference, 'node.podCIDRs', 'n1')).toMatchObject({ value: ['10.1.0.0/24'], confidence: 'stated' });
    expect(factIn(inference, 'node.podCIDRs', 'n2').value).toBeNull();
  });
  it('stated segments are the nodes’', () => {
    const inference = inferFrom(
      [node('n1', { ips: ['10.0.2.5'] })],
      [],
      [{ fact: 'segments', node: null, value: ['10.0.0.0/23', '10.0.2.0/23'], source: null, text: '--segments' }],
    );
    expect(factIn(inference, 'node.segment', 'n1')).toMatchObject({ value: 'segment-2', confidence: 'stated' });
  });
  it('a default contradicts nobody', () => {
    const inference = inferFrom([proxy, proxyConfig('mode: ipvs\n')]);
    expect(factIn(inference, 'kubeProxy.mode').others).toEqual([]);
  });
  it('two that are equally sure and differ are a note', () => {
    const networking = 'networking:\n  podSubnet: 10.245.0.0/16\n';
    const manager = pod('kube-system/kube-controller-manager-n1', {
      node: 'n1',
      command: ['kube-controller-manager', '--cluster-cidr=10.244.0.0/16'],
    });
    const { notes } = inferFrom([configMap('kube-system/kubeadm-config', { ClusterConfiguration: networking }), manager]);
    expect(notes.map((n) => [n.kind, n.text])).toEqual([
      [
        'disagreement',
        "podCIDR: kubeadm's podSubnet (10.245.0.0/16), but --cluster-cidr of kube-controller-manager (10.244.0.0/16); the first is used",
      ],
    ]);
  });
  it('and one note, however many nodes it is about', () => {
    const nodes = ['a', 'b', 'c'].map((name) =>
      node(name, { podCIDR: '10.244.0.0/24', annotations: { 'kube-router.io/pod-cidrs': '10.245.0.0/24' } }),
    );
    expect(inferFrom(nodes).notes.map((n) => n.text)).toEqual([
      "node.podCIDRs of a: kube-router's annotation (10.245.0.0/24), but the Node's range (10.244.0.0/24); the first is used; so it is with 2 more",
    ]);
  });
  it('nodes that differ are named, a few of them', () => {
    const most = Array.from({ length: 6 }, (_, i) => node(`a${i}`, { reason: 'CiliumIsUp' }));
    const others = Array.from({ length: 5 }, (_, i) => node(`b${i}`, { reason: 'FlannelIsUp' }));
    expect(inferFrom([...most, ...others]).notes.map((n) => n.text)).toEqual([
      'cni.plugin is cilium on most nodes, but flannel on b0, b1, b2 and 2 more',
    ]);
  });
  it('redaction is said once', () => {
    const { notes } = inferFrom([
      node('a', { ips: ['***HIDDEN***'] }),
      node('b', { ips: ['x.x.x.x'] }),
      service('default/kubernetes', 'REDACTED-IP'),
    ]);
    expect(notes.map((n) => n.kind)).toEqual(['redacted']);
  });
  it('what is assumed or unknown has the command that would tell', () => {
    const inference = inferFrom([node('n1', { reason: 'CalicoIsUp' })]);
    const pools = 'kubectl get ippools.crd.projectcalico.org,blockaffinities.crd.projectcalico.org -o json';
    expect(factIn(inference, 'cni.mode').command).toBe(pools);
    expect(factIn(inference, 'kubeProxy.mode').command).toBe('kubectl logs -n kube-system ds/kube-proxy | grep Proxier');
    expect(factIn(inference, 'cni.plugin').command).toBeNull();
    for (const fact of inference.facts) expect(fact.command === null).toBe(fact.confidence !== 'assumed' && fact.confidence !== 'unknown');
  });
  it.each([
    ['k3s', node('n1', { providerID: 'k3s://n1' })],
    ['rke2', node('n1', { annotations: { 'rke2.io/node-args': '["server"]' } })],
    ['microk8s', node('n1', { labels: { 'microk8s.io/cluster': 'true' } })],
  ])('%s has no DaemonSet of kube-proxy, so a node is asked for its mode', (_, one) => {
    expect(factIn(inferFrom([one]), 'kubeProxy.mode').command).toBe('curl -s http://localhost:10249/proxyMode');
  });
  it('a mode that is known is asked nobody for, in k3s too', () => {
    const args = JSON.stringify(['server', '--kube-proxy-arg=proxy-mode=ipvs']);
    const known = node('n1', { providerID: 'k3s://n1', annotations: { 'k3s.io/node-args': args } });
    expect(factIn(inferFrom([known]), 'kubeProxy.mode').command).toBeNull();
  });
  it('every fact is there, in the order of the contract, and then the nodes', () => {
    const { facts } = inferFrom([node('n1'), node('n2')]);
    const ofNodes = FACTS.filter((f) => f.startsWith('node.'));
    expect(facts.map((f) => [f.fact, f.node])).toEqual([
      ...FACTS.filter((f) => !f.startsWith('node.')).map((f) => [f, null]),
      ...['n1', 'n2'].flatMap((name) => ofNodes.map((f) => [f, name])),
    ]);
  });
  it('a cluster of which nothing is given has facts all the same', () => {
    expect(inferFrom([]).facts.map((f) => f.confidence)).not.toContain('declared');
  });
});

describe('large clusters', () => {
  it('what is the same on all nodes is read once, not once a node', () => {
    const nodes = Array.from({ length: 300 }, (_, i) => node(`n${i}`, { ips: [`10.${i >> 8}.${i & 255}.1`], reason: 'CalicoIsUp' }));
    const blocks = nodes.map((n, i) =>
      calico('BlockAffinity', `b${i}`, { cidr: `100.${64 + (i >> 8)}.${i & 255}.0/26`, node: n.metadata.name }),
    );
    const pods = nodes.flatMap((n, i) =>
      ['calico-node', 'kube-proxy', 'a', 'b', 'c'].map((name) =>
        pod(`kube-system/${name}-${String(i).padStart(5, '0')}`, { node: n.metadata.name, ip: `100.${64 + (i >> 8)}.${i & 255}.9` }),
      ),
    );
    let reads = 0;
    const config = configMap('kube-system/kube-proxy', { 'config.conf': 'mode: [\n' });
    const { notes, facts } = inferFrom([...nodes, ...blocks, ...pods, config]);
    for (const note of notes) if (note.kind === 'unreadable') reads++;
    expect(reads).toBe(1);
    expect(facts).toHaveLength(FACTS.length - 4 + 4 * 300);
  });
});
