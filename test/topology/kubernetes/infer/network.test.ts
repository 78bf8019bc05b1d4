import { describe, expect, it } from 'vitest';
import { calico, check, configMap, custom, daemonSet, inferFrom, network, node, pod } from './build.ts';

/** MTUs, masquerade, tunnels, and the networks that nodes are on. */

const running = (name: string, words: Parameters<typeof pod>[1] = {}) =>
  pod(`kube-system/${name}-x7k2p`, { node: 'n1', hostNetwork: true, daemonSet: name, ...words });
const podOf = (name: string) => `Pod/kube-system/${name}-x7k2p spec.containers[0]`;
const netConf = (conf: object) => configMap('kube-flannel/kube-flannel-cfg', { 'net-conf.json': JSON.stringify(conf) });
const CALICO_NODE = node('n1', { reason: 'CalicoIsUp' });
const pool = (spec: object) => calico('IPPool', 'p', { cidr: '10.1.0.0/16', ...spec });

check('MTUs', [
  {
    rule: "flannel's Backend.MTU is that of the nodes' interface: VXLAN takes 50",
    objects: [running('kube-flannel-ds'), netConf({ Backend: { Type: 'vxlan', MTU: 1400 } })],
    fact: 'mtu',
    value: 1350,
    confidence: 'declared',
    from: 'ConfigMap/kube-flannel/kube-flannel-cfg data["net-conf.json"].Backend.MTU',
  },
  {
    rule: 'host-gw does not read Backend.MTU',
    objects: [running('kube-flannel-ds'), netConf({ Backend: { Type: 'host-gw', MTU: 1400 } })],
    fact: 'mtu',
    value: 1500,
    confidence: 'assumed',
  },
  {
    rule: 'VXLAN takes 50',
    objects: [running('kube-flannel-ds'), netConf({ Backend: { Type: 'vxlan' } })],
    fact: 'mtu',
    value: 1450,
    confidence: 'assumed',
  },
  {
    rule: 'VXLAN over IPv6 takes 70',
    objects: [running('kube-flannel-ds'), netConf({ IPv6Network: 'fd00::/56', Backend: { Type: 'vxlan' } })],
    fact: 'mtu',
    value: 1430,
    confidence: 'assumed',
  },
  {
    rule: 'host-gw takes nothing',
    objects: [running('kube-flannel-ds'), netConf({ Backend: { Type: 'host-gw' } })],
    fact: 'mtu',
    value: 1500,
    confidence: 'assumed',
  },
  { rule: 'IPIP takes 20', objects: [CALICO_NODE, pool({ ipipMode: 'Always' })], fact: 'mtu', value: 1480, confidence: 'assumed' },
  {
    rule: "Calico's veth_mtu",
    objects: [CALICO_NODE, configMap('kube-system/calico-config', { veth_mtu: '1440' })],
    fact: 'mtu',
    value: 1440,
    confidence: 'declared',
    from: 'ConfigMap/kube-system/calico-config data.veth_mtu',
  },
  {
    rule: 'veth_mtu 0 is automatic; ipipMTU of Felix counts with IPIP',
    objects: [
      CALICO_NODE,
      pool({ ipipMode: 'Always' }),
      configMap('kube-system/calico-config', { veth_mtu: '0' }),
      calico('FelixConfiguration', 'default', { ipipMTU: 1400, vxlanMTU: 1300 }),
    ],
    fact: 'mtu',
    value: 1400,
    confidence: 'declared',
    from: 'FelixConfiguration/default spec.ipipMTU',
  },
  {
    rule: 'vxlanMTU counts with VXLAN',
    objects: [CALICO_NODE, pool({ vxlanMode: 'Always' }), calico('FelixConfiguration', 'default', { ipipMTU: 1400, vxlanMTU: 1300 })],
    fact: 'mtu',
    value: 1300,
    confidence: 'declared',
    from: 'FelixConfiguration/default spec.vxlanMTU',
  },
  {
    rule: "Cilium's key; its tunnel is on the routes, so without it the NIC's",
    objects: [running('cilium'), configMap('kube-system/cilium-config', { mtu: '1350' })],
    fact: 'mtu',
    value: 1350,
    confidence: 'declared',
    from: 'ConfigMap/kube-system/cilium-config data.mtu',
  },
  { rule: "Cilium without the key has the NIC's", objects: [running('cilium')], fact: 'mtu', value: 1500, confidence: 'assumed' },
  {
    rule: 'AWS_VPC_ENI_MTU',
    objects: [running('aws-node', { env: { AWS_VPC_ENI_MTU: '1500' } })],
    fact: 'mtu',
    value: 1500,
    confidence: 'declared',
    from: `${podOf('aws-node')}.env[0].value`,
  },
  { rule: 'the VPC CNI has jumbo frames', objects: [running('aws-node')], fact: 'nodeMTU', value: 9001, confidence: 'assumed' },
  {
    rule: 'Google Cloud',
    objects: [node('n1', { reason: 'RouteCreated', providerID: 'gce://p' })],
    fact: 'mtu',
    value: 1460,
    confidence: 'assumed',
  },
  { rule: 'weave', objects: [running('weave-net')], fact: 'mtu', value: 1376, confidence: 'assumed' },
  {
    rule: "OpenShift's clusterNetworkMTU is the pods'",
    objects: [network({ networkType: 'OVNKubernetes', clusterNetworkMTU: 1400 })],
    fact: 'mtu',
    value: 1400,
    confidence: 'declared',
    from: 'Network/cluster status.clusterNetworkMTU',
  },
  {
    rule: "and 100 less than the NIC's with OVN",
    objects: [network({ networkType: 'OVNKubernetes', clusterNetworkMTU: 1400 })],
    fact: 'nodeMTU',
    value: 1500,
    confidence: 'inferred',
    from: 'Network/cluster status.clusterNetworkMTU',
  },
  {
    rule: 'and 50 less with OpenShift SDN',
    objects: [network({ networkType: 'OpenShiftSDN', clusterNetworkMTU: 1450 })],
    fact: 'nodeMTU',
    value: 1500,
    confidence: 'inferred',
    from: 'Network/cluster status.clusterNetworkMTU',
  },
  { rule: 'Ethernet', objects: [node('n1')], fact: 'nodeMTU', value: 1500, confidence: 'assumed' },
]);

