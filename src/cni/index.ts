import * as z from 'zod';
import type { Cni, Setting } from '../k8s/cni.ts';
import type { CniMode } from '../k8s/fact.ts';
import { ETHERNET_MTU } from '../k8s/network.ts';
import { oneOf } from '../source/fields.ts';
import { narrowed, unknownFields } from '../source/objects.ts';
import { inferred, type Origin } from '../source/origin.ts';
import { didYouMean, orList } from '../source/suggest.ts';
import { awsVpcCni } from './aws-vpc-cni.ts';
import { azureCni } from './azure-cni.ts';
import { bridge } from './bridge.ts';
import { calico } from './calico.ts';
import { canal } from './canal.ts';
import { cilium } from './cilium.ts';
import { flannel } from './flannel.ts';
import { generic } from './generic.ts';
import { gke } from './gke.ts';
import { kindnet } from './kindnet.ts';
import { kubenet } from './kubenet.ts';
import type { WrongKey } from './plugin.ts';
import { ptp } from './ptp.ts';

/** One entry a plugin: its file, and its name here. */
export const cniPlugins = {
  bridge,
  ptp,
  kindnet,
  flannel,
  canal,
  calico,
  'aws-vpc-cni': awsVpcCni,
  cilium,
  'azure-cni': azureCni,
  gke,
  kubenet,
  generic,
} as const;

export type CniName = keyof typeof cniPlugins;
type Config = (typeof cniPlugins)[CniName]['config'];

/** Plugins that a later version will know. Their names are no typos. */
const UNBUILT = ['multus', 'host-device', 'vlan'];

/** What people call a plugin by, too. */
const OTHER_NAMES: Readonly<Record<string, CniName>> = {
  azure: 'azure-cni',
  'amazon-vpc-cni': 'aws-vpc-cni',
  'amazon-vpc-cni-k8s': 'aws-vpc-cni',
};

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

function otherName(name: string): string | null {
  const other = Object.entries(OTHER_NAMES).find(([called]) => called === name.toLowerCase())?.[1];
  return other === undefined ? null : `did you mean ${other}?`;
}

/** The name of a plugin that somebody may have meant. */
export const nearPlugin = (name: string): string | null => otherName(name) ?? didYouMean(name, PLUGIN_NAMES);

/** What is wrong with a plugin's name. A message lists those with a model; of the others a name is known when it is nearly written. */
function wrongName(input: unknown): string | undefined {
  const message = pluginName.safeParse(input).error?.issues[0]?.message;
  if (typeof input !== 'string') return message;
  const other = otherName(input);
  if (other !== null) return `expected ${orList(names)}; ${other}`;
  const meant = message?.includes('; ') === false ? didYouMean(input, NAMED_GENERIC) : null;
  return meant === null ? message : `${message}; ${meant}`;
}

const cniName = z.enum([...names, ...NAMED_GENERIC], { error: ({ input }) => wrongName(input) });

/** The plugins that a key is of, for one that is not. */
function pluginsWith(key: string): string | null {
  const owners = names.filter((name) => key in cniPlugins[name].config.shape);
  return owners.length === 0 ? null : `it is a key of the plugin ${orList(owners)}`;
}

const configs = names.map((name) => narrowed(cniPlugins[name].config, [], pluginsWith)) as [Config, ...Config[]];

const cniConfig = z.discriminatedUnion('plugin', configs, {
  error: ({ input }) => {
    const name = typeof input === 'object' && input !== null && 'plugin' in input ? input.plugin : undefined;
    if (isGenericName(name)) return `${name} has no keys of its own here; write { plugin: generic, name: ${name} }`;
    return typeof name === 'string' ? wrongName(name) : `expected ${orList(names)}`;
  },
});

/** A plugin's name, or its configuration. */
export const cniField = z.union([cniName, cniConfig]);
export type CniInput = z.output<typeof cniField>;

type Keys<C> = C extends unknown ? Omit<C, 'plugin'> : never;
/** What a node may state of the cluster's plugin: its keys. */
export type NodeCniInput = Keys<z.output<Config>>;

const ofNodes = new Map<CniName, z.ZodType<NodeCniInput>>();

const ofNodeOrPlugin = (key: string) => (key === 'plugin' ? "the plugin is the cluster's: cluster.cni" : pluginsWith(key));

function keysOf(name: CniName): z.ZodType<NodeCniInput> {
  const known = ofNodes.get(name);
  const keys = known ?? narrowed(cniPlugins[name].config, ['plugin'], ofNodeOrPlugin);
  ofNodes.set(name, keys);
  return keys;
}

