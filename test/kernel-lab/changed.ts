import { type Diagnostic, loadNetwork, prepareTrace } from '../../src/index.ts';
import type { Cluster } from '../../src/k8s/cluster.ts';
import type { Network } from '../../src/k8s/compiled-network.ts';
import { startAgent } from '../../src/lab/agent.ts';
import { verifyAll } from '../../src/lab/attempts.ts';
import { build, inside, type Lab, startLab } from '../../src/lab/holder.ts';
import { listenEverywhere } from '../../src/lab/listeners.ts';
import { allNetns, fileOf, unnamedSources } from '../../src/lab/names.ts';
import { macsOf } from '../../src/lab/neighbours.ts';
import { labScript } from '../../src/lab/script.ts';
import type { Verdict } from '../../src/lab/verify.ts';
import { familyOf, formatAddress } from '../../src/net/address.ts';
import { formatPrefix } from '../../src/net/prefix.ts';
import { foreignChains, foreignSets, neighboursPass } from './change-iptables.ts';
import { changeOf } from './changes.ts';
import { type Collected, printedOn } from './collected.ts';
import { diceOf } from './dice.ts';
import type { Scenario } from './generate.ts';
import type { Ground } from './ground.ts';
import { machine } from './machine.ts';
import { claimOf } from './run.ts';

/** What is done to a node: each part is lines for `sh`. */
interface Changed {
  readonly node: string;
  readonly changes: readonly (readonly string[])[];
}

/** A cluster, and what is done to its nodes behind its back. */
export interface ChangedCluster {
  readonly scenario: Scenario;
  readonly nodes: readonly Changed[];
  /** Whose output tells what the nodes are like then. */
  readonly commands: readonly string[];
}

export interface ChangedOutcome {
  readonly verdicts: readonly Verdict[];
  /** What the nodes' state is said not to be understood in. */
  readonly told: readonly string[];
  readonly refused: number;
  readonly lines: number;
  /** What the nodes' programs printed. */
  readonly printed: readonly Collected[];
}

const MOST_CHANGES = 7;

/** What a seed does to the nodes of a cluster. */
export function changesOf(scenario: Scenario, seed: number): readonly Changed[] {
  const { cluster, datapath } = networkOf(scenario);
  const dice = diceOf(seed);
  const macs = [...macsOf(allNetns(cluster, datapath)).values()];
  return [...cluster.nodes.keys()].map((node) => {
    const devices = [...(datapath.netns(node)?.devices.keys() ?? [])].filter((d) => d !== 'lo');
    const grounds = cluster.families.map((family) => groundOf({ cluster, macs }, node, devices, family === 'IPv6'));
    const prepared = grounds.flatMap((g) => [...foreignChains(g), ...foreignSets({ ...g }, dice)]);
    const changes = Array.from({ length: dice.nat(MOST_CHANGES) }, () => changeOf(dice.one(grounds), dice));
    return { node, changes: [prepared, ...changes, cluster.families.includes('IPv6') ? neighboursPass : []] };
  });
}

interface Known {
  readonly cluster: Cluster;
  readonly macs: readonly string[];
}

function groundOf({ cluster, macs }: Known, node: string, devices: readonly string[], isIpv6: boolean): Ground {
  const isOurs = (address: Parameters<typeof familyOf>[0]) => (familyOf(address) === 'IPv6') === isIpv6;
  const nodeIp = (name: string) =>
    (cluster.nodes.get(name)?.addresses ?? []).flatMap((a) =>
      a.type === 'InternalIP' && isOurs(a.address) ? [formatAddress(a.address)] : [],
    );
  const podIps = (on: string | null) =>
    [...cluster.pods.values()]
      .filter((p) => on === null || p.node === on)
      .flatMap((p) =>
        p.ips
          .map((ip) => ip.address)
          .filter(isOurs)
          .map(formatAddress),
      );
  const ranges = [...cluster.nodes.values()].flatMap((n) => n.podCidrs);
  return {
    isIpv6,
    devices,
    own: nodeIp(node)[0] ?? '',
    nodes: [...cluster.nodes.keys()].flatMap(nodeIp),
    pods: podIps(null),
    ownPods: podIps(node),
    ranges: [...ranges, ...cluster.podCidrs, ...cluster.serviceCidrs].filter((p) => isOurs(p.address)).map(formatPrefix),
    macs,
    services: [...cluster.services.values()].flatMap((s) => s.clusterIps.filter(isOurs).map(formatAddress)),
  };
}