const FLANNEL_NODE = node('n1', { reason: 'FlannelIsUp', podCIDR: '10.244.0.0/24' });
const POOL = netConf({ Network: '10.244.0.0/16' });
const RFC_1918 = ['10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16'];

check('what keeps its source', [
  {
    rule: 'flanneld --ip-masq keeps the pod range',
    objects: [FLANNEL_NODE, POOL, running('kube-flannel-ds', { container: 'kube-flannel', args: ['--ip-masq', '--kube-subnet-mgr'] })],
    fact: 'masquerade',
    value: ['10.244.0.0/16'],
    confidence: 'declared',
    from: `${podOf('kube-flannel-ds')}.args[0]`,
  },
  {
    rule: 'flanneld without it masquerades nothing',
    objects: [FLANNEL_NODE, POOL, running('kube-flannel-ds', { container: 'kube-flannel', args: ['--kube-subnet-mgr'] })],
    fact: 'masquerade',
    value: [],
    confidence: 'inferred',
    from: `${podOf('kube-flannel-ds')}.args`,
  },
  {
    rule: "canal's flanneld is told by a ConfigMap",
    objects: [
      node('n1', { podCIDR: '10.244.0.0/24' }),
      running('canal', { container: 'kube-flannel', env: { FLANNELD_IP_MASQ: { from: 'canal-config', key: 'masquerade' } } }),
      configMap('kube-system/canal-config', { masquerade: 'true' }),
    ],
    fact: 'masquerade',
    value: ['10.244.0.0/24'],
    confidence: 'declared',
    from: 'ConfigMap/kube-system/canal-config data.masquerade',
  },
  {
    rule: "k3s' flannel always does",
    objects: [node('n1', { providerID: 'k3s://n1', version: 'v1.30.1+k3s1' })],
    fact: 'masquerade',
    value: ['10.42.0.0/16'],
    confidence: 'inferred',
    from: 'Node/n1 status.nodeInfo.kubeletVersion',
  },
  {
    rule: "Calico's natOutgoing",
    objects: [CALICO_NODE, pool({ natOutgoing: true })],
    fact: 'masquerade',
    value: ['10.1.0.0/16'],
    confidence: 'declared',
    from: 'IPPool/p spec.natOutgoing',
  },
  {
    rule: "Calico's natOutgoing false",
    objects: [CALICO_NODE, pool({ natOutgoing: false })],
    fact: 'masquerade',
    value: [],
    confidence: 'declared',
    from: 'IPPool/p spec.natOutgoing',
  },
  {
    rule: 'Cilium without masquerading',
    objects: [running('cilium'), configMap('kube-system/cilium-config', { 'enable-ipv4-masquerade': 'false' })],
    fact: 'masquerade',
    value: [],
    confidence: 'declared',
    from: 'ConfigMap/kube-system/cilium-config data.enable-ipv4-masquerade',
  },
  {
    rule: 'what Cilium routes natively',
    objects: [
      running('cilium'),
      configMap('kube-system/cilium-config', { 'enable-ipv4-masquerade': 'true', 'ipv4-native-routing-cidr': '10.0.0.0/8' }),
    ],
    fact: 'masquerade',
    value: ['10.0.0.0/8'],
    confidence: 'declared',
    from: 'ConfigMap/kube-system/cilium-config data.ipv4-native-routing-cidr',
  },
  {
    rule: 'kindnet keeps POD_SUBNET, of both families',
    objects: [running('kindnet', { env: { POD_SUBNET: '10.244.0.0/16,fd00:244::/56' } })],
    fact: 'masquerade',
    value: ['10.244.0.0/16', 'fd00:244::/56'],
    confidence: 'declared',
    from: `${podOf('kindnet')}.env[0].value`,
  },
  {
    rule: 'the VPC CNI with a translator outside',
    objects: [running('aws-node', { env: { AWS_VPC_K8S_CNI_EXTERNALSNAT: 'true' } })],
    fact: 'masquerade',
    value: [],
    confidence: 'declared',
    from: `${podOf('aws-node')}.env[0].value`,
  },
  {
    rule: 'the VPC CNI: no object has the ranges of the VPC',
    objects: [running('aws-node', { env: { AWS_VPC_K8S_CNI_EXTERNALSNAT: 'false' } })],
    fact: 'masquerade',
    value: RFC_1918,
    confidence: 'assumed',
  },
  {
    rule: "ip-masq-agent's ConfigMap",
    objects: [
      node('n1', { reason: 'RouteCreated', providerID: 'gce://p' }),
      configMap('kube-system/ip-masq-agent', { config: 'nonMasqueradeCIDRs:\n- 10.8.0.0/14\nmasqLinkLocal: true\n' }),
    ],
    fact: 'masquerade',
    value: ['10.8.0.0/14'],
    confidence: 'declared',
    from: 'ConfigMap/kube-system/ip-masq-agent data.config.nonMasqueradeCIDRs',
  },
  {
    rule: "AKS' ConfigMap",
    objects: [
      running('azure-cns'),
      configMap('kube-system/azure-ip-masq-agent-config-reconciled', {
        'ip-masq-agent-reconciled': 'nonMasqueradeCIDRs: [10.224.0.0/12]\n',
      }),
    ],
    fact: 'masquerade',
    value: ['10.224.0.0/12'],
    confidence: 'declared',
    from: 'ConfigMap/kube-system/azure-ip-masq-agent-config-reconciled data.ip-masq-agent-reconciled.nonMasqueradeCIDRs',
  },
  {
    rule: 'ip-masq-agent without a configuration',
    objects: [node('n1', { reason: 'RouteCreated', providerID: 'gce://p' }), daemonSet('kube-system/ip-masq-agent')],
    fact: 'masquerade',
    value: RFC_1918,
    confidence: 'inferred',
    from: 'DaemonSet/kube-system/ip-masq-agent spec.template.spec.containers[0].name',
  },
  {
    rule: 'ip-masq-agent that keeps all reserved ranges (GKE)',
    objects: [
      node('n1', { reason: 'RouteCreated', providerID: 'gce://p' }),
      daemonSet('kube-system/ip-masq-agent', { args: ['--masq-chain=IP-MASQ', '--nomasq-all-reserved-ranges'] }),
    ],
    fact: 'masquerade',
    value: [
      ...RFC_1918,
      '100.64.0.0/10',
      '192.0.0.0/24',
      '192.0.2.0/24',
      '192.88.99.0/24',
      '198.18.0.0/15',
      '198.51.100.0/24',
      '203.0.113.0/24',
      '240.0.0.0/4',
    ],
    confidence: 'declared',
    from: 'DaemonSet/kube-system/ip-masq-agent spec.template.spec.containers[0].args[1]',
  },
  { rule: 'no ip-masq-agent', objects: [running('azure-cns')], fact: 'masquerade', value: RFC_1918, confidence: 'assumed' },
  {
    rule: 'Antrea without SNAT',
    objects: [
      running('antrea-agent'),
      configMap('kube-system/antrea-config', { 'antrea-agent.conf': 'trafficEncapMode: noEncap\nnoSNAT: true\n' }),
    ],
    fact: 'masquerade',
    value: [],
    confidence: 'declared',
    from: 'ConfigMap/kube-system/antrea-config data["antrea-agent.conf"].noSNAT',
  },
  {
    rule: 'kube-router without it',
    objects: [running('kube-router', { args: ['--enable-pod-egress=false'] })],
    fact: 'masquerade',
    value: [],
    confidence: 'declared',
    from: `${podOf('kube-router')}.args[0]`,
  },
  {
    rule: 'what the VPC CNI is told to leave as it is',
    objects: [running('aws-node', { env: { AWS_VPC_K8S_CNI_EXCLUDE_SNAT_CIDRS: '100.64.0.0/10,198.18.0.0/15' } })],
    fact: 'masquerade',
    value: [...RFC_1918, '100.64.0.0/10', '198.18.0.0/15'],
    confidence: 'assumed',
  },
  { rule: 'a plugin that nobody knows', objects: [node('n1'), node('n2')], fact: 'masquerade', value: null, confidence: 'unknown' },
]);