/** Those keys, by the plugin that the cluster states: of any plugin where it states none that is known. */
export function nodeCniField(cni: unknown): z.ZodType<NodeCniInput> {
  const name = nameIn(cni);
  const own = isGenericName(name) ? 'generic' : names.find((n) => n === name);
  return own === undefined ? z.union(names.map(keysOf)) : keysOf(own);
}

/** Keys that the plugin does not take, each with where it belongs. */
export function foreignKeys(plugin: string, own: NodeCniInput): readonly (readonly [key: string, hint: string | undefined])[] {
  const name = names.find((n) => n === plugin);
  if (name === undefined) return [];
  const { shape } = cniPlugins[name].config;
  return Object.keys(own).flatMap((key) => (key in shape ? [] : [[key, pluginsWith(key) ?? undefined] as const]));
}

/** What is wrong with a mapping of a plugin that has a model: its first fault; null: the plugin has none. */
export function wrongKey(data: unknown, plugin: string): { readonly message: string; readonly hint: string | null } | null {
  const name = names.find((n) => n === plugin);
  const issue = name === undefined ? undefined : narrowed(cniPlugins[name].config, [], pluginsWith).safeParse(data).error?.issues[0];
  if (issue === undefined) return null;
  if (issue.code !== 'unrecognized_keys') return { message: `${issue.path.join('.')}: ${issue.message}`, hint: null };
  const [key = ''] = issue.keys;
  const { known, elsewhere } = unknownFields(issue.message);
  return { message: `${plugin} has no key ${key}`, hint: elsewhere[0] || (didYouMean(key, known) ?? `it has ${known.join(', ')}`) };
}

const nameIn = (cni: unknown): unknown => (typeof cni === 'object' && cni !== null && 'plugin' in cni ? cni.plugin : cni);

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
  return cniField.parse({ ...(typeof cni === 'object' ? cni : { plugin }), ...masquerades.off });
}

const isGenericName = (name: unknown): name is GenericName => NAMED_GENERIC.some((n) => n === name);

/** The names of plugins, with a model of their own or without. */
export const PLUGIN_NAMES: readonly string[] = [...new Set([...names, ...NAMED_GENERIC, ...UNBUILT])];

/** May a node, and the cluster, do without ranges for their pods? Asked of the field before it is checked. */
export function doesWithoutRanges(cni: unknown): boolean {
  const name = nameIn(cni);
  const own = names.find((n) => n === name);
  return isGenericName(name) || (own !== undefined && optional(cniPlugins[own]));
}

const optional = (of: { readonly withoutRanges?: true }): boolean => of.withoutRanges === true;

/** May a node do without ranges, because its plugin gives it blocks of a pool? */
export function findsBlocks(cni: unknown): boolean {
  const own = names.find((n) => n === nameIn(cni));
  return own !== undefined && inBlocks(cniPlugins[own]);
}

const inBlocks = (of: { readonly inBlocks?: true }): boolean => of.inBlocks === true;

/** Where the input names no plugin, it is `bridge`. A node's own keys come before the cluster's. */
export function configureCni(input: CniInput | undefined, origin: Origin, setting: Setting, ofNode: NodeCniInput = {}): Cni {
  const config = { ...mapping(input), ...ofNode } as z.output<Config>;
  const { configure }: { configure(config: z.output<Config>, origin: Origin, setting: Setting): Cni } = cniPlugins[config.plugin];
  return configure(config, origin, { ...setting, own: Object.keys(ofNode) });
}

/** How it gets packets from node to node, as facts name it; null: it is not known. */
export function modeOf(input: CniInput, ofNode: NodeCniInput = {}): CniMode | null {
  const config = { ...mapping(input), ...ofNode } as z.output<Config>;
  const { mode }: { mode(config: z.output<Config>): CniMode | null } = cniPlugins[config.plugin];
  return mode(config);
}

/** The keys that do not go with each other, as `configureCni` would be given them. */
export function wrongKeys(input: CniInput | undefined, setting: Omit<Setting, 'nicMtu'>, ofNode: NodeCniInput = {}): readonly WrongKey[] {
  const config = { ...mapping(input), ...ofNode } as z.output<Config>;
  const { check }: { check?(config: z.output<Config>, setting: Omit<Setting, 'nicMtu'>): readonly WrongKey[] } = cniPlugins[config.plugin];
  return check?.(config, setting) ?? [];
}

function mapping(input: CniInput | undefined): z.output<Config> {
  if (typeof input === 'object') return input;
  return isGenericName(input) ? { plugin: 'generic', name: input } : { plugin: input ?? 'bridge' };
}
