import { check, configMap, daemonSet, node, pod, service } from './build.ts';

/** The zone of the cluster's names, and the servers that pods ask. */

const kubelet = (text: string, name = 'kubelet-config') => configMap(`kube-system/${name}`, { kubelet: text });
const corefile = (text: string) => configMap('kube-system/coredns', { Corefile: text });
const apiServer = (issuer: string) =>
  pod('kube-system/kube-apiserver-n1', { node: 'n1', command: ['kube-apiserver', `--service-account-issuer=${issuer}`] });
const k3s = (...words: readonly string[]) =>
  node('n1', { providerID: 'k3s://n1', annotations: { 'k3s.io/node-args': JSON.stringify(['server', ...words]) } });
const K3S_ARGS = 'Node/n1 metadata.annotations["k3s.io/node-args"]';

check('the zone', [
  {
    rule: "kubelet's, before CoreDNS'",
    objects: [kubelet('clusterDomain: corp.local\n'), corefile('.:53 {\n    kubernetes cluster.local in-addr.arpa\n}\n')],
    fact: 'clusterDomain',
    value: 'corp.local',
    confidence: 'declared',
    from: 'ConfigMap/kube-system/kubelet-config data.kubelet.clusterDomain',
    others: ['cluster.local'],
  },
  {
    rule: 'the ConfigMap had the version in its name before 1.24',
    objects: [kubelet('clusterDomain: corp.local\n', 'kubelet-config-1.21')],
    fact: 'clusterDomain',
    value: 'corp.local',
    confidence: 'declared',
    from: 'ConfigMap/kube-system/kubelet-config-1.21 data.kubelet.clusterDomain',
  },
  {
    rule: 'of several versions the newest',
    objects: [
      kubelet('clusterDomain: a.local\n', 'kubelet-config-1.9'),
      kubelet('clusterDomain: c.local\n', 'kubelet-config'),
      kubelet('clusterDomain: b.local\n', 'kubelet-config-1.23'),
    ],
    fact: 'clusterDomain',
    value: 'c.local',
    confidence: 'declared',
    from: 'ConfigMap/kube-system/kubelet-config data.kubelet.clusterDomain',
  },
  {
    rule: 'the Corefile',
    objects: [corefile('.:53 {\n    errors\n    kubernetes k8s.example.com in-addr.arpa ip6.arpa {\n       pods insecure\n    }\n}\n')],
    fact: 'clusterDomain',
    value: 'k8s.example.com',
    confidence: 'declared',
    from: 'ConfigMap/kube-system/coredns data.Corefile',
  },
  {
    rule: "kubeadm's dnsDomain",
    objects: [configMap('kube-system/kubeadm-config', { ClusterConfiguration: 'networking: { dnsDomain: corp.local }\n' })],
    fact: 'clusterDomain',
    value: 'corp.local',
    confidence: 'declared',
    from: 'ConfigMap/kube-system/kubeadm-config data.ClusterConfiguration.networking.dnsDomain',
  },
  {
    rule: 'what k3s is told',
    objects: [k3s('--cluster-domain=corp.local')],
    fact: 'clusterDomain',
    value: 'corp.local',
    confidence: 'declared',
    from: K3S_ARGS,
  },
  {
    rule: "OpenShift's environment",
    objects: [pod('openshift-sdn/sdn-x7k2p', { daemonSet: 'sdn', env: { OPENSHIFT_DNS_DOMAIN: 'corp.local' } })],
    fact: 'clusterDomain',
    value: 'corp.local',
    confidence: 'declared',
    from: 'Pod/openshift-sdn/sdn-x7k2p spec.containers[0].env[0].value',
  },
  {
    rule: 'kube-dns, which came before CoreDNS',
    objects: [pod('kube-system/kube-dns-545bc4bfd4-t4lzx', { args: ['--domain=cluster.local.', '--dns-port=10053'] })],
    fact: 'clusterDomain',
    value: 'cluster.local',
    confidence: 'declared',
    from: 'Pod/kube-system/kube-dns-545bc4bfd4-t4lzx spec.containers[0].args[0]',
  },
  {
    rule: 'the issuer is a weak sign',
    objects: [apiServer('https://kubernetes.default.svc.corp.local')],
    fact: 'clusterDomain',
    value: 'corp.local',
    confidence: 'inferred',
    from: 'Pod/kube-system/kube-apiserver-n1 spec.containers[0].command[1]',
  },
  {
    rule: "an issuer of another form is none (EKS')",
    objects: [apiServer('https://oidc.eks.eu-west-1.amazonaws.com/id/1')],
    fact: 'clusterDomain',
    value: 'cluster.local',
    confidence: 'assumed',
  },
  {
    rule: "another namespace's Corefile says nothing",
    objects: [configMap('shop/coredns', { Corefile: '.:53 {\n    kubernetes corp.local\n}\n' })],
    fact: 'clusterDomain',
    value: 'cluster.local',
    confidence: 'assumed',
  },
]);

const KUBE_DNS = { 'k8s-app': 'kube-dns' };

check('the servers', [
  {
    rule: 'kube-dns; not always .10',
    objects: [service('kube-system/kube-dns', '10.96.5.5', KUBE_DNS)],
    fact: 'clusterDNS',
    value: ['10.96.5.5'],
    confidence: 'declared',
    from: 'Service/kube-system/kube-dns spec.clusterIP',
  },
  {
    rule: 'a service of another name with the label, of both families',
    objects: [service('kube-system/rke2-coredns-rke2-coredns', ['10.43.0.10', 'fd00:43::a'], KUBE_DNS)],
    fact: 'clusterDNS',
    value: ['10.43.0.10', 'fd00:43::a'],
    confidence: 'declared',
    from: 'Service/kube-system/rke2-coredns-rke2-coredns spec.clusterIP',
  },
  {
    rule: "OpenShift's",
    objects: [service('openshift-dns/dns-default', '172.30.0.10')],
    fact: 'clusterDNS',
    value: ['172.30.0.10'],
    confidence: 'declared',
    from: 'Service/openshift-dns/dns-default spec.clusterIP',
  },
  {
    rule: "the label in another namespace says nothing, and kubelet's configuration speaks",
    objects: [service('shop/x', '10.96.0.99', KUBE_DNS), kubelet('clusterDNS:\n- 10.96.0.10\n')],
    fact: 'clusterDNS',
    value: ['10.96.0.10'],
    confidence: 'declared',
    from: 'ConfigMap/kube-system/kubelet-config data.kubelet.clusterDNS',
  },
  {
    rule: 'what k3s is told',
    objects: [k3s('--cluster-dns', '10.43.0.53')],
    fact: 'clusterDNS',
    value: ['10.43.0.53'],
    confidence: 'declared',
    from: K3S_ARGS,
  },
  {
    rule: 'a node-local server that answers for it has no part in its address',
    objects: [
      service('kube-system/kube-dns', '10.96.0.10', KUBE_DNS),
      daemonSet('kube-system/node-local-dns', { args: ['-localip', '169.254.20.10,10.96.0.10', '-conf', '/etc/Corefile'] }),
    ],
    fact: 'clusterDNS',
    value: ['10.96.0.10'],
    confidence: 'declared',
    from: 'Service/kube-system/kube-dns spec.clusterIP',
  },
  { rule: 'nothing', objects: [node('n1')], fact: 'clusterDNS', value: null, confidence: 'unknown' },
]);
