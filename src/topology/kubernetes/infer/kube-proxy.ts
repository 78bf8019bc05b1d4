import type { Fact, FactSource, Saying } from '../../../k8s/fact.ts';
import { askedWhereItRuns } from './asking.ts';
import { type Clues, type Machine, remembered } from './clues.ts';
import { decide, ofNodes } from './decide.ts';
import { k3sArgument } from './k3s.ts';
import { configFile, kubeProxyConfig, kubeProxyFlag, kubeProxyPrograms, kubeProxyRange } from './kube-proxy-config.ts';
import type { FlagName } from './names-read.ts';
import { assumes, declares, follows, ranges, say } from './saying.ts';
import { type Replacement, replacementOf } from './service-proxies.ts';

/** Who programs services on the nodes, and how. */
export interface ProxyFacts {
  readonly facts: readonly Fact[];
  /** Null: kube-proxy does. */
  readonly whoElse: Replacement['who'] | null;
}

export function proxyMode(clues: Clues, plugin: string, distribution: string | null): ProxyFacts {
  const replacement = replacementOf(clues, plugin);
  const machines: readonly (Machine | null)[] = clues.machines.length === 0 ? [null] : clues.machines;
  const facts = machines.map((machine) =>
    decide(
      clues.given,
      'kubeProxy.mode',
      machine?.name ?? null,
      [
        ofLogs(clues, machine),
        ...(replacement?.isWhole === true ? [replacement.saying] : []),
        ofConfig(clues),
        ofFlag(clues, machine),
        ofK3s(clues),
      ],
      () => [ofPods(clues), ofOneProcess(distribution)],
    ),
  );
  return { facts: ofNodes(facts.map((fact) => askedWhereItRuns(fact, distribution))), whoElse: replacement?.who ?? null };
}

const MODES = ['iptables', 'ipvs', 'nftables'] as const;

/** `unidling+iptables` is OpenShift SDN's; an empty one is iptables on Linux. */
function modeIn(text: string): (typeof MODES)[number] | null {
  const mode = text.replace('unidling+', '');
  return mode === '' ? 'iptables' : (MODES.find((m) => m === mode) ?? null);
}

const ofMode = (source: FactSource, text: string, words: string): Saying =>
  modeIn(text) === null
    ? say('unknown', source, null, `${words} is ${JSON.stringify(text)}, which is none of ${MODES.join(', ')}`)
    : declares(source, modeIn(text), text === '' ? `${words} is empty, which is iptables on Linux` : words);

/** What kube-proxy says as it starts, by its pod. */
const logged = remembered((clues: Clues): ReadonlyMap<string, Saying> => {
  const byPod = new Map<string, Saying>();
  for (const { text, locus } of clues.objects.logs) {
    const found = /(?:Using (?:iptables|ipvs|nftables) prox(?:ier|y)|assuming (?:iptables|ipvs) proxy).*/i.exec(text)?.[0];
    const mode = MODES.find((m) => found?.toLowerCase().includes(m));
    if (found === undefined || mode === undefined || byPod.has(locus.object)) continue;
    byPod.set(
      locus.object,
      say('observed', { locus, field: null }, mode, `its log says: ${text.replace(/^.*?(Using |Flag proxy-mode)/, '$1').trim()}`),
    );
  }
  return byPod;
});

/** Of this node, or of any where this one's log is not there. */
function ofLogs(clues: Clues, machine: Machine | null): Saying | null {
  const byPod = logged(clues);
  const own = machine?.pods.find(({ locus }) => byPod.has(locus.object));
  const [any] = byPod.values();
  return (own === undefined ? any : byPod.get(own.locus.object)) ?? null;
}

function ofConfig(clues: Clues): Saying | null {
  const config = kubeProxyConfig(clues);
  return config === null ? null : ofMode(config.at('mode'), config.value.mode ?? '', "kube-proxy's mode");
}

function ofFlag(clues: Clues, machine: Machine | null): Saying | null {
  const flag = kubeProxyFlag(clues, 'proxy-mode', machine);
  return flag === null ? null : ofMode(flag.source, flag.value, "kube-proxy's --proxy-mode");
}

function ofK3s(clues: Clues): Saying | null {
  const disabled = k3sArgument(clues, 'disable-kube-proxy');
  return disabled === null || disabled.value === 'false'
    ? null
    : declares(disabled.source, 'none', 'its server runs with --disable-kube-proxy');
}

function ofPods(clues: Clues): Saying | null {
  const [program] = kubeProxyPrograms(clues);
  if (program === undefined) return null;
  const file = configFile(clues);
  const why = file === null ? 'kube-proxy runs, and nothing says its mode' : `kube-proxy reads ${file.value}, which is not in the input`;
  return { ...assumes('iptables', why), source: file?.source ?? program.at('name') };
}

/** Those have kube-proxy in the process of their agent, where no pod shows it. */
function ofOneProcess(distribution: string | null): Saying | null {
  const is = distribution === 'k3s' || distribution === 'microk8s';
  return is ? assumes('iptables', `${distribution} has kube-proxy in its own process`) : null;
}

