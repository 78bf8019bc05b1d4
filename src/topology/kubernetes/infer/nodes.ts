import type { Fact, Saying } from '../../../k8s/fact.ts';
import { FAMILIES, familyOf, formatAddress, parseAddress } from '../../../net/address.ts';
import type { Clues, Machine } from './clues.ts';
import { annotation, type CniRows, rangeOfNode } from './cni/rows.ts';
import { decide } from './decide.ts';
import { addresses, fieldOf, follows, say } from './saying.ts';

/** A node's addresses on the network between the nodes: one a family. */
export function nodeAddresses(clues: Clues, machine: Machine): Fact {
  return decide(clues.given, 'node.addresses', machine.name, [ofStatus(machine, 'InternalIP'), ofAnnotation(machine)], () => [
    ofStatus(machine, 'ExternalIP'),
    ofPods(machine),
  ]);
}

function ofStatus({ object }: Machine, type: 'InternalIP' | 'ExternalIP'): Saying | null {
  const all = object?.data.status?.addresses ?? [];
  const index = all.findIndex((a) => a.type === type);
  if (object === null || index === -1) return null;
  const texts = all.filter((a) => a.type === type).map((a) => a.address);
  const read = addresses(fieldOf(object, 'status', 'addresses', index, 'address'), texts, `the node's ${type}`);
  if (read === null || read.confidence === 'unknown' || !Array.isArray(read.value)) return read;
  const first = firstOfEach(read.value);
  return first.length === texts.length
    ? { ...read, value: first }
    : { ...read, value: first, text: `${read.text}: the first of ${texts.length}` };
}

const KEYS = ['alpha.kubernetes.io/provided-node-ip', 'k3s.io/internal-ip', 'rke2.io/internal-ip'];

function ofAnnotation(machine: Machine): Saying | null {
  const found = annotation(machine, ...KEYS);
  if (found === null || machine.object === null) return null;
  return addresses(fieldOf(machine.object, 'metadata', 'annotations', found.key), found.value, 'an annotation of the node');
}

/** Without a Node object, its pods say where they run. */
function ofPods({ pods }: Machine): Saying | null {
  for (const pod of pods) {
    const { hostIP, podIP } = pod.data.status ?? {};
    const [field, text] = hostIP != null ? ['hostIP', hostIP] : ['podIP', pod.data.spec?.hostNetwork === true ? podIP : null];
    if (text == null || field === undefined) continue;
    const read = addresses(fieldOf(pod, 'status', field), text, 'its pods say so');
    if (read !== null) return read.confidence === 'unknown' ? read : { ...read, confidence: 'inferred' };
  }
  return null;
}

const firstOfEach = (texts: readonly string[]): readonly string[] => {
  const parsed = texts.map(parseAddress).filter((a) => a !== null);
  return FAMILIES.flatMap((family) => parsed.find((a) => familyOf(a) === family) ?? [])
    .sort((a, b) => parsed.indexOf(a) - parsed.indexOf(b))
    .map(formatAddress);
};

/** The ranges that a node's pods come from; which fields count is the plugin's business. An empty list: single addresses. */
export function nodeRanges(clues: Clues, machine: Machine, rows: CniRows): Fact {
  const own = rows.nodeRanges?.(clues, machine) ?? [rangeOfNode(machine)];
  return decide(clues.given, 'node.podCIDRs', machine.name, own);
}

/** Null where nothing is encapsulated. */
export function nodeTunnel(clues: Clues, machine: Machine, rows: CniRows, mode: string | null): Fact {
  const isPlain = mode === null ? false : !/vxlan|ipip|geneve/.test(mode);
  return decide(clues.given, 'node.tunnel', machine.name, isPlain ? [] : (rows.tunnel?.(machine) ?? []), () => [
    isPlain ? follows(null, null, 'nothing is encapsulated') : null,
    mode === null ? null : say('assumed', null, null, "the plugin's own way to derive it"),
  ]);
}
