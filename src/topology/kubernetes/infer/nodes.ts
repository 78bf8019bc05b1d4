import type { CniMode, Fact, Saying } from '../../../k8s/fact.ts';
import { FAMILIES, familyOf, formatAddress, parseAddress } from '../../../net/address.ts';
import type { Clues, Machine, Note } from './clues.ts';
import { annotation, type CniRows, rangeOfNode, type Tunnel } from './cni/rows.ts';
import { decide } from './decide.ts';
import type { AnnotationName } from './names-read.ts';
import { addresses, assumes, declares, fieldOf, follows } from './saying.ts';

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

const KEYS: readonly AnnotationName[] = ['alpha.kubernetes.io/provided-node-ip', 'k3s.io/internal-ip', 'rke2.io/internal-ip'];

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

/**
 * The ranges that a node's pods come from; which fields count is the plugin's business. An empty list: single addresses. What only follows
 * from the pods' addresses contradicts nobody.
 */
export function nodeRanges(clues: Clues, machine: Machine, rows: CniRows): Fact {
  const own = rows.nodeRanges?.(clues, machine) ?? [rangeOfNode(machine)];
  const isGuess = (s: Saying | null) => s?.confidence === 'inferred';
  return decide(
    clues.given,
    'node.podCIDRs',
    machine.name,
    own.filter((s) => !isGuess(s)),
    () => own.filter(isGuess),
  );
}

/** A node's end of the tunnel; null where nothing is encapsulated, or the plugin derives it from other facts. */
export function nodeTunnel(clues: Clues, { name }: Machine, tunnel: Tunnel | null, mode: CniMode | null): Fact {
  const own = tunnel === null ? null : declares(tunnel.source, wordsOf(tunnel), tunnel.text);
  const isPlain = mode !== null && !/^(vxlan|ipip|geneve)/.test(mode);
  return decide(clues.given, 'node.tunnel', name, isPlain ? [] : [own], () => [
    isPlain ? follows(null, null, 'nothing is encapsulated') : null,
    mode === null ? null : assumes(null, "derived from the node's ranges and addresses"),
  ]);
}

/** As a Topology states it. */
export function wordsOf({ ip, mac, publicIP }: Pick<Tunnel, 'ip' | 'mac' | 'publicIP'>): string {
  const parts = [ip === null ? '' : `ip: ${ip}`, mac === null ? '' : `mac: "${mac}"`, publicIP === null ? '' : `publicIP: ${publicIP}`];
  return `{ ${parts.filter((part) => part !== '').join(', ')} }`;
}

/** An outer address that is none of the node's: a tunnel over another network, or a plugin that took the wrong one. */
export function strayTunnel({ name }: Machine, { publicIP, source, text }: Tunnel, addresses: Fact): Note | null {
  if (publicIP === null || !Array.isArray(addresses.value) || addresses.value.includes(publicIP)) return null;
  return {
    kind: 'disagreement',
    text: `${text} on ${name} has the outer address ${publicIP}, and the node has ${addresses.value.join(', ')}`,
    source,
  };
}
