import type { Saying } from '../../../../k8s/fact.ts';
import { parseAddress } from '../../../../net/address.ts';
import { cidr, contains, formatPrefix } from '../../../../net/prefix.ts';
import type { Machine } from '../clues.ts';
import { variableOf } from '../programs.ts';
import { assumes, declares, fieldOf, follows, ranges } from '../saying.ts';
import { type CniRows, rangeOfNode } from './rows.ts';

export const KINDNET_PROGRAMS = ['kindnet'];

/** https://github.com/kubernetes-sigs/kind/tree/main/images/kindnetd */
export const kindnet: CniRows = {
  model: () => ({ config: 'kindnet' }),
  mode: () => [follows(null, 'ptp', 'kindnet connects each pod with a veth pair and a route')],
  podCidrs(clues) {
    const subnet = variableOf(clues, KINDNET_PROGRAMS, 'POD_SUBNET');
    return subnet === null ? [] : [ranges(subnet.source, subnet.value, "kindnet's POD_SUBNET")];
  },
  masquerade(clues, podCidrs) {
    const subnet = variableOf(clues, KINDNET_PROGRAMS, 'POD_SUBNET');
    const own = subnet === null ? null : ranges(subnet.source, subnet.value, 'kindnet masquerades all but its POD_SUBNET');
    return [own, podCidrs.length === 0 ? null : assumes(podCidrs, 'kindnet masquerades what leaves the pod range')];
  },
};

/** Docker gave addresses of its own bridge to pods without a CNI (before 1.24), whatever the range of the Node. */
const DOCKER = cidr('172.17.0.0/16');

function ofDocker({ pods }: Pick<Machine, 'pods'>): Saying | null {
  const own = pods.filter(({ data }) => data.spec?.hostNetwork !== true && data.status?.podIP != null);
  const [first] = own;
  const areDockers = own.every(({ data }) => {
    const address = parseAddress(data.status?.podIP ?? '');
    return address !== null && contains(DOCKER, address);
  });
  return first === undefined || !areDockers
    ? null
    : follows(fieldOf(first, 'status', 'podIP'), [formatPrefix(DOCKER)], "pods have addresses of docker's bridge");
}

/** Nothing of the others: one bridge on one node, as minikube's default has it. */
export const bridge: CniRows = {
  model: () => ({ config: 'bridge' }),
  mode: () => [assumes('bridge', 'the default of the CNI')],
  podCidrs: (clues) => [ofDocker(clues)],
  nodeRanges: (_, machine) => [ofDocker(machine) ?? rangeOfNode(machine)],
  mtu: () => [assumes(1500, 'the default of the bridge plugin')],
  masquerade: (_, podCidrs) => (podCidrs.length === 0 ? [] : [assumes(podCidrs, 'as the bridge plugin does with ipMasq')]),
};

export const ptp: CniRows = {
  model: () => ({ config: 'ptp' }),
  mode: () => [declares(null, 'ptp', 'the plugin is ptp')],
  masquerade: (_, podCidrs) => (podCidrs.length === 0 ? [] : [assumes(podCidrs, 'as the ptp plugin does with ipMasq')]),
};
