import { describe, expect, it } from 'vitest';
import { check, configMap, daemonSet, inferFrom, node, pod } from './build.ts';

/** Who makes policies hold. */

const fact = 'networkPolicy' as const;
const agent = (set: string, container: string, words: Parameters<typeof daemonSet>[1] = {}) =>
  daemonSet(`kube-system/${set}`, { container, ...words });
const from = (set: string) => `DaemonSet/kube-system/${set} spec.template.spec.containers[0].name`;
const flannel = daemonSet('kube-flannel/kube-flannel-ds', { container: 'kube-flannel' });
const kubeProxy = pod('kube-system/kube-proxy-x7k2p', { node: 'n1', hostNetwork: true, daemonSet: 'kube-proxy' });
const k3s = (...words: readonly string[]) =>
  node('n1', { providerID: 'k3s://n1', annotations: { 'k3s.io/node-args': JSON.stringify(['server', ...words]) } });

check('what runs', [
  ...(
    [
      ['calico-node', 'calico-node', 'calico'],
      ['canal', 'calico-node', 'calico'],
      ['cilium', 'cilium-agent', 'cilium'],
      ['anetd', 'cilium-agent', 'cilium'],
      ['azure-npm', 'azure-npm', 'azure-npm'],
      ['kube-router', 'kube-router', 'kube-router'],
      ['weave-net', 'weave-npc', 'weave-npc'],
      ['antrea-agent', 'antrea-agent', 'antrea'],
      ['ovnkube-node', 'ovnkube-node', 'ovn-kubernetes'],
      ['kube-network-policies', 'kube-network-policies', 'kube-network-policies'],
      ['kindnet', 'kindnet-cni', 'kube-network-policies'],
    ] as const
  ).map(([set, container, value]) => ({
    rule: `${set} with ${container}`,
    objects: [agent(set, container)],
    fact,
    value,
    confidence: 'inferred' as const,
    from: from(set),
  })),
  {
    rule: 'a policy engine beside flannel',
    objects: [flannel, agent('calico-node', 'calico-node')],
    fact,
    value: 'calico',
    confidence: 'inferred',
    from: from('calico-node'),
  },
  {
    rule: "the agent of EKS, turned on by its flag, whatever the controller's ConfigMap says",
    objects: [
      agent('aws-node', 'aws-eks-nodeagent', { args: ['--enable-network-policy=true'] }),
      configMap('kube-system/amazon-vpc-cni', { 'enable-network-policy-controller': 'false' }),
    ],
    fact,
    value: 'aws-network-policy-agent',
    confidence: 'inferred',
    from: from('aws-node'),
  },
  {
    rule: 'the agent of EKS, turned off',
    objects: [agent('aws-node', 'aws-eks-nodeagent', { args: ['--enable-network-policy=false'] })],
    fact,
    value: 'none',
    confidence: 'declared',
    from: 'DaemonSet/kube-system/aws-node spec.template.spec.containers[0].args[0]',
  },
  {
    rule: 'the agent of EKS, of which nothing says whether it is on',
    objects: [agent('aws-node', 'aws-eks-nodeagent')],
    fact,
    value: null,
    confidence: 'unknown',
    from: 'DaemonSet/kube-system/aws-node spec.template.spec.containers[0].name',
  },
  {
    rule: 'the agent of EKS, turned on by the ConfigMap',
    objects: [
      agent('aws-node', 'aws-eks-nodeagent'),
      configMap('kube-system/amazon-vpc-cni', { 'enable-network-policy-controller': 'true' }),
    ],
    fact,
    value: 'aws-network-policy-agent',
    confidence: 'inferred',
    from: from('aws-node'),
  },
  {
    rule: 'kindnet before it knew policies',
    objects: [agent('kindnet', 'kindnet-cni', { image: 'docker.io/kindest/kindnetd:v20240513-cd2ac642' })],
    fact,
    value: 'none',
    confidence: 'inferred',
    from: 'DaemonSet/kube-system/kindnet spec.template.spec.containers[0].image',
  },
  {
    rule: 'kindnet since then',
    objects: [agent('kindnet', 'kindnet-cni', { image: 'docker.io/kindest/kindnetd:v20240813-c6f155d6' })],
    fact,
    value: 'kube-network-policies',
    confidence: 'inferred',
    from: from('kindnet'),
  },
  {
    rule: 'kube-router without its firewall',
    objects: [agent('kube-router', 'kube-router', { args: ['--run-router=true', '--run-firewall=false'] })],
    fact,
    value: 'none',
    confidence: 'declared',
    from: 'DaemonSet/kube-system/kube-router spec.template.spec.containers[0].args[1]',
  },
  {
    rule: 'Cilium that never enforces',
    objects: [agent('cilium', 'cilium-agent'), configMap('kube-system/cilium-config', { 'enable-policy': 'never' })],
    fact,
    value: 'none',
    confidence: 'declared',
    from: 'ConfigMap/kube-system/cilium-config data.enable-policy',
  },
]);

check('what nobody runs', [
  { rule: 'flannel, with all that runs beside it', objects: [flannel, kubeProxy], fact, value: 'none', confidence: 'assumed' },
  { rule: 'flannel alone, for what runs beside it is not here', objects: [flannel], fact, value: null, confidence: 'unknown' },
  { rule: 'a plugin that nobody knows', objects: [node('n1'), node('n2'), kubeProxy], fact, value: null, confidence: 'unknown' },
  {
    rule: "k3s' own controller",
    objects: [k3s()],
    fact,
    value: 'kube-router',
    confidence: 'inferred',
    from: 'Node/n1 metadata.annotations["k3s.io/node-args"]',
  },
  {
    rule: 'k3s without it',
    objects: [k3s('--disable-network-policy')],
    fact,
    value: 'none',
    confidence: 'declared',
    from: 'Node/n1 metadata.annotations["k3s.io/node-args"]',
  },
]);

describe('the version of the image', () => {
  it.each([
    ['docker.io/calico/node:v3.29.1', '3.29.1'],
    ['registry.local:5000/calico/node:v3.29.1-eks-1@sha256:0123', '3.29.1'],
    ['registry.local:5000/calico/node', null],
    ['calico/node:latest', null],
  ])('%s', (image, version) => {
    expect(inferFrom([agent('calico-node', 'calico-node', { image })]).enforcer).toMatchObject({ name: 'calico', version });
  });
});

describe('a flag', () => {
  it('wins, and the version is not that of what runs', () => {
    const given = [{ fact, node: null, value: 'none', source: null, text: 'a flag states it' }];
    const { enforcer } = inferFrom([agent('calico-node', 'calico-node', { image: 'calico/node:v3.29.1' })], [], given);
    expect(enforcer).toMatchObject({ name: 'none', version: null });
  });
});