const textOf = ({ file, place, code, message }: Diagnostic) => `${file}:${place?.line}: ${place?.text}: ${code} ${message}`;

const inputOf = ({ text }: Scenario) => [{ name: 'cluster.yaml', bytes: new TextEncoder().encode(text) }];

function networkOf(scenario: Scenario, nodeState: readonly Collected[] = []): Network & { readonly warnings?: unknown } {
  const loaded = loadNetwork(inputOf(scenario), { nodeState });
  if (!loaded.ok) throw new Error(loaded.diagnostics.map((d) => d.message).join('; '));
  return loaded.value;
}

function tracesOf(network: Network, { flows }: Scenario) {
  return flows.flatMap(({ source, destination, size }) => {
    const answer = prepareTrace(network, { source, destination, ...(size === null ? {} : { size }) });
    if (!answer.ok) throw new Error(`${source} -> ${destination}: ${answer.message}`);
    return answer.traces;
  });
}

/** Where rules that somebody added send packets to: whoever listens on anything hears there. */
function otherwiseCalled(network: Network, { flows }: Scenario) {
  const [flow] = flows;
  if (flow === undefined) return [];
  const of = [...network.cluster.pods.values()].flatMap((p) => p.ips.slice(0, 1).map((ip) => formatAddress(ip.address)));
  return of.slice(0, 1).flatMap((address) =>
    CALLED.flatMap((port) => {
      const to = address.includes(':') ? `[${address}]` : address;
      const answer = prepareTrace(network, { source: flow.source, destination: `${to}:${port}` });
      return answer.ok ? answer.traces : [];
    }),
  );
}

const CALLED = [80, 443, 8080, 5353, 53, 9999, 30080].flatMap((port) => [`${port}/tcp`, `${port}/udp`]);

const FORGET_NEIGHBOURS = 'for netns; do ip -n "$netns" neigh flush all; done';

/** Builds the cluster, does to its nodes what is to be done, has them looked at, and sends the packets that the nodes' state is asked about. */
export async function runChanged({ scenario, nodes, commands }: ChangedCluster): Promise<ChangedOutcome> {
  const { cluster, datapath } = networkOf(scenario);
  const before = tracesOf(networkOf(scenario), scenario);
  const unnamed = unnamedSources(
    cluster,
    before.map((t) => t.question.source),
  );
  const all = allNetns(cluster, datapath, unnamed);
  const { lab, holder } = await startLab(machine, `verify-changed-${machine.uid}`);
  try {
    await build(
      machine,
      lab,
      labScript(
        cluster,
        all,
        before.flatMap((t) => t.question.target.addresses),
      ),
    );
    const lines = nodes.flatMap((n) => n.changes.flat()).length;
    const refused = await doTo(lab, nodes);
    const printed = await printedOn(lab, [...cluster.nodes.keys()], commands);
    const loaded = loadNetwork(inputOf(scenario), { nodeState: printed });
    if (!loaded.ok) return { verdicts: [], told: loaded.diagnostics.map(textOf), refused, lines, printed };
    const told = loaded.warnings.filter((d) => d.code === 'node-state-conflict' || d.code === 'node-state-unusable').map(textOf);
    const traces = tracesOf(loaded.value, scenario);
    const found = allNetns(cluster, loaded.value.datapath, unnamed);
    const agent = startAgent(machine, lab);
    try {
      await listenEverywhere(agent, cluster, found, [...traces, ...otherwiseCalled(loaded.value, scenario)]);
      for (const netns of all) await agent.capture(netns.name);
      const cool = async (machines: readonly { readonly name: string }[]) => {
        await machine.run(inside(lab, ['sh', '-c', FORGET_NEIGHBOURS, 'sh', ...machines.map((m) => fileOf(m.name))]), '');
      };
      const verdicts = await verifyAll({ agent, datapath, all, unnamed, cool }, traces.map(claimOf));
      return { verdicts, told, refused, lines, printed };
    } finally {
      await agent.close();
    }
  } finally {
    await holder.close();
  }
}

/** How many lines the kernel refused. */
async function doTo(lab: Lab, nodes: readonly Changed[]): Promise<number> {
  const script = nodes.flatMap(({ node, changes }) => [
    `nsenter --net=/run/netns/${fileOf(node)} sh << 'END'`,
    ...changes.flat().map((line) => `${line} > /dev/null 2>&1 || echo refused`),
    'END',
  ]);
  const { stdout } = await machine.run(inside(lab, ['sh', '-s']), script.join('\n'));
  return stdout.split('\n').filter((line) => line === 'refused').length;
}
