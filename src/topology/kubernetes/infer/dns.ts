import type { Fact, Saying } from '../../../k8s/fact.ts';
import { type KubeObject, nameOf, namespaceOf, objectsOf } from '../objects.ts';
import { argument, argumentsOf } from './arguments.ts';
import type { Clues } from './clues.ts';
import { kubeadmConfig, kubeletConfig } from './control-plane.ts';
import { decide } from './decide.ts';
import { k3sArgument } from './k3s.ts';
import { flagOf, programsOf, variableOf } from './programs.ts';
import { addresses, assumes, declares, fieldOf, follows } from './saying.ts';
import { clusterIpsOf } from './service-ranges.ts';

/** The zone of the cluster's names. */
export function clusterDomain(clues: Clues): Fact {
  const kubelet = kubeletConfig(clues);
  const kubeadm = kubeadmConfig(clues);
  const k3s = k3sArgument(clues, 'cluster-domain');
  const openshift = variableOf(clues, ['sdn', 'dns-default', 'node-resolver', 'network-operator'], 'OPENSHIFT_DNS_DOMAIN');
  const zone = (source: Saying['source'], value: string | null | undefined, text: string): Saying | null =>
    value == null || value === '' ? null : declares(source, value.replace(/\.$/, ''), text);
  const sources = [
    kubelet === null ? null : zone(kubelet.at('clusterDomain'), kubelet.value.clusterDomain, "kubelet's clusterDomain"),
    ofCorefile(clues),
    kubeadm === null ? null : zone(kubeadm.at('networking', 'dnsDomain'), kubeadm.value.networking?.dnsDomain, "kubeadm's dnsDomain"),
    k3s === null ? null : zone(k3s.source, k3s.value, 'the --cluster-domain of its server'),
    openshift === null ? null : zone(openshift.source, openshift.value, 'OPENSHIFT_DNS_DOMAIN'),
    ofKubeDns(clues),
  ];
  return decide(clues.given, 'clusterDomain', null, sources, () => [
    ofIssuer(clues),
    assumes('cluster.local', "kubelet's usual clusterDomain"),
  ]);
}

const COREFILES = ['kube-system', 'openshift-dns'];

/** The first zone of CoreDNS' plugin `kubernetes`: https://coredns.io/plugins/kubernetes/ */
function ofCorefile(clues: Clues): Saying | null {
  for (const map of objectsOf(clues.objects, 'ConfigMap')) {
    if (!COREFILES.includes(namespaceOf(map))) continue;
    const zone = /^\s*kubernetes[ \t]+([^\s{]+)/m.exec(map.data.data?.['Corefile'] ?? '')?.[1];
    if (zone !== undefined) return declares(fieldOf(map, 'data', 'Corefile'), zone.replace(/\.$/, ''), 'the zone of CoreDNS');
  }
  return null;
}

/** What came before CoreDNS. */
function ofKubeDns(clues: Clues): Saying | null {
  for (const pod of clues.pods) {
    if (namespaceOf(pod) !== 'kube-system' || !nameOf(pod).startsWith('kube-dns-')) continue;
    for (const [i, container] of (pod.data.spec?.containers ?? []).entries()) {
      const found = argument(argumentsOf(container), 'domain');
      if (found !== null)
        return declares(fieldOf(pod, 'spec', 'containers', i, ...found.path), found.value.replace(/\.$/, ''), "kube-dns' --domain");
    }
  }
  return null;
}

/** A weak sign: an issuer may have any name. */
function ofIssuer(clues: Clues): Saying | null {
  const issuer = flagOf(clues, ['kube-apiserver'], 'service-account-issuer');
  const domain = /^https:\/\/kubernetes\.default\.svc\.([a-z0-9.-]+)$/.exec(issuer?.value ?? '')?.[1];
  return issuer === null || domain === undefined ? null : follows(issuer.source, domain, 'the end of --service-account-issuer');
}

/** The servers that kubelet gives to pods. */
export function clusterDns(clues: Clues): Fact {
  const kubelet = kubeletConfig(clues);
  const k3s = k3sArgument(clues, 'cluster-dns');
  const local = localAddresses(clues);
  const sources = [
    ...dnsServices(clues).map((service) => {
      const found = addresses(
        fieldOf(service, 'spec', 'clusterIP'),
        clusterIpsOf(service),
        `the ClusterIP of ${namespaceOf(service)}/${nameOf(service)}`,
      );
      return found === null || local === null ? found : { ...found, text: `${found.text}; node-local-dns answers for it, and at ${local}` };
    }),
    kubelet === null ? null : addresses(kubelet.at('clusterDNS'), kubelet.value.clusterDNS, "kubelet's clusterDNS"),
    k3s === null ? null : addresses(k3s.source, k3s.value, 'the --cluster-dns of its server'),
  ];
  return decide(clues.given, 'clusterDNS', null, sources);
}

/** kube-dns, rke2-coredns-…: the label is what they have in common. */
function dnsServices(clues: Clues): readonly KubeObject<'Service'>[] {
  const services = objectsOf(clues.objects, 'Service');
  const isLocal = (service: KubeObject<'Service'>) => nameOf(service).startsWith('node-local');
  const labelled = services.filter(
    (s) =>
      namespaceOf(s) === 'kube-system' && s.data.metadata.labels?.['k8s-app'] === 'kube-dns' && clusterIpsOf(s).length > 0 && !isLocal(s),
  );
  const named = services.filter((s) => ['kube-system/kube-dns', 'openshift-dns/dns-default'].includes(`${namespaceOf(s)}/${nameOf(s)}`));
  return [...new Set([...named, ...labelled])].slice(0, 1);
}

function localAddresses(clues: Clues): string | null {
  for (const { container } of programsOf(clues, ['node-local-dns', 'nodelocaldns'])) {
    const found = argument(argumentsOf(container), 'localip');
    if (found !== null) return found.value.split(',')[0] ?? null;
  }
  return null;
}
