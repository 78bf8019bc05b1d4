import type { Cluster } from '../k8s/cluster.ts';
import { iptablesMode } from './iptables.ts';
import { ipvsMode } from './ipvs.ts';
import type { ProxyMode } from './mode.ts';
import { nftablesMode } from './nftables.ts';
import { noMode } from './none.ts';

/** One entry a mode: its file, and a line here. */
export const proxyModes: Readonly<Record<Cluster['kubeProxy']['mode'], ProxyMode>> = {
  iptables: iptablesMode,
  nftables: nftablesMode,
  ipvs: ipvsMode,
  none: noMode,
};