const flannel = (annotations: Readonly<Record<string, string>>) =>
  node('n1', {
    podCIDR: '10.42.1.0/24',
    ips: ['172.19.0.2'],
    annotations: {
      'flannel.alpha.coreos.com/backend-type': 'vxlan',
      'flannel.alpha.coreos.com/backend-data': '{"VNI":1,"VtepMAC":"72:0b:f5:d9:11:46"}',
      'flannel.alpha.coreos.com/public-ip': '172.19.0.2',
      ...annotations,
    },
  });

check("a node's end of the tunnel", [
  {
    rule: "flannel's VTEP",
    objects: [flannel({})],
    fact: 'node.tunnel',
    node: 'n1',
    value: '{ ip: 10.42.1.0, mac: "72:0b:f5:d9:11:46", publicIP: 172.19.0.2 }',
    confidence: 'declared',
    from: 'Node/n1 metadata.annotations["flannel.alpha.coreos.com/public-ip"]',
  },
  {
    rule: 'public-ip-overwrite is over it',
    objects: [flannel({ 'flannel.alpha.coreos.com/public-ip-overwrite': '203.0.113.9' })],
    fact: 'node.tunnel',
    node: 'n1',
    value: '{ ip: 10.42.1.0, mac: "72:0b:f5:d9:11:46", publicIP: 203.0.113.9 }',
    confidence: 'declared',
    from: 'Node/n1 metadata.annotations["flannel.alpha.coreos.com/public-ip-overwrite"]',
  },
  {
    rule: "Calico's",
    objects: [
      node('n1', {
        annotations: { 'projectcalico.org/IPv4IPIPTunnelAddr': '10.1.5.64', 'projectcalico.org/IPv4Address': '10.0.0.4/24' },
      }),
    ],
    fact: 'node.tunnel',
    node: 'n1',
    value: '{ ip: 10.1.5.64, publicIP: 10.0.0.4 }',
    confidence: 'declared',
    from: 'Node/n1 metadata.annotations["projectcalico.org/IPv4IPIPTunnelAddr"]',
  },
  {
    rule: "Antrea's transport address",
    objects: [node('n1', { annotations: { 'node.antrea.io/transport-addresses': '10.1.1.1,fd00::1' } })],
    fact: 'node.tunnel',
    node: 'n1',
    value: '{ publicIP: 10.1.1.1 }',
    confidence: 'declared',
    from: 'Node/n1 metadata.annotations["node.antrea.io/transport-addresses"]',
  },
  {
    rule: 'none with host-gw',
    objects: [flannel({ 'flannel.alpha.coreos.com/backend-type': 'host-gw' })],
    fact: 'node.tunnel',
    node: 'n1',
    value: null,
    confidence: 'inferred',
  },
]);

