import { cniField, modeOf, nearPlugin, PLUGIN_NAMES, withMtu, withoutMasquerade, wrongKey } from '../cni/index.ts';
import type { FactName, FactValue } from '../k8s/fact.ts';
import { ENFORCERS } from '../k8s/policy/enforcement.ts';
import { formatAddress, type IpAddress, parseAddress } from '../net/address.ts';
import { formatPrefix, type Prefix, parseCidr, prefixOf } from '../net/prefix.ts';
import { formatPortRange, type PortRange, parsePortRange } from '../source/fields.ts';
import { didYouMean, orList } from '../source/suggest.ts';
import type { Given } from './kubernetes/infer/index.ts';
import { type FactFlags, FlagError } from './load-options.ts';
import { mergedProxy } from './merge-proxy.ts';
import { networkPolicyEnforcer } from './schema/network-policy-enforcer.ts';
import type { ClusterInput, Written } from './schema/topology.ts';
import { parseYaml } from './syntax/yaml.ts';

/** What flags state: as facts, and in a Topology's words. */
export interface Stated {
  readonly given: Given;
  readonly cluster: Partial<ClusterInput>;
  /** Bytes; null: not stated. */
  readonly mtu: number | null;
  readonly nodeMtu: number | null;
  readonly segments: readonly Prefix[] | null;
}

const MODES = ['iptables', 'nftables', 'ipvs', 'none'] as const;
const LOCAL_MODES = ['ClusterCIDR', 'NodeCIDR', 'BridgeInterface', 'InterfaceNamePrefix'] as const;

/** Throws a FlagError that says which values a flag takes. */
export function readFactFlags(flags: FactFlags): Stated {
  const podCIDRs = ranges('--pod-cidr', flags.podCidr);
  const serviceCIDRs = ranges('--service-cidr', flags.serviceCidr);
  const clusterDNS = addresses('--cluster-dns', flags.clusterDns);
  const keep = flags.nonMasqueradeCidrs === 'none' ? [] : ranges('--non-masquerade-cidrs', flags.nonMasqueradeCidrs);
  const mtu = number('--mtu', flags.mtu);
  const nodeMtu = number('--node-mtu', flags.nodeMtu);
  const segments = ranges('--segments', flags.segments);
  const nodePorts = portRange(flags.serviceNodePortRange);
  const cni = readCni(flags.cni);
  const mode = oneOf('--kube-proxy-mode', flags.kubeProxyMode, MODES);
  const clusterCIDR = flags.clusterCidr === '' ? [] : ranges('--cluster-cidr', flags.clusterCidr);
  const detectLocalMode = oneOf('--detect-local-mode', flags.detectLocalMode, LOCAL_MODES);
  const policy = readEnforcer(flags.networkPolicy);
  const kubeProxy = defined({ mode, clusterCIDR, detectLocalMode });
  return {
    given: [
      ...stated('cni.plugin', cni?.name),
      ...stated('cni.mode', cni === null ? undefined : (modeOf(cni.input) ?? undefined)),
      ...stated('podCIDR', podCIDRs?.map(formatPrefix)),
      ...stated('serviceCIDR', serviceCIDRs?.map(formatPrefix)),
      ...stated('serviceNodePortRange', nodePorts === undefined ? undefined : formatPortRange(nodePorts)),
      ...stated('mtu', mtu),
      ...stated('nodeMTU', nodeMtu),
      ...stated('masquerade', keep?.map(formatPrefix)),
      ...stated('networkPolicy', policy?.enforcer),
      ...stated('kubeProxy.mode', mode),
      ...stated('kubeProxy.clusterCIDR', clusterCIDR?.map(formatPrefix)),
      ...stated('kubeProxy.detectLocalMode', detectLocalMode),
      ...stated('clusterDomain', flags.clusterDomain),
      ...stated('clusterDNS', clusterDNS?.map(formatAddress)),
      ...stated('segments', segments?.map(formatPrefix)),
    ],
    cluster: defined({
      podCIDRs,
      serviceCIDRs,
      serviceNodePortRange: nodePorts,
      clusterDNS,
      clusterDomain: flags.clusterDomain,
      networkPolicy: policy,
      cni: cni?.input,
      kubeProxy: Object.keys(kubeProxy).length === 0 ? undefined : kubeProxy,
      masquerade: keep === undefined ? undefined : keep.length === 0 ? ('none' as const) : { nonMasqueradeCIDRs: keep },
    }),
    mtu: mtu ?? null,
    nodeMtu: nodeMtu ?? null,
    segments: segments ?? null,
  };
}

function stated(fact: FactName, value: FactValue | undefined): Given {
  return value === undefined ? [] : [{ fact, node: null, value, source: null, text: 'a flag states it' }];
}

/** Without the fields that no flag states. */
function defined<T extends object>(value: T): { [K in keyof T]: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(value).filter(([, v]) => v !== undefined)) as { [K in keyof T]: Exclude<T[K], undefined> };
}

