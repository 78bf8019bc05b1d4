import * as z from 'zod';
import type { Cni } from '../k8s/cni.ts';
import { oneOf } from '../source/fields.ts';
import type { Origin } from '../source/origin.ts';
import { orList } from '../source/suggest.ts';
import { bridge } from './bridge.ts';
import { ptp } from './ptp.ts';

/** One entry a plugin: its file, and its name here. */
export const cniPlugins = { bridge, ptp } as const;

export type CniName = keyof typeof cniPlugins;
type Config = (typeof cniPlugins)[CniName]['config'];

/** Names that people have in their clusters, and would take for a typo of ours if they were only unknown. */
const UNBUILT = [
  ...['calico', 'cilium', 'flannel', 'canal', 'weave', 'weave-net', 'kindnet', 'antrea', 'kube-router', 'ovn', 'ovn-kubernetes'],
  ...[
    'kube-ovn',
    'multus',
    'aws-vpc-cni',
    'amazon-vpc-cni',
    'azure-cni',
    'azure',
    'gke',
    'macvlan',
    'ipvlan',
    'host-device',
    'vlan',
    'terway',
  ],
];

const names = Object.keys(cniPlugins) as [CniName, ...CniName[]];
const cniName = oneOf(names, UNBUILT);
const configs = Object.values(cniPlugins).map((p) => p.config) as [Config, ...Config[]];

const cniConfig = z.discriminatedUnion('plugin', configs, {
  error: ({ input }) => {
    const name = typeof input === 'object' && input !== null && 'plugin' in input ? input.plugin : undefined;
    return typeof name === 'string' ? cniName.safeParse(name).error?.issues[0]?.message : `expected ${orList(names)}`;
  },
});

/** A plugin's name, or its configuration. */
export const cniField = z.union([cniName, cniConfig]);
export type CniInput = z.output<typeof cniField>;

/** Where the input names no plugin, it is `bridge`. */
export function configureCni(input: CniInput | undefined, origin: Origin): Cni {
  const config = typeof input === 'object' ? input : { plugin: input ?? 'bridge' };
  const { configure }: { configure(config: z.output<Config>, origin: Origin): Cni } = cniPlugins[config.plugin];
  return configure(config, origin);
}
