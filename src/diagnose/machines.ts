import type { Overrides } from '../datapath/overrides.ts';
import type { Cluster } from '../k8s/cluster.ts';
import type { Node } from '../k8s/node.ts';
import { type Edit, set, type Value } from '../source/edit.ts';
import type { Locus } from '../source/origin.ts';
import { at, isStated, parentOf } from '../source/origin.ts';

/** A machine, or a pod, whose settings the input states. */
export interface Machine {
  readonly name: string;
  readonly locus: Locus;
  readonly overrides: Overrides;
  /** The list of its routes, and the name of that field in the input. */
  readonly routes: { readonly locus: Locus; readonly field: string };
  /** Can its sysctls, devices and addresses be stated? */
  readonly isHost: boolean;
}

/** The machine of a namespace; null: the input has none, as of hosts on the internet. */
export function machineOf({ nodes, pods, underlay, gateway, locus }: Cluster, netns: string): Machine | null {
  const node = nodes.get(netns);
  if (node !== undefined) return { ...host(node, 'nodes[]'), name: netns };
  const pod = pods.get(netns);
  if (pod !== undefined) return { ...host(pod, 'pods[]'), name: pod.name };
  const router = underlay.routers.find((r) => r.name === netns);
  if (router !== undefined) return { ...device(router, 'underlay.routers[]'), name: netns };
  return netns !== GATEWAY || gateway === null
    ? null
    : { ...device({ ...gateway, locus: gatewayIn(locus) }, 'internet.gateway'), name: 'gateway' };
}

const GATEWAY = 'gateway';

/** Its own place is that of its address. */
const gatewayIn = (cluster: Locus) => at(parentOf(cluster), 'internet', 'gateway');

type Stated = Pick<Machine, 'locus' | 'overrides'>;

const host = ({ locus, overrides }: Stated, field: string) => ({
  locus,
  overrides,
  routes: { locus: at(locus, 'routes', 'add'), field: `${field}.routes.add` },
  isHost: true,
});

const device = ({ locus, overrides }: Stated, field: string) => ({
  locus,
  overrides,
  routes: { locus: at(locus, 'routes'), field: `${field}.routes` },
  isHost: false,
});

/** Where a field of the CNI plugin's configuration is stated for a node, or can be: in its own words, and as an edit. */
export function cniSetting({ cni, locus }: Cluster, node: Node | undefined, field: string) {
  const [own, here] = [at(node?.locus ?? locus, 'cni'), at(locus, 'cni')];
  const isOwn = node !== undefined && isStated(own, field);
  return {
    name: isOwn ? `cni.${field} of ${node.name}` : `cluster.cni.${field}`,
    set: (value: Value): Edit =>
      isOwn || isStated(here, 'plugin') ? set(at(isOwn ? own : here, field), value) : set(here, { plugin: cni.plugin, [field]: value }),
  };
}

/** The place of the input as a whole. */
export const rootOf = ({ locus }: Cluster): Locus => parentOf(locus);
