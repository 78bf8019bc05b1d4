import * as z from 'zod';
import type { Cni, Setting } from '../k8s/cni.ts';
import { ETHERNET_MTU } from '../k8s/network.ts';
import { oneOf } from '../source/fields.ts';
import { inferred, type Origin } from '../source/origin.ts';
import { didYouMean, orList } from '../source/suggest.ts';
import { bridge } from './bridge.ts';
import { generic } from './generic.ts';
import { ptp } from './ptp.ts';

/** One entry a plugin: its file, and its name here. */
export const cniPlugins = { bridge, ptp, generic } as const;

export type CniName = keyof typeof cniPlugins;
type Config = (typeof cniPlugins)[CniName]['config'];

/** Plugins that a later version will know. Their names are no typos. */
const UNBUILT = [
  ...['flannel', 'calico', 'canal', 'cilium', 'kindnet', 'kubenet', 'gke', 'azure-cni', 'azure', 'aws-vpc-cni', 'amazon-vpc-cni'],
  ...['multus', 'host-device', 'vlan'],
];

/** Plugins that have no model: each of these names alone is `generic` with it. */
const NAMED_GENERIC = [
  'antrea',
  'ipvlan',
  'kube-ovn',
  'kube-router',
  'macvlan',
  'openshift-sdn',
  'ovn-kubernetes',
  'terway',
  'weave',
  'weave-net',
] as const;
type GenericName = (typeof NAMED_GENERIC)[number];

const names = Object.keys(cniPlugins) as [CniName, ...CniName[]];
const pluginName = oneOf(names, UNBUILT);
/** A message lists the plugins; of the others a name is known when it is nearly written. */
const cniName = z.enum([...names, ...NAMED_GENERIC], {
  error: ({ input }) => {
    const message = pluginName.safeParse(input).error?.issues[0]?.message;
    const meant = typeof input === 'string' && message?.includes('; ') === false ? didYouMean(input, NAMED_GENERIC) : null;
    return meant === null ? message : `${message}; ${meant}`;
  },
});
const configs = Object.values(cniPlugins).map((p) => p.config) as [Config, ...Config[]];

const cniConfig = z.discriminatedUnion('plugin', configs, {
  error: ({ input }) => {
    const name = typeof input === 'object' && input !== null && 'plugin' in input ? input.plugin : undefined;
    if (isGenericName(name)) return `${name} has no keys of its own here; write { plugin: generic, name: ${name} }`;
    return typeof name === 'string' ? pluginName.safeParse(name).error?.issues[0]?.message : `expected ${orList(names)}`;
  },
});

/** A plugin's name, or its configuration. */
export const cniField = z.union([cniName, cniConfig]);
export type CniInput = z.output<typeof cniField>;

/** The plugin with this MTU for its pods' devices; `bridge` when none is stated. */
export function withMtu(cni: CniInput = 'bridge', mtu: number): CniInput {
  if (typeof cni === 'object') return { ...cni, mtu };
  return isGenericName(cni) ? { plugin: 'generic', name: cni, mtu } : { plugin: cni, mtu };
}

/** For what a plugin does wherever it is. */
const ANYWHERE: Setting = { families: ['IPv4'], podCidrs: [], nicMtu: ETHERNET_MTU };

/** The plugin with its own masquerading turned off; null: it has none, or none that can be. */
export function withoutMasquerade(cni: CniInput | undefined): CniInput | null {
  const { plugin, masquerades } = configureCni(cni, inferred(null), ANYWHERE);
  if (masquerades.by === 'cluster' || masquerades.off === null) return null;
  const { key, value } = masquerades.off;
  return cniField.parse({ ...(typeof cni === 'object' ? cni : { plugin }), [key]: value });
}

const isGenericName = (name: unknown): name is GenericName => NAMED_GENERIC.some((n) => n === name);

/** The names of plugins, with a model of their own or without. */
export const PLUGIN_NAMES: readonly string[] = [...new Set([...names, ...NAMED_GENERIC, ...UNBUILT])];

/** May a node, and the cluster, do without ranges for their pods? Asked of the field before it is checked. */
export function doesWithoutRanges(cni: unknown): boolean {
  const name = typeof cni === 'object' && cni !== null && 'plugin' in cni ? cni.plugin : cni;
  return name === 'generic' || isGenericName(name);
}

/** Where the input names no plugin, it is `bridge`. */
export function configureCni(input: CniInput | undefined, origin: Origin, setting: Setting): Cni {
  const config =
    typeof input === 'object'
      ? input
      : isGenericName(input)
        ? ({ plugin: 'generic', name: input } as const)
        : { plugin: input ?? 'bridge' };
  const { configure }: { configure(config: z.output<Config>, origin: Origin, setting: Setting): Cni } = cniPlugins[config.plugin];
  return configure(config, origin, setting);
}
