import { describe, expect, it } from 'vitest';
import { calico, check, configMap, daemonSet, factIn, inferFrom, logs, node, pod } from './build.ts';

/** Who programs services, how, and what it takes for local. */

const proxy = (words: Parameters<typeof pod>[1] = {}) =>
  pod('kube-system/kube-proxy-x7k2p', { node: 'n1', hostNetwork: true, daemonSet: 'kube-proxy', ...words });
const config = (text: string) => configMap('kube-system/kube-proxy', { 'config.conf': text });
const running = (name: string, words: Parameters<typeof pod>[1] = {}) =>
  pod(`kube-system/${name}-x7k2p`, { node: 'n1', hostNetwork: true, daemonSet: name, ...words });
const k3s = (...words: readonly string[]) =>
  node('n1', { providerID: 'k3s://n1', annotations: { 'k3s.io/node-args': JSON.stringify(['server', ...words]) } });

const CONFIG = 'ConfigMap/kube-system/kube-proxy data["config.conf"]';
const POD = 'Pod/kube-system/kube-proxy-x7k2p spec.containers[0]';
const LOG = 'Pod/kube-system/kube-proxy-x7k2p';
const fact = 'kubeProxy.mode' as const;

check("kube-proxy's mode", [
  ...(
    [
      ['I1130 12:00:00.000000       1 server_others.go:72] "Using iptables Proxier"', 'iptables'],
      ['I1130 server_others.go:259] Using ipvs Proxier.', 'ipvs'],
      ['"Using nftables Proxier"', 'nftables'],
      ['W0101 server_others.go:555] Flag proxy-mode="" unknown, assuming iptables proxy', 'iptables'],
    ] as const
  ).map(([line, value]) => ({
    rule: line,
    objects: [proxy(), config('mode: ipvs\n')],
    logs: logs(['kube-system/kube-proxy-x7k2p', line]),
    fact,
    value,
    confidence: 'observed' as const,
    from: LOG,
    others: value === 'ipvs' ? [] : ['ipvs'],
  })),
  {
    rule: 'its configuration',
    objects: [config('mode: nftables\n')],
    fact,
    value: 'nftables',
    confidence: 'declared',
    from: `${CONFIG}.mode`,
  },
  { rule: 'empty is iptables', objects: [config('mode: ""\n')], fact, value: 'iptables', confidence: 'declared', from: `${CONFIG}.mode` },
  {
    rule: 'none is iptables too',
    objects: [config('clusterCIDR: ""\n')],
    fact,
    value: 'iptables',
    confidence: 'declared',
    from: `${CONFIG}.mode`,
  },
  {
    rule: "EKS' configuration",
    objects: [configMap('kube-system/kube-proxy-config', { config: 'mode: "iptables"\nclusterCIDR: ""\n' })],
    fact,
    value: 'iptables',
    confidence: 'declared',
    from: 'ConfigMap/kube-system/kube-proxy-config data.config.mode',
  },
  {
    rule: "OpenShift SDN's word for iptables",
    objects: [configMap('openshift-sdn/sdn-config', { 'kube-proxy-config.yaml': 'mode: unidling+iptables\n' })],
    fact,
    value: 'iptables',
    confidence: 'declared',
    from: 'ConfigMap/openshift-sdn/sdn-config data["kube-proxy-config.yaml"].mode',
  },
  {
    rule: 'its argument',
    objects: [proxy({ command: ['kube-proxy', '--proxy-mode=ipvs'] })],
    fact,
    value: 'ipvs',
    confidence: 'declared',
    from: `${POD}.command[1]`,
  },
  {
    rule: 'its argument in one string for a shell (GKE)',
    objects: [
      pod('kube-system/kube-proxy-n1', {
        node: 'n1',
        command: ['/bin/sh', '-c', 'exec kube-proxy --master=https://1.2.3.4 --proxy-mode=iptables --v=2 1>>/var/log/kube-proxy.log 2>&1'],
      }),
    ],
    fact,
    value: 'iptables',
    confidence: 'declared',
    from: 'Pod/kube-system/kube-proxy-n1 spec.containers[0].command[2]',
  },
  {
    rule: 'the argument is void beside a file of configuration',
    objects: [proxy({ command: ['kube-proxy', '--config=/var/lib/kube-proxy/config.conf', '--proxy-mode=ipvs'] })],
    fact,
    value: 'iptables',
    confidence: 'assumed',
    from: `${POD}.command[1]`,
  },
  {
    rule: 'the DaemonSet, when no pod is there',
    objects: [daemonSet('kube-system/kube-proxy', { command: ['kube-proxy', '--proxy-mode', 'ipvs'] })],
    fact,
    value: 'ipvs',
    confidence: 'declared',
    from: 'DaemonSet/kube-system/kube-proxy spec.template.spec.containers[0].command[1]',
  },
  {
    rule: 'k3s without it',
    objects: [k3s('--disable-kube-proxy')],
    fact,
    value: 'none',
    confidence: 'declared',
    from: 'Node/n1 metadata.annotations["k3s.io/node-args"]',
  },
  {
    rule: "k3s' argument for it",
    objects: [k3s('--kube-proxy-arg=proxy-mode=ipvs')],
    fact,
    value: 'ipvs',
    confidence: 'declared',
    from: 'Node/n1 metadata.annotations["k3s.io/node-args"]',
  },
  { rule: 'it runs, and nothing says more', objects: [proxy()], fact, value: 'iptables', confidence: 'assumed', from: `${POD}.name` },
  { rule: 'k3s has it in its own process', objects: [k3s()], fact, value: 'iptables', confidence: 'assumed' },
  {
    rule: 'so has MicroK8s',
    objects: [node('n1', { labels: { 'microk8s.io/cluster': 'true' } })],
    fact,
    value: 'iptables',
    confidence: 'assumed',
  },
  {
    rule: 'no pod of it: not known, and not "not running"',
    objects: [node('n1'), pod('a/a', { node: 'n1' })],
    fact,
    value: null,
    confidence: 'unknown',
  },
  {
    rule: 'a mode of another system is not known, and no default stands in for it',
    objects: [proxy(), config('mode: userspace\n')],
    fact,
    value: null,
    confidence: 'unknown',
    from: `${CONFIG}.mode`,
  },
]);

