import { describe, expect, it } from 'vitest';
import type { Confidence, FactName, FactValue } from '../../../../src/k8s/fact.ts';
import { type Given, type Inference, infer } from '../../../../src/topology/kubernetes/infer/index.ts';
import { locusIn, objectsIn, placeOf } from '../objects.ts';

/** Objects in few words, as kubectl prints them, and rows of what they say. */

type Text = Readonly<Record<string, string>>;

interface NodeWords {
  readonly annotations?: Text;
  readonly labels?: Text;
  readonly podCIDR?: string;
  readonly podCIDRs?: readonly string[];
  readonly ips?: readonly string[];
  readonly externalIPs?: readonly string[];
  readonly providerID?: string;
  /** Of the condition NetworkUnavailable. */
  readonly reason?: string;
  readonly version?: string;
  readonly image?: string;
  readonly runtime?: string;
}

export const node = (name: string, words: NodeWords = {}) => ({
  apiVersion: 'v1',
  kind: 'Node',
  metadata: { name, annotations: words.annotations, labels: words.labels },
  spec: { podCIDR: words.podCIDR, podCIDRs: words.podCIDRs, providerID: words.providerID },
  status: {
    addresses: [
      ...(words.ips ?? []).map((address) => ({ type: 'InternalIP', address })),
      ...(words.externalIPs ?? []).map((address) => ({ type: 'ExternalIP', address })),
    ],
    conditions: words.reason === undefined ? [] : [{ type: 'NetworkUnavailable', status: 'False', reason: words.reason }],
    nodeInfo: { kubeletVersion: words.version, osImage: words.image, containerRuntimeVersion: words.runtime },
  },
});

interface ContainerWords {
  readonly container?: string;
  readonly image?: string;
  readonly command?: readonly string[];
  readonly args?: readonly string[];
  readonly env?: Readonly<Record<string, string | { readonly from: string; readonly key: string }>>;
}

const container = ({ container = 'main', image, command, args, env }: ContainerWords) => ({
  name: container,
  image,
  command,
  args,
  env: Object.entries(env ?? {}).map(([name, value]) =>
    typeof value === 'string' ? { name, value } : { name, valueFrom: { configMapKeyRef: { name: value.from, key: value.key } } },
  ),
});

interface PodWords extends ContainerWords {
  readonly node?: string;
  readonly ip?: string;
  readonly hostIP?: string;
  readonly hostNetwork?: boolean;
  readonly phase?: string;
  readonly annotations?: Text;
  readonly daemonSet?: string;
}

/** `namespace/name` */
export const pod = (name: string, words: PodWords = {}) => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: {
    ...nameIn(name),
    annotations: words.annotations,
    ownerReferences: words.daemonSet === undefined ? [] : [{ kind: 'DaemonSet', name: words.daemonSet }],
  },
  spec: { nodeName: words.node, hostNetwork: words.hostNetwork, containers: [container(words)] },
  status: { phase: words.phase ?? 'Running', podIP: words.ip, hostIP: words.hostIP },
});

export const daemonSet = (name: string, words: ContainerWords = {}) => ({
  apiVersion: 'apps/v1',
  kind: 'DaemonSet',
  metadata: nameIn(name),
  spec: { template: { spec: { containers: [container(words)] } } },
});

export const configMap = (name: string, data: Text) => ({ apiVersion: 'v1', kind: 'ConfigMap', metadata: nameIn(name), data });

export const service = (name: string, clusterIP: string | readonly string[], labels: Text = {}) => ({
  apiVersion: 'v1',
  kind: 'Service',
  metadata: { ...nameIn(name), labels },
  spec: { clusterIP: [clusterIP].flat()[0], clusterIPs: [clusterIP].flat() },
});

export const custom = (apiVersion: string, kind: string, name: string, fields: object) => ({
  apiVersion,
  kind,
  metadata: { name },
  ...fields,
});

export const calico = (kind: string, name: string, spec: object) => custom('crd.projectcalico.org/v1', kind, name, { spec });

/** OpenShift's Network/cluster of config.openshift.io. */
export const network = (status: object) => custom('config.openshift.io/v1', 'Network', 'cluster', { status });

const nameIn = (name: string) => {
  const [namespace, own] = name.split('/');
  return { namespace, name: own };
};

/** `pod: line of its log` */
export const logs = (...lines: readonly (readonly [pod: string, text: string])[]) =>
  lines.map(([key, text]) => ({ pod: key.slice(key.indexOf('/') + 1), text, locus: locusIn('logs.txt', `Pod/${key}`) }));

export const inferFrom = (objects: readonly object[], lines: ReturnType<typeof logs> = [], given: Given = []): Inference =>
  infer(
    objectsIn(
      objects.map((object) => ['dump.json', object]),
      lines,
    ),
    given,
  );

/** What an inference says of a fact; of a node, or of all. */
export function factIn(inference: Pick<Inference, 'facts'>, fact: FactName, of: string | null = null) {
  const found = inference.facts.find((f) => f.fact === fact && f.node === of);
  if (found === undefined) throw new Error(`no ${fact} of ${of ?? 'all nodes'}`);
  return found;
}

export interface Row {
  readonly rule: string;
  readonly objects: readonly object[];
  readonly logs?: ReturnType<typeof logs>;
  readonly fact: FactName;
  readonly node?: string;
  readonly value: FactValue;
  readonly confidence: Confidence;
  /** `Kind/namespace/name field`; left out, no object is named. */
  readonly from?: string;
  /** Values of sources that say otherwise. */
  readonly others?: readonly FactValue[];
}

/** One row a rule: objects, and the fact that follows. */
export function check(title: string, rows: readonly Row[]): void {
  describe(title, () => {
    it.each(rows)('$fact: $rule', ({ objects, logs: lines, fact, node: of = null, value, confidence, from = null, others = [] }) => {
      const found = factIn(inferFrom(objects, lines), fact, of);
      expect({
        value: found.value,
        confidence: found.confidence,
        from: found.source === null ? null : placeOf(found.source),
        others: found.others.map((o) => o.value),
      }).toEqual({ value, confidence, from, others });
    });
  });
}
