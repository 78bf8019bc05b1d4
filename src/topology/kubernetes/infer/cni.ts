import * as z from 'zod';
import type { Fact, Saying } from '../../../k8s/fact.ts';
import { parseAddress } from '../../../net/address.ts';
import { contains } from '../../../net/prefix.ts';
import { objectsOf } from '../objects.ts';
import type { Clues, Machine } from './clues.ts';
import { AWS_PROGRAMS } from './cni/aws.ts';
import { CALICO_PROGRAMS } from './cni/calico.ts';
import { CILIUM_PROGRAMS, ciliumSetting } from './cni/cilium.ts';
import { AZURE_PROGRAMS } from './cni/clouds.ts';
import { CANAL_PROGRAMS, FLANNEL_PROGRAMS } from './cni/flannel.ts';
import { ANTREA_PROGRAMS, KUBE_ROUTER_PROGRAMS, OVN_PROGRAMS, SDN_PROGRAMS, WEAVE_PROGRAMS } from './cni/generic.ts';
import { rowsOf } from './cni/index.ts';
import { KINDNET_PROGRAMS } from './cni/kindnet.ts';
import { decide, ofNodes } from './decide.ts';
import { distributionAt, distributionOf } from './distribution.ts';
import { k3sArgument } from './k3s.ts';
import { kubeProxyRange } from './kube-proxy-config.ts';
import { type Program, programsOf, variableOf } from './programs.ts';
import { assumes, declares, fieldOf, follows } from './saying.ts';
import { prefixesIn } from './values.ts';

/** The programs that a plugin runs on each node: DaemonSets, and what they are called. */
const PROGRAMS: readonly (readonly [plugin: string, programs: readonly string[]])[] = [
  ['canal', CANAL_PROGRAMS],
  ['kindnet', KINDNET_PROGRAMS],
  ['flannel', FLANNEL_PROGRAMS],
  ['aws-vpc-cni', AWS_PROGRAMS],
  ['cilium', CILIUM_PROGRAMS],
  ['azure-cni', AZURE_PROGRAMS],
  ['weave', WEAVE_PROGRAMS],
  ['antrea', ANTREA_PROGRAMS],
  ['ovn-kubernetes', OVN_PROGRAMS],
  ['openshift-sdn', SDN_PROGRAMS],
  ['kube-router', KUBE_ROUTER_PROGRAMS],
  ['calico', CALICO_PROGRAMS],
];

/** The plugin of each node. One of another distribution is not as the others when nothing is known about it. */
export function plugins(clues: Clues): readonly Fact[] {
  const machines: readonly (Machine | null)[] = clues.machines.length === 0 ? [null] : clues.machines;
  const facts = machines.map((machine) =>
    decide(clues.given, 'cni.plugin', machine?.name ?? null, sourcesOf(clues, machine), fallback(clues)),
  );
  const distributions = new Map(clues.machines.map((machine) => [machine.name, distributionOf(machine)?.value ?? null]));
  return ofNodes(facts, ({ node }) => (node === null ? null : (distributions.get(node) ?? null)));
}

const fallback = (clues: Clues) => (): readonly Saying[] => [
  clues.machines.length > 1
    ? assumes('generic', 'nothing of a known plugin is in the input')
    : assumes('bridge', 'nothing of a known plugin is in the input, and it has one node at most'),
];

function sourcesOf(clues: Clues, machine: Machine | null): readonly (Saying | null)[] {
  const first = [
    ofPrograms(clues, machine),
    ofOpenshift(clues),
    ofCondition(machine),
    ofAnnotations(machine),
    ofPodAnnotations(machine),
    ofK3s(clues, machine),
    ofDistribution(clues, machine),
  ].find((s) => s !== null);
  return [first ?? null];
}

/** Policy engines and chained plugins run beside the one that routes. */
function ofPrograms(clues: Clues, machine: Machine | null): Saying | null {
  const found = new Map<string, Program>();
  for (const [plugin, programs] of PROGRAMS) {
    const [program] = programsOf(clues, programs, machine);
    if (program !== undefined && !(plugin === 'calico' && isPolicyOnly(clues, machine))) found.set(plugin, program);
  }
  const calico = programsOf(clues, CALICO_PROGRAMS, machine)[0];
  const flannel = found.get('flannel');
  if (flannel !== undefined && calico !== undefined) return follows(flannel.at('name'), 'canal', 'flannel and Calico run together');
  for (const chained of ['calico', 'kube-router']) if (found.size > 1) found.delete(chained);
  if (found.size > 1) found.delete(chains(clues) ? 'cilium' : found.has('cilium') ? 'azure-cni' : '');
  const [best] = found;
  if (best === undefined) return null;
  const [plugin, { object, at }] = best;
  return follows(at('name'), plugin, `${object.kind === 'Pod' ? 'its pod' : 'its DaemonSet'} ${object.data.metadata.name}`);
}