describe('who else programs services', () => {
  it.each([
    {
      rule: 'Cilium',
      objects: [running('cilium'), configMap('kube-system/cilium-config', { 'kube-proxy-replacement': 'true' })],
      mode: 'none',
      who: 'cilium',
    },
    {
      rule: 'Cilium, in old words',
      objects: [running('cilium'), configMap('kube-system/cilium-config', { 'kube-proxy-replacement': 'strict' })],
      mode: 'none',
      who: 'cilium',
    },
    {
      rule: 'Cilium in part',
      objects: [running('cilium'), proxy(), configMap('kube-system/cilium-config', { 'kube-proxy-replacement': 'partial' })],
      mode: 'iptables',
      who: 'cilium',
    },
    {
      rule: 'Cilium not at all',
      objects: [running('cilium'), proxy(), configMap('kube-system/cilium-config', { 'kube-proxy-replacement': 'false' })],
      mode: 'iptables',
      who: null,
    },
    { rule: "AKS' own Cilium", objects: [running('cilium'), running('azure-cns')], mode: 'none', who: 'cilium' },
    { rule: "GKE's own Cilium", objects: [running('anetd')], mode: 'none', who: 'cilium' },
    { rule: "GKE's own Cilium beside kube-proxy", objects: [running('anetd'), proxy()], mode: 'iptables', who: null },
    {
      rule: 'Antrea',
      objects: [
        running('antrea-agent'),
        configMap('kube-system/antrea-config', { 'antrea-agent.conf': 'antreaProxy:\n  proxyAll: true\n' }),
      ],
      mode: 'none',
      who: 'antrea',
    },
    { rule: 'kube-router', objects: [running('kube-router', { args: ['--run-service-proxy=true'] })], mode: 'ipvs', who: 'kube-router' },
    {
      rule: 'kube-router as a router only',
      objects: [running('kube-router', { args: ['--run-service-proxy=false'] })],
      mode: null,
      who: null,
    },
    { rule: 'OVN-Kubernetes', objects: [running('ovnkube-node')], mode: 'none', who: 'ovn-kubernetes' },
    {
      rule: 'Calico by Felix',
      objects: [running('calico-node'), calico('FelixConfiguration', 'default', { bpfEnabled: true })],
      mode: 'none',
      who: 'calico',
    },
    {
      rule: 'Calico by its environment',
      objects: [running('calico-node', { env: { FELIX_BPFENABLED: 'true' } })],
      mode: 'none',
      who: 'calico',
    },
  ])('$rule', ({ objects, mode, who }) => {
    const { kubeProxy } = inferFrom(objects);
    expect({ mode: kubeProxy.mode, who: kubeProxy.whoElse }).toEqual({ mode, who });
  });
});

