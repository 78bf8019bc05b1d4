import * as z from 'zod';
import { formatPrefix, parseCidr, prefixOf } from '../../../../net/prefix.ts';
import { projected } from '../../../../source/objects.ts';
import { nameOf, objectsOf } from '../../objects.ts';
import { argument, argumentsOf } from '../arguments.ts';
import { type Clues, configMap, type Machine, remembered } from '../clues.ts';
import { readConfig } from '../config-text.ts';
import { programsOf } from '../programs.ts';
import { assumes, declares, fieldOf, follows, RFC_1918, ranges } from '../saying.ts';
import { type CniRows, type Sources, singleAddresses } from './rows.ts';

/** Networks of clouds that deliver to pods' addresses themselves; ip-masq-agent, where there is one, decides what is masqueraded. */

export const AZURE_PROGRAMS = ['azure-cns'];

const AGENT = 'kubectl get configmaps -n kube-system -o json';

const fabric = (): Sources => [follows(null, 'fabric', "the network between the nodes delivers to pods' addresses")];

export const azureCni: CniRows = {
  model: (clues) => (isOverlay(clues) ? { why: 'its overlay has no model' } : { config: 'azure-cni' }),
  mode: fabric,
  podCidrs: (clues) => [
    ofOverlay(clues),
    isOverlay(clues) ? null : follows(null, null, "pods have addresses of the nodes' virtual network"),
  ],
  nodeRanges: (clues, machine) => [
    ofNodeNetworkConfig(clues, machine),
    singleAddresses(machine),
    follows(null, [], 'a node has single addresses'),
  ],
  mtu: () => [assumes(1500, "Azure's usual MTU")],
  nodeMtu: () => [assumes(1500, "Azure's usual MTU")],
  masquerade: ofAgent,
  commands: { masquerade: AGENT, 'node.podCIDRs': 'kubectl get nodenetworkconfigs -A -o json' },
};

export const gke: CniRows = {
  model: () => ({ config: 'gke' }),
  mode: fabric,
  mtu: () => [assumes(1460, "Google Cloud's usual MTU")],
  nodeMtu: () => [assumes(1460, "Google Cloud's usual MTU")],
  masquerade: ofAgent,
  commands: { masquerade: AGENT },
};

export const kubenet: CniRows = {
  model: () => ({ config: 'kubenet' }),
  mode: fabric,
  mtu: () => [assumes(1500, 'the usual MTU')],
  masquerade: ofAgent,
  commands: { masquerade: AGENT },
};

/** An overlay is told by a label of its nodes. */
const overlayNode = (clues: Clues) =>
  clues.machines.find((m) => m.object?.data.metadata.labels?.['kubernetes.azure.com/podnetwork-type'] === 'overlay')?.object ?? null;

const isOverlay = (clues: Clues): boolean => overlayNode(clues) !== null;

/** Its pool is not in the objects: what the nodes' parts of it are in, as /16. */
function ofOverlay(clues: Clues) {
  const node = overlayNode(clues);
  if (node === null) return null;
  const [config] = objectsOf(clues.objects, 'NodeNetworkConfig');
  const range = parseCidr(config?.data.status?.networkContainers?.[0]?.subnetAddressSpace ?? '');
  if (config === undefined || range === null) return null;
  const pool = formatPrefix(prefixOf(range.address, range.length));
  return follows(fieldOf(config, 'status', 'networkContainers', 0, 'subnetAddressSpace'), [pool], "the overlay's range");
}

const networkConfigs = remembered((clues: Clues) => new Map(objectsOf(clues.objects, 'NodeNetworkConfig').map((c) => [nameOf(c), c])));

function ofNodeNetworkConfig(clues: Clues, { name }: Machine) {
  const config = networkConfigs(clues).get(name);
  const primary = config?.data.status?.networkContainers?.[0]?.primaryIP;
  if (config === undefined || primary == null || !primary.includes('/')) return null;
  return ranges(fieldOf(config, 'status', 'networkContainers', 0, 'primaryIP'), primary, "Azure's part of the overlay for the node");
}

/** https://github.com/Azure/ip-masq-agent-v2; https://github.com/kubernetes-sigs/ip-masq-agent */
const agentConfig = projected(() => ({ nonMasqueradeCIDRs: z.array(z.string()).nullish() }));

const AGENT_CONFIGS = ['ip-masq-agent', 'azure-ip-masq-agent-config', 'azure-ip-masq-agent-config-reconciled'];
const AGENT_PROGRAMS = ['ip-masq-agent', 'azure-ip-masq-agent'];

function ofAgent(clues: Clues): Sources {
  const told = [...AGENT_CONFIGS.map((name) => ofConfigMap(clues, name)), ofArguments(clues)].filter((s) => s !== null);
  return told.length === 0 ? [byDefault(clues)] : told;
}

function ofConfigMap(clues: Clues, name: string) {
  const map = configMap(clues, name, 'kube-system');
  const [key] = Object.keys(map?.data.data ?? {});
  if (map === null || key === undefined) return null;
  const config = readConfig(map, key, agentConfig, clues.note);
  return config === null ? null : ranges(config.at('nonMasqueradeCIDRs'), config.value.nonMasqueradeCIDRs, "ip-masq-agent's configuration");
}

/** Class E and the ranges for documentation too. */
const RESERVED = [
  ...RFC_1918,
  '100.64.0.0/10',
  '192.0.0.0/24',
  '192.0.2.0/24',
  '192.88.99.0/24',
  '198.18.0.0/15',
  '198.51.100.0/24',
  '203.0.113.0/24',
  '240.0.0.0/4',
];

function ofArguments(clues: Clues) {
  for (const program of programsOf(clues, AGENT_PROGRAMS)) {
    const found = argument(argumentsOf(program.container), 'nomasq-all-reserved-ranges');
    if (found !== null && found.value !== 'false')
      return declares(program.at(...found.path), RESERVED, 'ip-masq-agent runs with --nomasq-all-reserved-ranges');
  }
  return null;
}

function byDefault(clues: Clues) {
  const [agent] = programsOf(clues, AGENT_PROGRAMS);
  return agent === undefined
    ? assumes(RFC_1918, 'private ranges, as ip-masq-agent has them by default')
    : follows(agent.at('name'), RFC_1918, 'ip-masq-agent without a configuration keeps private ranges');
}
