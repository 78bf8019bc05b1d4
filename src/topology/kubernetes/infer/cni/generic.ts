import * as z from 'zod';
import type { CniMode } from '../../../../k8s/fact.ts';
import { projected } from '../../../../source/objects.ts';
import { objectsOf } from '../../objects.ts';
import { type Clues, configMap, type Machine, remembered } from '../clues.ts';
import { readConfig } from '../config-text.ts';
import type { FlagName } from '../names-read.ts';
import { flagOf, variableOf } from '../programs.ts';
import { assumes, declares, fieldOf, follows, ranges } from '../saying.ts';
import { annotation, aroundAddresses, type CniRows, rangeOfNode, type Sources, singleAddresses } from './rows.ts';

/** Plugins whose datapath is not modelled, and what is known of their networks all the same. */

export const WEAVE_PROGRAMS = ['weave-net'];
export const ANTREA_PROGRAMS = ['antrea-agent'];
export const KUBE_ROUTER_PROGRAMS = ['kube-router'];
export const OVN_PROGRAMS = ['ovnkube-node'];
export const SDN_PROGRAMS = ['sdn'];

const keeping = (podCidrs: readonly string[], text: string): Sources => (podCidrs.length === 0 ? [] : [follows(null, podCidrs, text)]);

/** https://github.com/weaveworks/weave/blob/master/prog/weave-kube/launch.sh */
export const weave: CniRows = {
  mode: () => [follows(null, null, 'weave has an encapsulation of its own')],
  podCidrs(clues) {
    const range = variableOf(clues, WEAVE_PROGRAMS, 'IPALLOC_RANGE');
    return [
      range === null ? null : ranges(range.source, range.value, "weave's IPALLOC_RANGE"),
      assumes(['10.32.0.0/12'], "weave's default"),
    ];
  },
  nodeRanges: (_, machine) => [singleAddresses(machine), follows(null, [], 'weave gives a node no range of its own')],
  mtu(clues) {
    const mtu = variableOf(clues, WEAVE_PROGRAMS, 'WEAVE_MTU');
    const own = mtu === null || !/^\d+$/.test(mtu.value) ? null : declares(mtu.source, Number(mtu.value), 'WEAVE_MTU');
    return [own, assumes(1376, "weave's default")];
  },
  masquerade: (_, podCidrs) => keeping(podCidrs, 'weave masquerades what leaves its range'),
};

const antreaConfig = projected(() => ({
  trafficEncapMode: z.string().nullish(),
  tunnelType: z.string().nullish(),
  noSNAT: z.boolean().nullish(),
  defaultMTU: z.number().nullish(),
  serviceCIDR: z.string().nullish(),
  antreaProxy: projected(() => ({ proxyAll: z.boolean().nullish() })).nullish(),
}));

/** antrea-agent.conf; its ConfigMap has a hash in its name in old versions. */
export const antreaConfigOf = remembered((clues: Clues) => {
  const name = [...clues.configMapsBy.keys()].find((n) => n === 'antrea-config' || n.startsWith('antrea-config-'));
  const map = name === undefined ? null : configMap(clues, name, 'kube-system');
  return map === null ? null : readConfig(map, 'antrea-agent.conf', antreaConfig, clues.note);
});

/** https://github.com/antrea-io/antrea/blob/main/build/charts/antrea/conf/antrea-agent.conf */
export const antrea: CniRows = {
  mode(clues) {
    const config = antreaConfigOf(clues);
    const encapsulates = config?.value.trafficEncapMode?.toLowerCase() ?? 'encap';
    if (config === null) return [assumes('geneve', "Antrea's default")];
    if (encapsulates === 'noencap') return [declares(config.at('trafficEncapMode'), 'native', 'trafficEncapMode is noEncap')];
    if (encapsulates !== 'encap') return [declares(config.at('trafficEncapMode'), null, `trafficEncapMode is ${encapsulates}`)];
    const type = config.value.tunnelType ?? 'geneve';
    const mode: CniMode | null = type === 'geneve' || type === 'vxlan' ? type : null;
    return [declares(config.at('tunnelType'), mode, `Antrea's tunnelType is ${type}`)];
  },
  mtu(clues) {
    const config = antreaConfigOf(clues);
    const mtu = config?.value.defaultMTU;
    return config === null || mtu == null || mtu === 0 ? [] : [declares(config.at('defaultMTU'), mtu, "Antrea's defaultMTU")];
  },
  masquerade(clues, podCidrs) {
    const config = antreaConfigOf(clues);
    if (config?.value.noSNAT === true && config.value.trafficEncapMode?.toLowerCase() === 'noencap')
      return [declares(config.at('noSNAT'), [], 'noSNAT is true')];
    return keeping(podCidrs, 'Antrea masquerades what leaves the pod range');
  },
  tunnel(machine) {
    const found = annotation(machine, 'node.antrea.io/transport-addresses');
    if (found === null || machine.object === null) return null;
    const [publicIP = null] = found.value.split(',');
    return {
      type: 'geneve',
      ip: null,
      mac: null,
      publicIP,
      source: fieldOf(machine.object, 'metadata', 'annotations', found.key),
      text: "Antrea's transport address",
    };
  },
};