check('what it takes for local', [
  {
    rule: 'its clusterCIDR, of both families',
    objects: [config('clusterCIDR: 10.244.0.0/16,fd00:244::/56\n')],
    fact: 'kubeProxy.clusterCIDR',
    value: ['10.244.0.0/16', 'fd00:244::/56'],
    confidence: 'declared',
    from: `${CONFIG}.clusterCIDR`,
  },
  {
    rule: 'an empty one is a statement: nothing is local',
    objects: [config('clusterCIDR: ""\n')],
    fact: 'kubeProxy.clusterCIDR',
    value: [],
    confidence: 'declared',
    from: `${CONFIG}.clusterCIDR`,
  },
  {
    rule: 'its log says that it has none',
    objects: [proxy({ command: ['kube-proxy', '--config=/c'] })],
    logs: logs([
      'kube-system/kube-proxy-x7k2p',
      '"Detect-local-mode set to ClusterCIDR, but no cluster CIDR defined, defaulting to no-op detect-local"',
    ]),
    fact: 'kubeProxy.clusterCIDR',
    value: [],
    confidence: 'observed',
    from: LOG,
  },
  {
    rule: 'its argument',
    objects: [proxy({ command: ['kube-proxy', '--cluster-cidr=10.0.0.0/8'] })],
    fact: 'kubeProxy.clusterCIDR',
    value: ['10.0.0.0/8'],
    confidence: 'declared',
    from: `${POD}.command[1]`,
  },
  {
    rule: 'arguments without one, and no file',
    objects: [proxy({ command: ['kube-proxy', '--kubeconfig=/k'] })],
    fact: 'kubeProxy.clusterCIDR',
    value: [],
    confidence: 'inferred',
    from: `${POD}.command`,
  },
  {
    rule: 'EKS without its ConfigMap',
    objects: [node('n1', { labels: { 'eks.amazonaws.com/nodegroup': 'a' } })],
    fact: 'kubeProxy.clusterCIDR',
    value: [],
    confidence: 'inferred',
  },
  {
    rule: 'nothing says it: the range of the pods',
    objects: [node('n1', { podCIDR: '10.244.0.0/24' })],
    fact: 'kubeProxy.clusterCIDR',
    value: ['10.244.0.0/24'],
    confidence: 'assumed',
  },
  {
    rule: 'redacted: not known',
    objects: [node('n1', { podCIDR: '10.244.0.0/24' }), config('clusterCIDR: REDACTED-IP/16\n')],
    fact: 'kubeProxy.clusterCIDR',
    value: null,
    confidence: 'unknown',
    from: `${CONFIG}.clusterCIDR`,
  },
  {
    rule: 'detectLocalMode',
    objects: [config('detectLocalMode: NodeCIDR\n')],
    fact: 'kubeProxy.detectLocalMode',
    value: 'NodeCIDR',
    confidence: 'declared',
    from: `${CONFIG}.detectLocalMode`,
  },
  {
    rule: '--detect-local-mode (GKE)',
    objects: [proxy({ command: ['sh', '-c', 'kube-proxy --detect-local-mode=NodeCIDR'] })],
    fact: 'kubeProxy.detectLocalMode',
    value: 'NodeCIDR',
    confidence: 'declared',
    from: `${POD}.command[2]`,
  },
  {
    rule: 'a configuration that says no other',
    objects: [config('detectLocalMode: ""\n')],
    fact: 'kubeProxy.detectLocalMode',
    value: 'ClusterCIDR',
    confidence: 'inferred',
    from: `${CONFIG}.detectLocalMode`,
  },
  { rule: 'nothing', objects: [node('n1')], fact: 'kubeProxy.detectLocalMode', value: 'ClusterCIDR', confidence: 'assumed' },
  {
    rule: 'nodePortAddresses',
    objects: [config('nodePortAddresses: [10.0.0.0/24, 127.0.0.0/8]\n')],
    fact: 'kubeProxy.nodePortAddresses',
    value: ['10.0.0.0/24', '127.0.0.0/8'],
    confidence: 'declared',
    from: `${CONFIG}.nodePortAddresses`,
  },
  {
    rule: 'the default of iptables',
    objects: [config('nodePortAddresses: null\n')],
    fact: 'kubeProxy.nodePortAddresses',
    value: [],
    confidence: 'inferred',
    from: `${CONFIG}.nodePortAddresses`,
  },
  {
    rule: 'the default of nftables',
    objects: [config('mode: nftables\n')],
    fact: 'kubeProxy.nodePortAddresses',
    value: ['primary'],
    confidence: 'inferred',
    from: `${CONFIG}.nodePortAddresses`,
  },
]);

