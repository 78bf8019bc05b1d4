import * as z from 'zod';
import type { Saying } from '../../../k8s/fact.ts';
import { projected } from '../../../source/objects.ts';
import { objectsOf } from '../objects.ts';
import type { Clues, Machine } from './clues.ts';
import type { AnnotationName, AnnotationPrefix } from './names-read.ts';
import { declares, fieldOf, follows } from './saying.ts';

/** What a plugin leaves on objects of others. */

const NETWORK_TYPES: Readonly<Record<string, string>> = {
  OpenShiftSDN: 'openshift-sdn',
  OVNKubernetes: 'ovn-kubernetes',
  Calico: 'calico',
  Cilium: 'cilium',
};

export function ofOpenshift(clues: Clues): Saying | null {
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
export function ofCondition(machine: Machine | null): Saying | null {
  if (machine?.object == null) return null;
  const { spec, status } = machine.object.data;
  const index = status?.conditions?.findIndex((c) => c.type === 'NetworkUnavailable') ?? -1;
  const reason = status?.conditions?.[index]?.reason ?? '';
  const routes = spec?.providerID?.startsWith('gce:') === true ? 'gke' : 'kubenet';
  const plugin = reason === 'RouteCreated' ? routes : REASONS[reason];
  if (plugin === undefined) return null;
  const text = `NetworkUnavailable has the reason ${reason}${reason === 'RouteCreated' ? ": the cloud has routes to the nodes' pods" : ''}`;
  return follows(fieldOf(machine.object, 'status', 'conditions', index, 'reason'), plugin, text);
}

const ANNOTATIONS: readonly (readonly [prefix: AnnotationPrefix, plugin: string])[] = [
  ['flannel.alpha.coreos.com/', 'flannel'],
  ['network.cilium.io/', 'cilium'],
  ['io.cilium.network.', 'cilium'],
  ['node.antrea.io/', 'antrea'],
  ['k8s.ovn.org/', 'ovn-kubernetes'],
  ['kube-router.io/', 'kube-router'],
  ['projectcalico.org/', 'calico'],
];

export function ofAnnotations(machine: Machine | null): Saying | null {
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

const networkStatus = z.array(projected(() => ({ name: z.string(), default: z.boolean().nullish() })));

const MULTUS: readonly AnnotationName[] = ['k8s.v1.cni.cncf.io/network-status', 'k8s.v1.cni.cncf.io/networks-status'];

/** What a plugin leaves on the pods that it connects. */
export function ofPodAnnotations(machine: Machine | null): Saying | null {
  for (const pod of machine?.pods ?? []) {
    const annotations = pod.data.metadata.annotations ?? {};
    const calico = 'cni.projectcalico.org/podIP' satisfies AnnotationName;
    if (annotations[calico] !== undefined)
      return follows(fieldOf(pod, 'metadata', 'annotations', calico), 'calico', 'its annotation is on a pod');
    for (const key of MULTUS) {
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
