import * as z from 'zod';
import { VXLAN_OVERHEAD } from '../../../../cni/mtu.ts';
import type { CniMode, Saying } from '../../../../k8s/fact.ts';
import { formatAddress } from '../../../../net/address.ts';
import { parseCidr } from '../../../../net/prefix.ts';
import { projected } from '../../../../source/objects.ts';
import { argument, argumentsOf } from '../arguments.ts';
import { type Clues, configMap, type Machine, remembered } from '../clues.ts';
import { type Config, readConfig } from '../config-text.ts';
import { k3sArgument, k3sServer } from '../k3s.ts';
import { programsOf, variableOf } from '../programs.ts';
import { assumes, declares, fieldOf, follows, ranges } from '../saying.ts';
import { annotation, type CniRows, MODE_UNKNOWN, type Model, type Tunnel } from './rows.ts';

/** https://github.com/flannel-io/flannel/blob/master/Documentation/configuration.md */
const netConf = projected(() => ({
  Network: z.string().nullish(),
  IPv6Network: z.string().nullish(),
  Backend: projected(() => ({
    Type: z.string().nullish(),
    DirectRouting: z.boolean().nullish(),
    MTU: z.number().nullish(),
    VNI: z.number().nullish(),
    Port: z.number().nullish(),
  })).nullish(),
  EnableNFTables: z.boolean().nullish(),
}));

const BACKENDS: Readonly<Record<string, CniMode>> = { vxlan: 'vxlan', 'host-gw': 'host-gw', ipip: 'ipip' };

export const FLANNEL_PROGRAMS = [
  'kube-flannel-ds',
  'kube-flannel',
  ...['amd64', 'arm64', 'arm', 'ppc64le', 's390x'].map((architecture) => `kube-flannel-ds-${architecture}`),
];
export const CANAL_PROGRAMS = ['canal', 'rke2-canal'];
const PROGRAMS = [...FLANNEL_PROGRAMS, ...CANAL_PROGRAMS];

export const flannel: CniRows = {
  mode: (clues, machine) => [ofNode(clues, machine), ofConfig(clues), ofK3s(clues, machine)],
  podCidrs(clues) {
    const conf = netConfOf(clues);
    if (conf === null) return [];
    const networks = [conf.value.Network, conf.value.IPv6Network].filter((n) => n != null);
    return [ranges(conf.at('Network'), networks, "flannel's Network")];
  },
  mtu(clues) {
    const conf = netConfOf(clues);
    const { Type: type, MTU: mtu } = conf?.value.Backend ?? {};
    // Of the nodes' interface; other backends do not read it. Source: flannel-io/flannel, pkg/backend/vxlan/vxlan.go.
    if (conf === null || mtu == null || type !== 'vxlan') return [];
    const overhead = VXLAN_OVERHEAD[conf.value.IPv6Network == null ? 'IPv4' : 'IPv6'];
    return [declares(conf.at('Backend', 'MTU'), mtu - overhead, `flannel's Backend.MTU less ${overhead} of VXLAN`)];
  },
  masquerade: (clues, podCidrs) => [ofVariable(clues, podCidrs), ofArguments(clues, podCidrs), ofK3sAgent(clues, podCidrs)],
  model: (clues, mode) => modelOf('flannel', clues, mode),
  tunnel: tunnelOf,
  commands: {
    'cni.mode': 'kubectl get configmaps -n kube-flannel -o json',
    podCIDR: 'kubectl get configmaps -n kube-flannel -o json',
  },
};

/** Its pods are Calico's, and its way between the nodes is flannel's. */
export const canal: CniRows = { ...flannel, model: (clues, mode) => modelOf('canal', clues, mode) };

const netConfOf = remembered((clues: Clues): Config<z.output<typeof netConf>> | null => {
  const map =
    configMap(clues, 'kube-flannel-cfg', 'kube-flannel', 'kube-system') ??
    configMap(clues, 'canal-config', 'kube-system') ??
    configMap(clues, 'rke2-canal-config', 'kube-system');
  return map === null ? null : readConfig(map, 'net-conf.json', netConf, clues.note);
});

/** flannel writes on each node what it runs; only the configuration tells whether it goes straight to nodes of the same subnet. */
function ofNode(clues: Clues, machine: Machine | null): Saying | null {
  const backend = annotation(machine, 'flannel.alpha.coreos.com/backend-type');
  if (backend === null || machine?.object == null) return null;
  const conf = netConfOf(clues);
  const isDirect = conf?.value.Backend?.Type === backend.value && conf.value.Backend.DirectRouting === true;
  return modeOf(backend.value, isDirect, fieldOf(machine.object, 'metadata', 'annotations', backend.key));
}

function ofConfig(clues: Clues): Saying | null {
  const conf = netConfOf(clues);
  const backend = conf?.value.Backend;
  return conf === null || backend?.Type == null ? null : modeOf(backend.Type, backend.DirectRouting === true, conf.at('Backend', 'Type'));
}