describe('its other settings', () => {
  it('of its configuration', () => {
    const text = `
mode: iptables
iptables: { masqueradeAll: true, masqueradeBit: 15, localhostNodePorts: false }
detectLocal: { bridgeInterface: cni0, interfaceNamePrefix: "" }
ipvs: { scheduler: "", strictARP: true }
`;
    expect(inferFrom([config(text)]).kubeProxy).toMatchObject({
      masqueradeAll: true,
      masqueradeBit: 15,
      localhostNodePorts: false,
      bridgeInterface: 'cni0',
      interfaceNamePrefix: null,
      scheduler: null,
      strictArp: true,
    });
  });
  it('of its arguments', () => {
    const command = ['kube-proxy', '--masquerade-all', '--detect-local-mode=InterfaceNamePrefix', '--pod-interface-name-prefix=azv'];
    expect(inferFrom([proxy({ command })]).kubeProxy).toMatchObject({
      masqueradeAll: true,
      masqueradeBit: null,
      detectLocalMode: 'InterfaceNamePrefix',
      interfaceNamePrefix: 'azv',
    });
  });
  it('a configuration that cannot be read is a note, and the next source speaks', () => {
    const inference = inferFrom([config('mode: [\n'), proxy()]);
    expect(factIn(inference, 'kubeProxy.mode')).toMatchObject({ value: 'iptables', confidence: 'assumed' });
    expect(inference.notes.map((n) => n.kind)).toEqual(['unreadable']);
    expect(inference.notes[0]?.text).toMatch(/^config\.conf of ConfigMap kube-system\/kube-proxy is passed over: /);
  });
  it('a field of another type is a note too', () => {
    const inference = inferFrom([config('mode: 5\n')]);
    expect(inference.notes.map((n) => [n.kind, n.text])).toEqual([
      ['unreadable', expect.stringContaining('config.conf of ConfigMap kube-system/kube-proxy is passed over: mode: ')],
    ]);
  });
  it('two logs that differ are two nodes that differ', () => {
    const inference = inferFrom(
      [proxy(), pod('kube-system/kube-proxy-zzzzz', { node: 'n2', daemonSet: 'kube-proxy' }), node('n1'), node('n2'), node('n3')],
      logs(['kube-system/kube-proxy-x7k2p', 'Using iptables Proxier'], ['kube-system/kube-proxy-zzzzz', 'Using ipvs Proxier']),
    );
    expect(inference.facts.filter((f) => f.fact === 'kubeProxy.mode').map((f) => [f.node, f.value])).toEqual([
      [null, 'iptables'],
      ['n2', 'ipvs'],
    ]);
  });
});
