import type { Fact, Saying } from '../../../k8s/fact.ts';
import { FAMILIES, familyOf, type IpAddress, type IpFamily, parseAddress } from '../../../net/address.ts';
import { cidr, commonBits, contains, formatPrefix, type Prefix, prefixOf } from '../../../net/prefix.ts';
import { type KubeObject, keyOf, nameOf, objectsOf } from '../objects.ts';
import type { Clues } from './clues.ts';
import { antreaConfigOf } from './cni/generic.ts';
import type { CniRows } from './cni/rows.ts';
import { kubeadmConfig } from './control-plane.ts';
import { decide } from './decide.ts';
import { k3sArgument, k3sComponentArgument, k3sServer } from './k3s.ts';
import { kubeProxyRange } from './kube-proxy-config.ts';
import { flagOf } from './programs.ts';
import { assumes, declares, fieldOf, follows, isRedacted, REDACTED, ranges, say } from './saying.ts';
import { listIn, prefixesIn } from './values.ts';

/** The ranges of the pods: what the plugin's pool says, then what the rest of the cluster was told. */
export function podCidr(clues: Clues, rows: CniRows, distribution: string | null, ofNodes: readonly Fact[]): Fact {
  const own = rows.podCidrs?.(clues) ?? [];
  const isUnderlay = own.some((s) => s?.confidence === 'inferred' && s.value === null);
  const kubeadm = kubeadmConfig(clues);
  const manager = flagOf(clues, ['kube-controller-manager'], 'cluster-cidr');
  const k3s = k3sArgument(clues, 'cluster-cidr');
  const sources = [
    ...own.filter((s) => s?.confidence !== 'assumed'),
    kubeadm === null ? null : ranges(kubeadm.at('networking', 'podSubnet'), kubeadm.value.networking?.podSubnet, "kubeadm's podSubnet"),
    manager === null ? null : ranges(manager.source, manager.value, '--cluster-cidr of kube-controller-manager'),
    k3s === null ? null : ranges(k3s.source, k3s.value, 'the --cluster-cidr of its server'),
  ];
  return decide(clues.given, 'podCIDR', null, isUnderlay ? own : sources, () => [
    byDistribution(clues, distribution, POD_RANGES),
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
const SERVICE_RANGES: Readonly<Record<string, string>> = { k3s: '10.43.0.0/16', rke2: '10.43.0.0/16', microk8s: '10.152.183.0/24' };

function byDistribution(clues: Clues, distribution: string | null, usual: Readonly<Record<string, string>>): Saying | null {
  const range = distribution === null ? undefined : usual[distribution];
  return range === undefined ? null : follows(k3sServer(clues)?.source ?? null, [range], `${distribution}'s default`);
}

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

/** Of each family, IPv4 first; no longer than `longest` in IPv4, and /64 in IPv6. */
function smallest(addresses: readonly IpAddress[], longest: number): readonly string[] {
  return FAMILIES.flatMap((family) => {
    const held = around(addresses, family, family === 'IPv4' ? longest : 64);
    return held === null ? [] : [formatPrefix(held)];
  });
}

export function around(addresses: readonly IpAddress[], family: IpFamily, longest: number): Prefix | null {
  const own = addresses.filter((a) => familyOf(a) === family);
  const [first] = own;
  if (first === undefined) return null;
  return prefixOf(
    first,
    own.reduce((length, a) => Math.min(length, commonBits(first, a)), longest),
  );
}

export function serviceCidr(clues: Clues, plugin: string, distribution: string | null): Fact {
  const kubeadm = kubeadmConfig(clues);
  const apiServer = flagOf(clues, ['kube-apiserver'], 'service-cluster-ip-range');
  const k3s = k3sArgument(clues, 'service-cidr');
  const antrea = plugin === 'antrea' ? antreaConfigOf(clues) : null;
  const sources = [
    ofServiceCidrs(clues),
    apiServer === null ? null : ranges(apiServer.source, apiServer.value, '--service-cluster-ip-range of kube-apiserver'),
    kubeadm === null
      ? null
      : ranges(kubeadm.at('networking', 'serviceSubnet'), kubeadm.value.networking?.serviceSubnet, "kubeadm's serviceSubnet"),
    ...objectsOf(clues.objects, 'Network').map((n) =>
      ranges(fieldOf(n, 'status', 'serviceNetwork'), n.data.status?.serviceNetwork, "OpenShift's serviceNetwork"),
    ),
    k3s === null ? null : ranges(k3s.source, k3s.value, 'the --service-cidr of its server'),
    antrea === null ? null : ranges(antrea.at('serviceCIDR'), antrea.value.serviceCIDR, "Antrea's serviceCIDR"),
  ];
  return decide(clues.given, 'serviceCIDR', null, sources, () => [
    byDistribution(clues, distribution, SERVICE_RANGES),
    ofEks(clues, distribution),
    aroundServices(clues),
  ]);
}

/** The API server keeps the ranges that it was started with as `kubernetes`; others may have been added. */
function ofServiceCidrs(clues: Clues): Saying | null {
  const all = objectsOf(clues.objects, 'ServiceCIDR');
  const object = all.find((s) => nameOf(s) === 'kubernetes') ?? all[0];
  return object === undefined ? null : ranges(fieldOf(object, 'spec', 'cidrs'), object.data.spec?.cidrs, 'ServiceCIDR');
}

/** EKS takes the one of two that is not the VPC's. */
function ofEks(clues: Clues, distribution: string | null): Saying | null {
  const kubernetes = objectsOf(clues.objects, 'Service').find((s) => keyOf(s) === 'default/kubernetes');
  const address = parseAddress(kubernetes?.data.spec?.clusterIP ?? '');
  const range = distribution === 'eks' && address !== null ? EKS_RANGES.find((r) => contains(cidr(r), address)) : undefined;
  return kubernetes === undefined || range === undefined
    ? null
    : follows(fieldOf(kubernetes, 'spec', 'clusterIP'), [range], "EKS' range that holds default/kubernetes");
}

const EKS_RANGES = ['172.20.0.0/16', '10.100.0.0/16'];

/** default/kubernetes has the first address of the range. */
function aroundServices(clues: Clues): Saying | null {
  const services = objectsOf(clues.objects, 'Service');
  const first = services.find((s) => keyOf(s) === 'default/kubernetes') ?? services[0];
  if (first === undefined) return null;
  const texts = services.flatMap(clusterIpsOf);
  if (texts.some(isRedacted)) return say('unknown', fieldOf(first, 'spec', 'clusterIP'), null, REDACTED);
  const held = smallest(
    texts.map(parseAddress).filter((a) => a !== null),
    24,
  );
  return held.length === 0 ? null : follows(fieldOf(first, 'spec', 'clusterIP'), held, 'the smallest range that holds all ClusterIPs');
}

export const clusterIpsOf = ({ data }: KubeObject<'Service'>): readonly string[] =>
  [data.spec?.clusterIPs ?? data.spec?.clusterIP ?? []].flat().filter((ip) => ip !== '' && ip !== 'None');

const NODE_PORTS = '30000-32767';

export function nodePortRange(clues: Clues): Fact {
  const apiServer = flagOf(clues, ['kube-apiserver'], 'service-node-port-range');
  const k3s = k3sArgument(clues, 'service-node-port-range') ?? k3sComponentArgument(clues, 'kube-apiserver', 'service-node-port-range');
  const [server] = clues.podsBy.get('kube-apiserver') ?? [];
  const sources = [
    apiServer === null ? null : declares(apiServer.source, apiServer.value, '--service-node-port-range of kube-apiserver'),
    ofKubeadm(clues),
    k3s === null ? null : declares(k3s.source, k3s.value, 'the --service-node-port-range of its server'),
  ];
  return decide(clues.given, 'serviceNodePortRange', null, sources, () => [
    server === undefined
      ? null
      : follows(fieldOf(server, 'spec', 'containers', 0, 'command'), NODE_PORTS, 'kube-apiserver runs without another'),
    assumes(NODE_PORTS, "kube-apiserver's default"),
  ]);
}

function ofKubeadm(clues: Clues): Saying | null {
  const config = kubeadmConfig(clues);
  const args = config?.value.apiServer?.extraArgs;
  if (config === null || args == null) return null;
  const name = 'service-node-port-range';
  const value = Array.isArray(args) ? args.find((a) => a.name === name)?.value : args[name];
  return value === undefined ? null : declares(config.at('apiServer', 'extraArgs'), value, "kubeadm's extraArgs of the API server");
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