it('an outer address that is none of the node is a note', () => {
  const { notes } = inferFrom([flannel({ 'flannel.alpha.coreos.com/public-ip': '203.0.113.9' })]);
  expect(notes.map((n) => [n.kind, n.text])).toEqual([
    ['disagreement', "flannel's VTEP on n1 has the outer address 203.0.113.9, and the node has 172.19.0.2"],
  ]);
});

check("a node's addresses", [
  {
    rule: 'InternalIP, the first of each family',
    objects: [node('n1', { ips: ['10.0.0.1', '10.0.0.2', 'fd00::1'], externalIPs: ['203.0.113.1'] })],
    fact: 'node.addresses',
    node: 'n1',
    value: ['10.0.0.1', 'fd00::1'],
    confidence: 'declared',
    from: 'Node/n1 status.addresses[0].address',
  },
  {
    rule: 'ExternalIP when there is no InternalIP',
    objects: [node('n1', { externalIPs: ['203.0.113.1'] })],
    fact: 'node.addresses',
    node: 'n1',
    value: ['203.0.113.1'],
    confidence: 'declared',
    from: 'Node/n1 status.addresses[0].address',
  },
  {
    rule: 'what the kubelet was given, of both families',
    objects: [node('n1', { annotations: { 'k3s.io/internal-ip': '10.0.0.1,fd00::1' } })],
    fact: 'node.addresses',
    node: 'n1',
    value: ['10.0.0.1', 'fd00::1'],
    confidence: 'declared',
    from: 'Node/n1 metadata.annotations["k3s.io/internal-ip"]',
  },
  {
    rule: 'without a Node object, hostIP of its pods',
    objects: [pod('a/a', { node: 'n7', ip: '10.1.0.4', hostIP: '10.0.0.7' })],
    fact: 'node.addresses',
    node: 'n7',
    value: ['10.0.0.7'],
    confidence: 'inferred',
    from: 'Pod/a/a status.hostIP',
  },
  {
    rule: 'without hostIP, the address of a pod on its network',
    objects: [pod('a/a', { node: 'n7', ip: '10.1.0.4' }), pod('a/b', { node: 'n7', ip: '10.0.0.7', hostNetwork: true })],
    fact: 'node.addresses',
    node: 'n7',
    value: ['10.0.0.7'],
    confidence: 'inferred',
    from: 'Pod/a/b status.podIP',
  },
  {
    rule: 'redacted',
    objects: [node('n1', { ips: ['***HIDDEN***'] })],
    fact: 'node.addresses',
    node: 'n1',
    value: null,
    confidence: 'unknown',
    from: 'Node/n1 status.addresses[0].address',
  },
  {
    rule: 'malformed',
    objects: [node('n1', { ips: ['10.0.1.1.'] })],
    fact: 'node.addresses',
    node: 'n1',
    value: null,
    confidence: 'unknown',
    from: 'Node/n1 status.addresses[0].address',
  },
]);