/** k3s has flannel in its own process; without a word about it, with VXLAN. */
function ofK3s(clues: Clues, machine: Machine | null): Saying | null {
  const given = k3sArgument(clues, 'flannel-backend');
  if (given !== null) return modeOf(given.value, false, given.source);
  const server = k3sServer(clues);
  if (server !== null) return follows(server.source, 'vxlan', "k3s' arguments name no other backend of flannel");
  const version = machine?.object?.data.status?.nodeInfo?.kubeletVersion;
  return version?.includes('+k3s') === true ? assumes('vxlan', "k3s' default") : null;
}

function modeOf(type: string, isDirect: boolean, source: Saying['source']): Saying {
  const mode = BACKENDS[type] ?? null;
  if (mode === null) return declares(source, null, `flannel's backend ${type}, which has no mode here`);
  return declares(
    source,
    mode === 'vxlan' && isDirect ? 'vxlan-cross-subnet' : mode,
    `flannel's backend is ${type}${isDirect ? ', with DirectRouting' : ''}`,
  );
}

const keeps = (source: Saying['source'], podCidrs: readonly string[], text: string, confidence = declares): Saying | null =>
  podCidrs.length === 0 ? null : confidence(source, podCidrs, text);

/** Canal's flanneld is told by its environment. */
function ofVariable(clues: Clues, podCidrs: readonly string[]): Saying | null {
  const found = variableOf(clues, PROGRAMS, 'FLANNELD_IP_MASQ');
  if (found === null) return null;
  return found.value === 'true'
    ? keeps(found.source, podCidrs, 'flanneld masquerades what leaves the pod range')
    : declares(found.source, [], 'flanneld is told to masquerade nothing');
}

function ofArguments(clues: Clues, podCidrs: readonly string[]): Saying | null {
  const daemons = programsOf(clues, PROGRAMS).filter(
    ({ container }) => /flannel/.test(container.name) && argumentsOf(container).length > 0,
  );
  for (const daemon of daemons) {
    const found = argument(argumentsOf(daemon.container), 'ip-masq');
    if (found === null) continue;
    return found.value === 'false'
      ? declares(daemon.at(...found.path), [], 'flanneld runs with --ip-masq=false')
      : keeps(daemon.at(...found.path), podCidrs, 'flanneld runs with --ip-masq');
  }
  const [first] = daemons;
  return first === undefined ? null : follows(first.at('args'), [], 'flanneld runs without --ip-masq');
}

function ofK3sAgent(clues: Clues, podCidrs: readonly string[]): Saying | null {
  const machine = clues.machines.find((m) => m.object?.data.status?.nodeInfo?.kubeletVersion?.includes('+k3s') === true);
  if (machine?.object == null) return null;
  return keeps(fieldOf(machine.object, 'status', 'nodeInfo', 'kubeletVersion'), podCidrs, "k3s' flannel always masquerades", follows);
}

/** The port and the identifier of Windows are others; a port of 0 is the kernel's own default, which flannel does not use. */
function modelOf(plugin: 'flannel' | 'canal', clues: Clues, mode: CniMode | null): Model {
  if (isMasqueradeOff(clues)) return { why: 'flanneld is told not to masquerade, and its CNI plugin may then do it' };
  const conf = netConfOf(clues)?.value;
  const own = { plugin, enableNFTables: conf?.EnableNFTables ?? undefined };
  if (mode === null) return MODE_UNKNOWN;
  if (mode === 'host-gw') return { config: { ...own, backend: 'host-gw' } };
  if (mode !== 'vxlan' && mode !== 'vxlan-cross-subnet') return { why: `its backend ${mode} has no model` };
  const { VNI: vni, Port: port } = conf?.Backend?.Type === 'vxlan' ? conf.Backend : {};
  const directRouting = mode === 'vxlan-cross-subnet';
  return { config: { ...own, backend: { type: 'vxlan', vni: vni ?? undefined, port: port ?? undefined, directRouting } } };
}

/** Whatever the range would be. */
function isMasqueradeOff(clues: Clues): boolean {
  const said = [ofVariable(clues, ['any']), ofArguments(clues, ['any'])].find((s) => s !== null);
  return Array.isArray(said?.value) && said.value.length === 0;
}

const backendData = projected(() => ({ VtepMAC: z.string().nullish() }));

function tunnelOf(machine: Machine): Tunnel | null {
  const backend = annotation(machine, 'flannel.alpha.coreos.com/backend-type');
  if (machine.object === null || backend?.value !== 'vxlan') return null;
  const outer = annotation(machine, 'flannel.alpha.coreos.com/public-ip-overwrite', 'flannel.alpha.coreos.com/public-ip');
  const data = annotation(machine, 'flannel.alpha.coreos.com/backend-data');
  const inner = parseCidr(machine.object.data.spec?.podCIDR ?? '');
  return {
    type: 'vxlan',
    ip: inner === null ? null : formatAddress(inner.address),
    mac: data === null ? null : macIn(data.value),
    publicIP: outer?.value ?? null,
    source: fieldOf(machine.object, 'metadata', 'annotations', outer?.key ?? backend.key),
    text: "flannel's VTEP",
  };
}

/** The annotation is JSON; of IPv6 there is another one. */
function macIn(text: string): string | null {
  try {
    const parsed = backendData.safeParse(JSON.parse(text));
    return parsed.success ? (parsed.data.VtepMAC ?? null) : null;
  } catch {
    return null;
  }
}
