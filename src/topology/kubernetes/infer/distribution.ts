import type { Fact, Saying } from '../../../k8s/fact.ts';
import { nameOf, objectsOf } from '../objects.ts';
import { type Clues, configMap, type Machine, remembered } from './clues.ts';
import { decide, ofNodes } from './decide.ts';
import { k3sServer } from './k3s.ts';
import type { AnnotationPrefix } from './names-read.ts';
import { programsOf } from './programs.ts';
import { fieldOf, follows } from './saying.ts';

/** What a cluster was made with, in lower case as its own documentation shortens it. */
const BY_PROVIDER: readonly (readonly [scheme: string, distribution: string])[] = [
  ['kind:', 'kind'],
  ['k3s:', 'k3s'],
  ['rke2:', 'rke2'],
  ['digitalocean:', 'doks'],
  ['ibm:', 'iks'],
  ['oci:', 'oke'],
];

/** Clouds where people also make clusters of their own, which show otherwise. */
const BY_CLOUD: readonly (readonly [scheme: string, distribution: string])[] = [
  ['gce:', 'gke'],
  ['azure:', 'aks'],
];

const BY_LABEL: readonly (readonly [prefix: string, distribution: string])[] = [
  ['minikube.k8s.io/', 'minikube'],
  ['microk8s.io/', 'microk8s'],
  ['eks.amazonaws.com/', 'eks'],
  ['kubernetes.azure.com/', 'aks'],
  ['cloud.google.com/gke-', 'gke'],
  ['doks.digitalocean.com/', 'doks'],
  ['node.openshift.io/', 'openshift'],
];

const BY_ANNOTATION: readonly (readonly [prefix: AnnotationPrefix, distribution: string])[] = [
  ['rke2.io/', 'rke2'],
  ['k3s.io/', 'k3s'],
  ['machineconfiguration.openshift.io/', 'openshift'],
  ['kubeadm.alpha.kubernetes.io/', 'kubeadm'],
];

const BY_VERSION: readonly (readonly [part: string, distribution: string])[] = [
  ['+rke2', 'rke2'],
  ['+k3s', 'k3s'],
  ['-eks-', 'eks'],
  ['-gke.', 'gke'],
];

/** The distribution that a node shows. */
export function distributionOf({ name, object, pods }: Machine): Saying | null {
  if (object === null) return null;
  const { metadata, spec, status } = object.data;
  const provider = BY_PROVIDER.find(([scheme]) => spec?.providerID?.startsWith(scheme));
  if (provider !== undefined) return follows(fieldOf(object, 'spec', 'providerID'), provider[1], "the node's providerID");
  const labelled = byPrefix(metadata.labels, BY_LABEL);
  if (labelled !== null) return follows(fieldOf(object, 'metadata', 'labels', labelled.key), labelled.distribution, 'a label of the node');
  const kindnet = pods.find((pod) => nameOf(pod).startsWith('kindnet-'));
  if (kindnet !== undefined) return follows(fieldOf(kindnet, 'metadata', 'name'), 'kind', 'kindnet runs on the node');
  const annotated = byPrefix(metadata.annotations, BY_ANNOTATION);
  if (annotated !== null)
    return follows(fieldOf(object, 'metadata', 'annotations', annotated.key), annotated.distribution, 'an annotation of the node');
  const version = BY_VERSION.find(([part]) => status?.nodeInfo?.kubeletVersion?.includes(part));
  if (version !== undefined) return follows(fieldOf(object, 'status', 'nodeInfo', 'kubeletVersion'), version[1], "the kubelet's version");
  const cloud = BY_CLOUD.find(([scheme]) => spec?.providerID?.startsWith(scheme));
  if (cloud !== undefined) return follows(fieldOf(object, 'spec', 'providerID'), cloud[1], "the node's providerID");
  if (name === 'docker-desktop') return follows(fieldOf(object, 'metadata', 'name'), 'docker-desktop', "the node's name");
  if (/^aks-.*-vmss/.test(name)) return follows(fieldOf(object, 'metadata', 'name'), 'aks', "the node's name");
  return null;
}

function byPrefix(map: Readonly<Record<string, string>> | null | undefined, prefixes: readonly (readonly [string, string])[]) {
  for (const [prefix, distribution] of prefixes) {
    const key = Object.keys(map ?? {}).find((k) => k.startsWith(prefix));
    if (key !== undefined) return { key, distribution };
  }
  return null;
}

/** kubeadm leaves the same marks in clusters of kind and minikube, which are asked for first. */
function ofKubeadm(clues: Clues): Saying | null {
  const map = configMap(clues, 'kubeadm-config', 'kube-system');
  return map === null ? null : follows(fieldOf(map, 'metadata', 'name'), 'kubeadm', 'the ConfigMap kubeadm-config');
}

const ofObjects = remembered((clues: Clues): readonly (Saying | null)[] => {
  const network = objectsOf(clues.objects, 'Network').find((n) => n.data.status?.networkType != null);
  const openshift =
    network === undefined ? null : follows(fieldOf(network, 'metadata', 'name'), 'openshift', 'Network of config.openshift.io');
  const awsNode = programsOf(clues, ['aws-node'])[0];
  const azureProxy = programsOf(clues, ['azure-cns', 'azure-npm', 'azure-ip-masq-agent'])[0];
  const vpnkit = clues.pods.find(({ data }) => data.metadata.name === 'vpnkit-controller');
  return [
    openshift,
    awsNode === undefined ? null : follows(awsNode.at('name'), 'eks', 'the DaemonSet aws-node'),
    azureProxy === undefined ? null : follows(azureProxy.at('name'), 'aks', "AKS' own DaemonSets"),
    vpnkit === undefined ? null : follows(fieldOf(vpnkit, 'metadata', 'name'), 'docker-desktop', 'the pod vpnkit-controller'),
  ];
});

/** What a node shows, else what other objects do. */
export const distributionAt = (clues: Clues, machine: Machine | null): Saying | null =>
  (machine === null ? null : distributionOf(machine)) ?? ofObjects(clues).find((s) => s !== null) ?? null;

/** What most nodes show, and those that show something else. */
export function distributions(clues: Clues): readonly Fact[] {
  const ofCluster = () => [...ofObjects(clues), ofKubeadm(clues)];
  const machines: readonly (Machine | null)[] = clues.machines.length === 0 ? [null] : clues.machines;
  return ofNodes(
    machines.map((machine) =>
      decide(clues.given, 'distribution', machine?.name ?? null, [machine === null ? null : distributionOf(machine)], ofCluster),
    ),
  );
}

/** The range that a distribution takes when it is not told another. */
export function usualRange(clues: Clues, distribution: string | null, usual: Readonly<Record<string, string>>): Saying | null {
  const range = distribution === null ? undefined : usual[distribution];
  return range === undefined ? null : follows(k3sServer(clues)?.source ?? null, [range], `${distribution}'s default`);
}