/** A plugin's name, or a mapping as a Topology has it. A plugin without a model of its own is generic, with its name. */
function readCni(text: string | undefined) {
  if (text === undefined) return null;
  const data = text.startsWith('{') ? parseYaml('--cni', text).documents[0]?.data : text;
  const parsed = cniField.safeParse(data);
  if (parsed.success) {
    const config = typeof parsed.data === 'string' ? parsed.data : parsed.data.plugin;
    return { name: typeof parsed.data === 'object' && 'name' in parsed.data ? (parsed.data.name ?? config) : config, input: parsed.data };
  }
  const name = typeof data === 'string' ? data : typeof data === 'object' && data !== null && 'plugin' in data ? data.plugin : null;
  if (typeof name !== 'string')
    throw new FlagError(`--cni ${text}: expected a plugin's name, or its keys, as '{ plugin: bridge, mtu: 1450 }'`);
  const wrong = typeof data === 'string' ? null : wrongKey(data, name);
  if (wrong !== null) throw new FlagError(`--cni ${text}: ${wrong.message}`, wrong.hint);
  if (PLUGIN_NAMES.includes(name)) return { name, input: cniField.parse({ plugin: 'generic', name }) };
  throw new FlagError(`--cni ${text}: no plugin is named ${name}`, nearPlugin(name) ?? `one of ${PLUGIN_NAMES.join(', ')}`);
}

/** A name, or a mapping as a Topology has it. */
function readEnforcer(text: string | undefined) {
  if (text === undefined) return undefined;
  const data = text.startsWith('{') ? parseYaml('--network-policy', text).documents[0]?.data : text;
  const parsed = networkPolicyEnforcer.safeParse(data);
  if (parsed.success) return typeof parsed.data === 'string' ? { enforcer: parsed.data } : parsed.data;
  if (text.startsWith('{'))
    throw new FlagError(
      `--network-policy ${text}: expected a name, or '{ enforcer: calico, version: "3.29" }'`,
      `names are ${ENFORCERS.join(', ')}`,
    );
  throw new FlagError(
    `--network-policy ${text}: no enforcer is named ${text}`,
    didYouMean(text, ENFORCERS) ?? `one of ${ENFORCERS.join(', ')}`,
  );
}

function oneOf<const W extends string>(flag: string, text: string | undefined, words: readonly W[]): W | undefined {
  if (text === undefined) return undefined;
  const found = words.find((w) => w === text);
  if (found === undefined) throw new FlagError(`${flag} ${text}: expected ${orList(words)}`, didYouMean(text, words));
  return found;
}

function ranges(flag: string, text: string | undefined): Prefix[] | undefined {
  return text?.split(',').map((part) => {
    const parsed = parseCidr(part.trim());
    if (parsed === null)
      throw new FlagError(
        `${flag} ${text}: ${part.trim() || 'nothing'} is no prefix`,
        'write prefixes with commas, as 10.244.0.0/16,fd00:10:244::/56',
      );
    return prefixOf(parsed.address, parsed.length);
  });
}

function addresses(flag: string, text: string | undefined): IpAddress[] | undefined {
  return text?.split(',').map((part) => {
    const parsed = parseAddress(part.trim());
    if (parsed === null) throw new FlagError(`${flag} ${text}: ${part.trim() || 'nothing'} is no IP address`);
    return parsed;
  });
}

function number(flag: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const value = /^\d+$/.test(text) ? Number(text) : 0;
  if (value < 68 || value > 65535) throw new FlagError(`${flag} ${text}: expected a number of bytes from 68 to 65535`);
  return value;
}

function portRange(text: string | undefined): PortRange | undefined {
  if (text === undefined) return undefined;
  const read = parsePortRange(text);
  if (read === null) throw new FlagError(`--service-node-port-range ${text}: expected two ports, as 30000-32767`);
  return read;
}

/** A Topology with what flags state in the place of its own. */
export function flagged<T extends Pick<Written, 'underlay'>>(form: T, cluster: ClusterInput, stated: Stated) {
  const { mtu, nodeMtu, segments } = stated;
  const underlay = {
    ...form.underlay,
    ...(nodeMtu === null ? {} : { mtu: nodeMtu }),
    ...(segments === null ? {} : { segments: segments.map((prefix, i) => ({ name: `segment-${i + 1}`, cidrs: [prefix] })) }),
  };
  const whole = withStated(cluster, stated);
  return {
    ...form,
    cluster: mtu === null ? whole : { ...whole, cni: withMtu(whole.cni, mtu) },
    ...(Object.keys(underlay).length === 0 ? {} : { underlay }),
  };
}

/**
 * Of a value and its plural the stated one counts; kube-proxy's options are merged one by one. A plugin that masquerades by itself is told
 * not to by a key of its own.
 */
export function withStated(cluster: ClusterInput, stated: Stated): ClusterInput {
  const quiet = stated.cluster.masquerade === 'none' ? withoutMasquerade(stated.cluster.cni ?? cluster.cni) : null;
  return {
    ...cluster,
    ...(stated.cluster.podCIDRs === undefined ? {} : { podCIDR: undefined }),
    ...(stated.cluster.serviceCIDRs === undefined ? {} : { serviceCIDR: undefined }),
    ...stated.cluster,
    ...(stated.cluster.kubeProxy === undefined ? {} : { kubeProxy: mergedProxy(cluster.kubeProxy, stated.cluster.kubeProxy) }),
    ...(quiet === null ? {} : { cni: quiet, masquerade: undefined }),
  };
}
