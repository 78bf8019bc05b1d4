import type { Fact, Saying } from '../../../k8s/fact.ts';
import { familyOf, type IpAddress, type IpFamily, parseAddress } from '../../../net/address.ts';
import { isRedacted } from '../../../net/redacted.ts';
import { keyOf, objectsOf } from '../objects.ts';
import { smallest } from './around.ts';
import type { Clues } from './clues.ts';
import type { CniRows } from './cni/rows.ts';
import { kubeadmConfig } from './control-plane.ts';
import { decide } from './decide.ts';
import { usualRange } from './distribution.ts';
import { k3sArgument } from './k3s.ts';
import { kubeProxyRange } from './kube-proxy-config.ts';
import { flagOf } from './programs.ts';
import { fieldOf, follows, REDACTED, ranges, say } from './saying.ts';
import { clusterIpsOf } from './service-ranges.ts';
import { listIn, prefixesIn } from './values.ts';

/** The ranges of the pods: what the plugin's pool says, then what the rest of the cluster was told. */
export function podCidr(clues: Clues, rows: CniRows, distribution: string | null, ofNodes: readonly Fact[]): Fact {
  const own = rows.podCidrs?.(clues) ?? [];
  const kubeadm = kubeadmConfig(clues);
  const manager = flagOf(clues, ['kube-controller-manager'], 'cluster-cidr');
  const k3s = k3sArgument(clues, 'cluster-cidr');
  const sources = [
    ...own.filter((s) => s?.confidence !== 'assumed'),
    kubeadm === null ? null : ranges(kubeadm.at('networking', 'podSubnet'), kubeadm.value.networking?.podSubnet, "kubeadm's podSubnet"),
    manager === null ? null : ranges(manager.source, manager.value, '--cluster-cidr of kube-controller-manager'),
    k3s === null ? null : ranges(k3s.source, k3s.value, 'the --cluster-cidr of its server'),
  ];
  return decide(clues.given, 'podCIDR', null, sources, () => [
    usualRange(clues, distribution, POD_RANGES),
    ofKubeProxy(clues),
    aroundNodes(ofNodes),
    aroundPods(clues),
    ...own,
  ]);
}

/** Only what kube-proxy takes for pods; an empty one says nothing about where they are. */
function ofKubeProxy(clues: Clues): Saying | null {
  const range = kubeProxyRange(clues);
  return range === null || listIn(range.value).length === 0 ? null : { ...range, confidence: 'inferred' };
}

const POD_RANGES: Readonly<Record<string, string>> = { k3s: '10.42.0.0/16', rke2: '10.42.0.0/16', microk8s: '10.1.0.0/16' };

/** The smallest ranges that hold the nodes' parts; only ever a part of the true one, and none when one part is redacted. */
function aroundNodes(ofNodes: readonly Fact[]): Saying | null {
  const redacted = ofNodes.find((f) => f.text === REDACTED);
  if (redacted !== undefined) return say('unknown', redacted.source, null, REDACTED);
  const first = ofNodes.find((f) => listIn(f.value).length > 0);
  if (first === undefined) return null;
  const parts = ofNodes.flatMap((f) => prefixesIn(f.value));
  const longest = parts.reduce((length, p) => (familyOf(p.address) === 'IPv4' ? Math.min(length, p.length) : length), 32);
  return follows(
    first.source,
    smallest(
      parts.map((p) => p.address),
      longest,
    ),
    "the smallest range that holds the nodes'",
  );
}

function aroundPods(clues: Clues): Saying | null {
  const own = clues.pods.filter(({ data }) => data.spec?.hostNetwork !== true && data.status?.podIP != null);
  const [first] = own;
  if (first === undefined) return null;
  const texts = own.flatMap(({ data }) => data.status?.podIPs?.map((p) => p.ip) ?? [data.status?.podIP]).filter((ip) => ip != null);
  if (texts.some(isRedacted)) return say('unknown', fieldOf(first, 'status', 'podIP'), null, REDACTED);
  const addresses = texts.map(parseAddress).filter((a) => a !== null);
  const held = smallest(addresses, 24);
  return held.length === 0 ? null : follows(fieldOf(first, 'status', 'podIP'), held, "the smallest range that holds the pods' addresses");
}

/** The family of default/kubernetes is the cluster's primary one; a second one is there when pods have addresses of it. */
export function familiesOf(clues: Clues, podCidrs: readonly string[]): readonly IpFamily[] {
  const kubernetes = objectsOf(clues.objects, 'Service').find((s) => keyOf(s) === 'default/kubernetes');
  const known: IpAddress[] = [];
  const add = (text: string | null | undefined) => {
    const parsed = parseAddress((text ?? '').split('/')[0] ?? '');
    if (parsed !== null) known.push(parsed);
  };
  if (kubernetes !== undefined) for (const ip of clusterIpsOf(kubernetes)) add(ip);
  for (const cidr of podCidrs) add(cidr);
  for (const { data } of clues.pods)
    if (data.spec?.hostNetwork !== true) for (const ip of data.status?.podIPs ?? [{ ip: data.status?.podIP }]) add(ip.ip);
  if (known.length === 0)
    for (const { object } of clues.machines)
      for (const a of object?.data.status?.addresses ?? []) if (a.type === 'InternalIP') add(a.address);
  const families = [...new Set(known.map(familyOf))];
  return families.length === 0 ? ['IPv4'] : families;
}