/** Calico with another plugin's routes. */
function isPolicyOnly(clues: Clues, machine: Machine | null): boolean {
  return variableOf(clues, CALICO_PROGRAMS, 'CALICO_NETWORKING_BACKEND', machine)?.value === 'none';
}

/** Cilium that hangs on another plugin's interfaces. */
function chains(clues: Clues): boolean {
  const mode = ciliumSetting(clues, 'cni-chaining-mode')?.value ?? 'none';
  return mode !== 'none' && mode !== 'portmap';
}

const NETWORK_TYPES: Readonly<Record<string, string>> = {
  OpenShiftSDN: 'openshift-sdn',
  OVNKubernetes: 'ovn-kubernetes',
  Calico: 'calico',
  Cilium: 'cilium',
};

function ofOpenshift(clues: Clues): Saying | null {
  for (const network of objectsOf(clues.objects, 'Network')) {
    const plugin = NETWORK_TYPES[network.data.status?.networkType ?? ''];
    if (plugin !== undefined) return declares(fieldOf(network, 'status', 'networkType'), plugin, "OpenShift's networkType");
  }
  return null;
}

const REASONS: Readonly<Record<string, string>> = {
  FlannelIsUp: 'flannel',
  CalicoIsUp: 'calico',
  CiliumIsUp: 'cilium',
  WeaveIsUp: 'weave',
};

/** Who set the condition NetworkUnavailable to False. */
function ofCondition(machine: Machine | null): Saying | null {
  if (machine?.object == null) return null;
  const { spec, status } = machine.object.data;
  const index = status?.conditions?.findIndex((c) => c.type === 'NetworkUnavailable') ?? -1;
  const reason = status?.conditions?.[index]?.reason ?? '';
  const routes = spec?.providerID?.startsWith('gce:') === true ? 'gke' : 'kubenet';
  const plugin = reason === 'RouteCreated' ? routes : REASONS[reason];
  if (plugin === undefined) return null;
  const text = `NetworkUnavailable has the reason ${reason}${reason === 'RouteCreated' ? ': the cloud has routes to the nodes’ pods' : ''}`;
  return follows(fieldOf(machine.object, 'status', 'conditions', index, 'reason'), plugin, text);
}

const ANNOTATIONS: readonly (readonly [prefix: string, plugin: string])[] = [
  ['flannel.alpha.coreos.com/', 'flannel'],
  ['network.cilium.io/', 'cilium'],
  ['io.cilium.network.', 'cilium'],
  ['node.antrea.io/', 'antrea'],
  ['k8s.ovn.org/', 'ovn-kubernetes'],
  ['kube-router.io/', 'kube-router'],
  ['projectcalico.org/', 'calico'],
];

function ofAnnotations(machine: Machine | null): Saying | null {
  if (machine?.object == null) return null;
  const keys = Object.keys(machine.object.data.metadata.annotations ?? {});
  for (const [prefix, plugin] of ANNOTATIONS) {
    const key = keys.find((k) => k.startsWith(prefix));
    if (key === undefined) continue;
    const isCanal = plugin === 'flannel' && keys.some((k) => k.startsWith('projectcalico.org/'));
    return follows(fieldOf(machine.object, 'metadata', 'annotations', key), isCanal ? 'canal' : plugin, 'its annotations are on the node');
  }
  return null;
}

const networkStatus = z.array(z.object({ name: z.string(), default: z.boolean().nullish() }));

/** What a plugin leaves on the pods that it connects. */
function ofPodAnnotations(machine: Machine | null): Saying | null {
  for (const pod of machine?.pods ?? []) {
    const annotations = pod.data.metadata.annotations ?? {};
    const calico = 'cni.projectcalico.org/podIP';
    if (annotations[calico] !== undefined)
      return follows(fieldOf(pod, 'metadata', 'annotations', calico), 'calico', 'its annotation is on a pod');
    for (const key of ['k8s.v1.cni.cncf.io/network-status', 'k8s.v1.cni.cncf.io/networks-status']) {
      const plugin = defaultNetwork(annotations[key]);
      if (plugin !== null)
        return follows(fieldOf(pod, 'metadata', 'annotations', key), plugin, "multus calls it the pod's default network");
    }
  }
  return null;
}