export function clusterCidr(clues: Clues, podCidrs: readonly string[], distribution: string | null): Fact {
  const log = clues.objects.logs.find(({ text }) => /no cluster cidr defined/i.test(text));
  const sources = [
    log === undefined ? null : say('observed', { locus: log.locus, field: null }, [], 'its log says that it has no cluster CIDR'),
    kubeProxyRange(clues),
  ];
  return decide(clues.given, 'kubeProxy.clusterCIDR', null, sources, () => [
    distribution === 'eks' || distribution === 'docker-desktop' ? follows(null, [], `${distribution} gives it no cluster CIDR`) : null,
    podCidrs.length === 0 ? null : assumes(podCidrs, 'the range of the pods'),
  ]);
}

const LOCAL_MODES = ['ClusterCIDR', 'NodeCIDR', 'BridgeInterface', 'InterfaceNamePrefix'];

export function detectLocalMode(clues: Clues): Fact {
  const config = kubeProxyConfig(clues);
  const flag = kubeProxyFlag(clues, 'detect-local-mode');
  const of = (source: FactSource, value: string, words: string): Saying | null =>
    LOCAL_MODES.includes(value) ? declares(source, value, words) : null;
  const set = config?.value.detectLocalMode;
  const [program] = kubeProxyPrograms(clues);
  const sources = [
    config === null || set == null ? null : of(config.at('detectLocalMode'), set, "kube-proxy's detectLocalMode"),
    flag === null ? null : of(flag.source, flag.value, "kube-proxy's --detect-local-mode"),
  ];
  return decide(clues.given, 'kubeProxy.detectLocalMode', null, sources, () => [
    config === null
      ? null
      : follows(config.at('detectLocalMode'), 'ClusterCIDR', "kube-proxy's default, when its configuration says no other"),
    program !== undefined && configFile(clues) === null && clues.podsBy.has('kube-proxy')
      ? follows(program.at('command'), 'ClusterCIDR', "kube-proxy's default, when its arguments say no other")
      : null,
    assumes('ClusterCIDR', "kube-proxy's default"),
  ]);
}

/** An empty list: all addresses of a node. */
export function nodePortAddresses(clues: Clues, mode: string | null): Fact {
  const config = kubeProxyConfig(clues);
  const flag = kubeProxyFlag(clues, 'nodeport-addresses');
  const list = config?.value.nodePortAddresses ?? [];
  const of = (source: FactSource, value: readonly string[] | string, words: string) =>
    [value].flat().join() === 'primary' ? declares(source, ['primary'], words) : ranges(source, value, words);
  const usual = mode === 'nftables' ? ['primary'] : [];
  const words = usual.length === 0 ? 'all addresses of a node answer' : "a node's own address answers";
  return decide(
    clues.given,
    'kubeProxy.nodePortAddresses',
    null,
    [
      config === null ? null : of(config.at('nodePortAddresses'), list, "kube-proxy's nodePortAddresses"),
      flag === null ? null : of(flag.source, flag.value, "kube-proxy's --nodeport-addresses"),
    ],
    () => [config === null ? null : follows(config.at('nodePortAddresses'), usual, words), assumes(usual, words)],
  );
}

/** What the rest of kube-proxy's configuration says; null where nothing does. */
export interface ProxySettings {
  readonly masqueradeAll: boolean | null;
  readonly masqueradeBit: number | null;
  readonly localhostNodePorts: boolean | null;
  readonly bridgeInterface: string | null;
  readonly interfaceNamePrefix: string | null;
  readonly scheduler: string | null;
  readonly strictArp: boolean | null;
  /** Of the configuration, or of what stands for it. */
  readonly source: FactSource | null;
}

export function proxySettings(clues: Clues, mode: string | null): ProxySettings {
  const config = kubeProxyConfig(clues);
  const value = config?.value;
  const own = mode === 'nftables' ? value?.nftables : value?.iptables;
  const flag = (name: FlagName) => kubeProxyFlag(clues, name);
  const truth = (name: FlagName) => (flag(name) === null ? null : flag(name)?.value !== 'false');
  const bit = flag('iptables-masquerade-bit')?.value ?? '';
  return {
    masqueradeAll: own?.masqueradeAll ?? truth('masquerade-all'),
    masqueradeBit: own?.masqueradeBit ?? (/^\d+$/.test(bit) ? Number(bit) : null),
    localhostNodePorts: value?.iptables?.localhostNodePorts ?? truth('iptables-localhost-nodeports'),
    bridgeInterface: nonEmpty(value?.detectLocal?.bridgeInterface) ?? flag('pod-bridge-interface')?.value ?? null,
    interfaceNamePrefix: nonEmpty(value?.detectLocal?.interfaceNamePrefix) ?? flag('pod-interface-name-prefix')?.value ?? null,
    scheduler: nonEmpty(value?.ipvs?.scheduler) ?? flag('ipvs-scheduler')?.value ?? null,
    strictArp: value?.ipvs?.strictARP ?? truth('ipvs-strict-arp'),
    source: config?.at() ?? null,
  };
}

const nonEmpty = (text: string | null | undefined): string | null => (text == null || text === '' ? null : text);