const ONE = 'one segment with all nodes on it';
const SEVERAL = 'as few segments as the addresses allow, with a router between';
const zoned = (name: string, ip: string, zone: string) => node(name, { ips: [ip], labels: { 'topology.kubernetes.io/zone': zone } });

describe('segments', () => {
  it.each([
    { rule: 'at least a /24', objects: [node('a', { ips: ['10.0.0.5'] })], ranges: ['10.0.0.0/24'], confidence: 'assumed', text: ONE },
    {
      rule: 'wide enough for all, of each family',
      objects: [node('a', { ips: ['10.0.0.5', 'fd00::5'] }), node('b', { ips: ['10.0.9.5', 'fd00::9'] })],
      ranges: ['10.0.0.0/20', 'fd00::/64'],
      confidence: 'assumed',
      text: ONE,
    },
    {
      rule: "Calico's annotation has the prefix length",
      objects: [node('a', { ips: ['10.0.0.5'], annotations: { 'projectcalico.org/IPv4Address': '10.0.0.5/22' } })],
      ranges: ['10.0.0.0/22'],
      confidence: 'declared',
      text: "a node's address has this prefix length",
    },
    {
      rule: 'a /32 tells nothing',
      objects: [node('a', { ips: ['10.0.0.5'], annotations: { 'projectcalico.org/IPv4Address': '10.0.0.5/32' } })],
      ranges: ['10.0.0.0/24'],
      confidence: 'assumed',
      text: ONE,
    },
    {
      rule: "OVN's",
      objects: [node('a', { ips: ['10.0.0.5'], annotations: { 'k8s.ovn.org/node-primary-ifaddr': '{"ipv4":"10.0.0.5/25"}' } })],
      ranges: ['10.0.0.0/25'],
      confidence: 'declared',
      text: "a node's address has this prefix length",
    },
    {
      rule: "OVN's list, where the node's own address is",
      objects: [node('a', { ips: ['10.0.0.5'], annotations: { 'k8s.ovn.org/host-cidrs': '["172.30.0.9/24","10.0.0.5/26"]' } })],
      ranges: ['10.0.0.0/26'],
      confidence: 'declared',
      text: "a node's address has this prefix length",
    },
    {
      rule: 'what is no JSON tells nothing',
      objects: [node('a', { ips: ['10.0.0.5'], annotations: { 'k8s.ovn.org/node-primary-ifaddr': '{' } })],
      ranges: ['10.0.0.0/24'],
      confidence: 'assumed',
      text: ONE,
    },
    {
      rule: "OpenShift's egress configuration",
      objects: [
        node('a', {
          ips: ['10.0.128.5'],
          annotations: { 'cloud.network.openshift.io/egress-ipconfig': '[{"interface":"eni-1","ifaddr":{"ipv4":"10.0.128.0/18"}}]' },
        }),
      ],
      ranges: ['10.0.128.0/18'],
      confidence: 'declared',
      text: "a node's address has this prefix length",
    },
    {
      rule: 'zones in ranges of their own',
      objects: [zoned('a', '10.0.1.5', 'a'), zoned('b', '10.0.2.5', 'b'), zoned('c', '10.0.2.9', 'b')],
      ranges: ['10.0.1.0/24', '10.0.2.0/24'],
      confidence: 'assumed',
      text: 'a segment for each zone, with a router between',
    },
    {
      rule: 'zones in one range',
      objects: [zoned('a', '10.0.1.5', 'a'), zoned('b', '10.0.1.9', 'b')],
      ranges: ['10.0.1.0/24'],
      confidence: 'assumed',
      text: ONE,
    },
    {
      rule: 'pods of the nodes’ network are on it',
      objects: [running('aws-node', { hostIP: '172.26.67.126' }), pod('a/a', { node: 'n1', ip: '172.26.64.96' })],
      ranges: ['172.26.64.0/22'],
      confidence: 'assumed',
      text: ONE,
    },
    {
      rule: 'one that would meet the range of the pods is two',
      objects: [node('a', { ips: ['10.0.0.5'], podCIDR: '10.1.0.0/24' }), node('b', { ips: ['10.2.0.5'], podCIDR: '10.1.1.0/24' })],
      ranges: ['10.0.0.0/24', '10.2.0.0/24'],
      confidence: 'assumed',
      text: SEVERAL,
    },
    {
      rule: 'nobody has one that is wider than /8',
      objects: [node('a', { ips: ['10.0.0.5'] }), node('b', { ips: ['172.31.0.5'] }), node('c', { ips: ['172.31.9.5'] })],
      ranges: ['10.0.0.0/24', '172.31.0.0/20'],
      confidence: 'assumed',
      text: SEVERAL,
    },
  ])('$rule', ({ objects, ranges, confidence, text }) => {
    const found = inferFrom(objects).facts.find((f) => f.fact === 'segments');
    expect(found).toMatchObject({ value: ranges, confidence, text });
  });

  it('each node is on the one that holds its address', () => {
    const { nodes, segments } = inferFrom([node('a', { ips: ['10.0.0.5'] }), node('b', { ips: ['172.31.0.5'] }), node('c')]);
    expect(segments.map((s) => s.name)).toEqual(['segment-1', 'segment-2']);
    expect([...nodes].map(([name, { segment }]) => [name, segment])).toEqual([
      ['a', 'segment-1'],
      ['b', 'segment-2'],
      ['c', null],
    ]);
  });
});

