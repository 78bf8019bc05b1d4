import { NODE_PORTS } from '../../../k8s/cluster.ts';
import type { Fact, Saying } from '../../../k8s/fact.ts';
import { parseAddress } from '../../../net/address.ts';
import { cidr, contains } from '../../../net/prefix.ts';
import { isRedacted } from '../../../net/redacted.ts';
import { formatPortRange } from '../../../source/fields.ts';
import { type KubeObject, keyOf, nameOf, objectsOf } from '../objects.ts';
import { smallest } from './around.ts';
import type { Clues } from './clues.ts';
import { antreaConfigOf } from './cni/generic.ts';
import { kubeadmConfig } from './control-plane.ts';
import { decide } from './decide.ts';
import { usualRange } from './distribution.ts';
import { k3sArgument, k3sComponentArgument } from './k3s.ts';
import { flagOf } from './programs.ts';
import { assumes, declares, fieldOf, follows, REDACTED, ranges, say } from './saying.ts';

/** The ranges of the ClusterIPs: needed for what an address without a service means. */
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
    usualRange(clues, distribution, SERVICE_RANGES),
    ofEks(clues, distribution),
    aroundServices(clues),
  ]);
}

const SERVICE_RANGES: Readonly<Record<string, string>> = { k3s: '10.43.0.0/16', rke2: '10.43.0.0/16', microk8s: '10.152.183.0/24' };

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

const USUAL_NODE_PORTS = formatPortRange(NODE_PORTS);

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
      : follows(fieldOf(server, 'spec', 'containers', 0, 'command'), USUAL_NODE_PORTS, 'kube-apiserver runs without another'),
    assumes(USUAL_NODE_PORTS, "kube-apiserver's default"),
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