const NETWORK_NAMES: Readonly<Record<string, string>> = {
  'openshift-sdn': 'openshift-sdn',
  'ovn-kubernetes': 'ovn-kubernetes',
  'k8s-pod-network': 'calico',
  cbr0: 'flannel',
  cilium: 'cilium',
};

function defaultNetwork(text: string | undefined): string | null {
  if (text === undefined) return null;
  try {
    const parsed = networkStatus.safeParse(JSON.parse(text));
    const network = parsed.success ? (parsed.data.find((n) => n.default === true) ?? null) : null;
    return NETWORK_NAMES[network?.name.split('/').at(-1) ?? ''] ?? null;
  } catch {
    return null;
  }
}

/** k3s has flannel inside of itself; rke2 installs what it is told. */
function ofK3s(clues: Clues, machine: Machine | null): Saying | null {
  const distribution = machine === null ? null : distributionOf(machine);
  if (distribution?.value === 'k3s') {
    const backend = k3sArgument(clues, 'flannel-backend');
    if (backend?.value === 'none') return null;
    return follows(backend?.source ?? distribution.source, 'flannel', "k3s' default");
  }
  if (distribution?.value !== 'rke2') return null;
  const given = k3sArgument(clues, 'cni');
  const plugin = given?.value.split(',').find((name) => name !== 'multus');
  if (given === null || plugin === undefined) return follows(distribution.source, 'canal', "rke2's default");
  return plugin === 'none' ? null : declares(given.source, plugin, "rke2's --cni");
}

/** What a distribution installs when nothing else is there. */
const USUAL: Readonly<Record<string, string>> = {
  kind: 'kindnet',
  eks: 'aws-vpc-cni',
  doks: 'cilium',
  oke: 'flannel',
  iks: 'calico',
  gke: 'gke',
  'docker-desktop': 'bridge',
};

function ofDistribution(clues: Clues, machine: Machine | null): Saying | null {
  const distribution = distributionAt(clues, machine);
  if (distribution === null) return null;
  const plugin = special(clues, machine, String(distribution.value)) ?? USUAL[String(distribution.value)];
  return plugin === undefined ? null : follows(distribution.source, plugin, `${distribution.value} has it unless told otherwise`);
}

function special(clues: Clues, machine: Machine | null, distribution: string): string | null {
  const { nodeInfo } = machine?.object?.data.status ?? {};
  if (distribution === 'minikube') {
    const isContainer = !/buildroot/i.test(nodeInfo?.osImage ?? '') && !nodeInfo?.containerRuntimeVersion?.startsWith('docker:');
    return clues.machines.length > 1 || isContainer ? 'kindnet' : 'bridge';
  }
  if (distribution === 'microk8s') return minorOf(nodeInfo?.kubeletVersion) >= 19 ? 'calico' : null;
  return distribution === 'aks' ? ofAzure(clues, machine) : null;
}

/** kubenet has routes to the nodes' ranges, which lie apart from the nodes; Azure CNI's overlay has ranges too, and a label. */
function ofAzure(clues: Clues, machine: Machine | null): string {
  const { metadata, spec, status } = machine?.object?.data ?? {};
  if (spec?.podCIDR == null || spec.podCIDR === '' || metadata?.labels?.['kubernetes.azure.com/podnetwork-type'] === 'overlay')
    return 'azure-cni';
  const own = parseAddress(status?.addresses?.find((a) => a.type === 'InternalIP')?.address ?? '');
  const taken = prefixesIn(kubeProxyRange(clues)?.value ?? null);
  return own !== null && taken.some((range) => contains(range, own)) ? 'azure-cni' : 'kubenet';
}

/** MicroK8s has Calico since 1.19. */
const minorOf = (version: string | null | undefined): number => Number(/^v1\.(\d+)/.exec(version ?? '')?.[1] ?? Number.NaN);

/** The encapsulation on each node, which may differ where nodes have different plugins. */
export function modes(clues: Clues, pluginOn: (machine: string | null) => string): readonly Fact[] {
  const machines: readonly (Machine | null)[] = clues.machines.length === 0 ? [null] : clues.machines;
  const facts = machines.map((machine) => {
    const name = machine?.name ?? null;
    return decide(clues.given, 'cni.mode', name, rowsOf(pluginOn(name)).mode(clues, machine));
  });
  return ofNodes(facts, ({ node }) => pluginOn(node));
}