check('the distribution', [
  ...(
    [
      ['kind://docker/kind/n1', 'kind'],
      ['k3s://n1', 'k3s'],
      ['rke2://n1', 'rke2'],
      ['digitalocean://1', 'doks'],
      ['ibm://x', 'iks'],
      ['oci://x', 'oke'],
    ] as const
  ).map(([providerID, value]) => ({
    rule: providerID,
    objects: [node('n1', { providerID })],
    fact: 'distribution' as const,
    value,
    confidence: 'inferred' as const,
    from: 'Node/n1 spec.providerID',
  })),
  ...(
    [
      ['minikube.k8s.io/name', 'minikube'],
      ['microk8s.io/cluster', 'microk8s'],
      ['eks.amazonaws.com/nodegroup', 'eks'],
      ['kubernetes.azure.com/cluster', 'aks'],
      ['cloud.google.com/gke-nodepool', 'gke'],
      ['node.openshift.io/os_id', 'openshift'],
    ] as const
  ).map(([key, value]) => ({
    rule: `label ${key}`,
    objects: [node('n1', { labels: { [key]: 'x' } })],
    fact: 'distribution' as const,
    value,
    confidence: 'inferred' as const,
    from: `Node/n1 metadata.labels["${key}"]`,
  })),
  ...(
    [
      ['v1.30.1+k3s1', 'k3s'],
      ['v1.33.1+rke2r1', 'rke2'],
      ['v1.31.4-eks-aeac579', 'eks'],
      ['v1.18.20-gke.901', 'gke'],
    ] as const
  ).map(([version, value]) => ({
    rule: `the kubelet ${version}`,
    objects: [node('n1', { version })],
    fact: 'distribution' as const,
    value,
    confidence: 'inferred' as const,
    from: 'Node/n1 status.nodeInfo.kubeletVersion',
  })),
  {
    rule: 'a cloud without a sign of another distribution',
    objects: [node('n1', { providerID: 'azure:///subscriptions/s' })],
    fact: 'distribution',
    value: 'aks',
    confidence: 'inferred',
    from: 'Node/n1 spec.providerID',
  },
  {
    rule: "another distribution on the cloud's machines",
    objects: [node('n1', { providerID: 'azure:///subscriptions/s', labels: { 'node.openshift.io/os_id': 'rhcos' } })],
    fact: 'distribution',
    value: 'openshift',
    confidence: 'inferred',
    from: 'Node/n1 metadata.labels["node.openshift.io/os_id"]',
  },
  {
    rule: 'AWS alone is none',
    objects: [node('n1', { providerID: 'aws:///us-west-2a/i-1' })],
    fact: 'distribution',
    value: null,
    confidence: 'unknown',
  },
  {
    rule: 'Docker Desktop by the name of its node',
    objects: [node('docker-desktop')],
    fact: 'distribution',
    value: 'docker-desktop',
    confidence: 'inferred',
    from: 'Node/docker-desktop metadata.name',
  },
  {
    rule: 'the annotation of kubeadm, after all others',
    objects: [node('n1', { annotations: { 'kubeadm.alpha.kubernetes.io/cri-socket': 'x' } })],
    fact: 'distribution',
    value: 'kubeadm',
    confidence: 'inferred',
    from: 'Node/n1 metadata.annotations["kubeadm.alpha.kubernetes.io/cri-socket"]',
  },
  {
    rule: 'kubeadm-config (the annotation is gone in 1.35)',
    objects: [node('n1'), configMap('kube-system/kubeadm-config', { ClusterConfiguration: 'kind: ClusterConfiguration\n' })],
    fact: 'distribution',
    value: 'kubeadm',
    confidence: 'inferred',
    from: 'ConfigMap/kube-system/kubeadm-config metadata.name',
  },
  {
    rule: 'an old kind, by kindnet',
    objects: [node('n1', { annotations: { 'kubeadm.alpha.kubernetes.io/cri-socket': 'x' } }), running('kindnet')],
    fact: 'distribution',
    value: 'kind',
    confidence: 'inferred',
    from: 'Pod/kube-system/kindnet-x7k2p metadata.name',
  },
  {
    rule: "AKS by its nodes' names",
    objects: [node('aks-nodepool1-12345678-vmss000000')],
    fact: 'distribution',
    value: 'aks',
    confidence: 'inferred',
    from: 'Node/aks-nodepool1-12345678-vmss000000 metadata.name',
  },
  {
    rule: 'EKS without Node objects',
    objects: [running('aws-node')],
    fact: 'distribution',
    value: 'eks',
    confidence: 'inferred',
    from: `${podOf('aws-node')}.name`,
  },
  {
    rule: 'Docker Desktop',
    objects: [pod('kube-system/vpnkit-controller', { node: 'docker-desktop' })],
    fact: 'distribution',
    value: 'docker-desktop',
    confidence: 'inferred',
    from: 'Pod/kube-system/vpnkit-controller metadata.name',
  },
  {
    rule: 'OpenShift without Node objects',
    objects: [network({ networkType: 'OVNKubernetes' })],
    fact: 'distribution',
    value: 'openshift',
    confidence: 'inferred',
    from: 'Network/cluster metadata.name',
  },
  {
    rule: "an operator's Network says nothing",
    objects: [custom('operator.openshift.io/v1', 'Network', 'cluster', { spec: {} })],
    fact: 'distribution',
    value: null,
    confidence: 'unknown',
  },
]);