/** https://github.com/cloudnativelabs/kube-router/blob/master/docs/user-guide.md */
export const kubeRouter: CniRows = {
  mode(clues) {
    const overlay = kubeRouterFlag(clues, 'enable-overlay');
    if (overlay?.value === 'false') return [declares(overlay.source, 'native', 'kube-router runs with --enable-overlay=false')];
    const type = kubeRouterFlag(clues, 'overlay-type');
    if (type === null) return [assumes('ipip-cross-subnet', "kube-router's default: a tunnel between subnets only")];
    return [declares(type.source, type.value === 'full' ? 'ipip' : 'ipip-cross-subnet', `kube-router's overlay-type is ${type.value}`)];
  },
  nodeRanges(_, machine) {
    const found = annotation(machine, 'kube-router.io/pod-cidrs', 'kube-router.io/pod-cidr');
    if (machine.object === null) return [];
    const own =
      found === null
        ? null
        : ranges(fieldOf(machine.object, 'metadata', 'annotations', found.key), found.value, "kube-router's annotation");
    return [own, rangeOfNode(machine)];
  },
  masquerade(clues, podCidrs) {
    const egress = kubeRouterFlag(clues, 'enable-pod-egress');
    if (egress?.value === 'false') return [declares(egress.source, [], 'kube-router runs with --enable-pod-egress=false')];
    return podCidrs.length === 0 ? [] : [assumes(podCidrs, "kube-router's default")];
  },
};

export const kubeRouterFlag = (clues: Clues, name: FlagName) => flagOf(clues, KUBE_ROUTER_PROGRAMS, name);

/** https://docs.openshift.com: Network/cluster says what both of OpenShift's networks have in common. */
const openshift = {
  podCidrs(clues: Clues): Sources {
    return objectsOf(clues.objects, 'Network').map((network) => {
      const cidrs = (network.data.status?.clusterNetwork ?? []).map((n) => n.cidr).filter((c) => c != null);
      return ranges(fieldOf(network, 'status', 'clusterNetwork'), cidrs, "OpenShift's clusterNetwork");
    });
  },
  mtu: (clues: Clues) => clusterMtu(clues, 0),
  masquerade: (_: Clues, podCidrs: readonly string[]) => keeping(podCidrs, "the node's address outside the cluster's network"),
};

function clusterMtu(clues: Clues, overhead: number): Sources {
  return objectsOf(clues.objects, 'Network').map((network) => {
    const mtu = network.data.status?.clusterNetworkMTU;
    if (mtu == null) return null;
    const source = fieldOf(network, 'status', 'clusterNetworkMTU');
    return overhead === 0
      ? declares(source, mtu, 'clusterNetworkMTU')
      : follows(source, mtu + overhead, `clusterNetworkMTU and ${overhead} of the tunnel`);
  });
}

export const ovnKubernetes: CniRows = {
  ...openshift,
  mode: () => [follows(null, 'geneve', 'OVN-Kubernetes has Geneve between the nodes')],
  nodeRanges: (clues, machine) => [ofNodeSubnets(machine), aroundPods(clues, machine)],
  nodeMtu: (clues) => clusterMtu(clues, 100),
};

export const openshiftSdn: CniRows = {
  ...openshift,
  mode: () => [follows(null, 'vxlan', 'OpenShift SDN has VXLAN between the nodes')],
  nodeRanges: (clues, machine) => [ofHostSubnet(clues, machine), aroundPods(clues, machine)],
  nodeMtu: (clues) => clusterMtu(clues, 50),
};

const nodeSubnets = projected(() => ({ default: z.union([z.string(), z.array(z.string())]) }));

/** `{"default":["10.129.0.0/23"]}`, once a string. */
function ofNodeSubnets(machine: Machine) {
  const found = annotation(machine, 'k8s.ovn.org/node-subnets');
  if (found === null || machine.object === null) return null;
  try {
    const parsed = nodeSubnets.safeParse(JSON.parse(found.value));
    if (!parsed.success) return null;
    return ranges(fieldOf(machine.object, 'metadata', 'annotations', found.key), parsed.data.default, "OVN's subnet of the node");
  } catch {
    return null;
  }
}

const hostSubnets = remembered(
  (clues: Clues) => new Map(objectsOf(clues.objects, 'HostSubnet').map((s) => [s.data.host ?? s.data.metadata.name, s])),
);

function ofHostSubnet(clues: Clues, { name }: Machine) {
  const subnet = hostSubnets(clues).get(name);
  return subnet === undefined ? null : ranges(fieldOf(subnet, 'subnet'), subnet.data.subnet, 'HostSubnet');
}

function aroundPods(clues: Clues, machine: Machine) {
  const hostPrefix = objectsOf(clues.objects, 'Network').flatMap((n) => n.data.status?.clusterNetwork ?? [])[0]?.hostPrefix ?? 23;
  return aroundAddresses(machine, hostPrefix);
}

/** A plugin that nobody knows, or none that was found. */
export const unknown: CniRows = {
  mode: () => [],
  masquerade: () => [],
};
