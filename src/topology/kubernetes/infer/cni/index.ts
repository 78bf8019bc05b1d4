import { awsVpcCni } from './aws.ts';
import { calico } from './calico.ts';
import { cilium } from './cilium.ts';
import { azureCni, gke, kubenet } from './clouds.ts';
import { canal, flannel } from './flannel.ts';
import { antrea, kubeRouter, openshiftSdn, ovnKubernetes, unknown, weave } from './generic.ts';
import { bridge, kindnet, ptp } from './kindnet.ts';
import type { CniRows } from './rows.ts';

/** By the name of the plugin. Those that have no compiler are `generic`, by this name. */
const ROWS: Readonly<Record<string, CniRows>> = {
  bridge,
  ptp,
  kindnet,
  flannel,
  canal,
  calico,
  cilium,
  'aws-vpc-cni': awsVpcCni,
  'azure-cni': azureCni,
  gke,
  kubenet,
  weave,
  antrea,
  'kube-router': kubeRouter,
  'ovn-kubernetes': ovnKubernetes,
  'openshift-sdn': openshiftSdn,
};

export const rowsOf = (plugin: string): CniRows => (Object.hasOwn(ROWS, plugin) ? ROWS[plugin] : undefined) ?? unknown;
