import type { Datapath, Netns } from '../datapath/netns.ts';
import type { Cluster } from '../k8s/cluster.ts';
import { GATEWAY } from '../k8s/network.ts';
import type { Source } from '../query/question.ts';
import { LabError } from './machine.ts';

/** The switches between the machines live in a namespace of their own. No Kubernetes name has an underscore, so none is like it. */
export const UNDERLAY = '_underlay';

/** A namespace's file in /run/netns: a pod's name has a slash, which a file's cannot have. */
export const fileOf = (netns: string): string => netns.replace('/', '_');

/** All namespaces of a cluster: each node with its pods, the machines between the nodes, and the unnamed machines on the internet. */
export function allNetns(cluster: Cluster, datapath: Datapath, unnamed: readonly string[] = []): readonly Netns[] {
  const nodes = [...cluster.nodes.keys()].flatMap((node) => [node, ...podsOf(cluster, node)]);
  const between = [
    ...cluster.underlay.routers.map((r) => r.name),
    ...(cluster.gateway === null ? [] : [GATEWAY]),
    ...cluster.outside.map((h) => h.name),
  ];
  return [...nodes, ...between, ...unnamed].map((name) => {
    const netns = datapath.netns(name);
    if (netns === undefined) throw new Error(`no namespace ${name}`);
    checkDevices(netns);
    return netns;
  });
}

/** The machines on the internet that the input does not name: each is there because it is the source of one of these packets. */
export function unnamedSources({ outside }: Cluster, sources: readonly Source[]): readonly string[] {
  const named = new Set(outside.map((h) => h.name));
  return [...new Set(sources.flatMap((s) => (s.kind === 'Host' && !named.has(s.netns) ? [s.netns] : [])))];
}

/** Linux takes nearly anything as a device's name. A name that a shell would take for more never gets into a script. */
const PLAIN = /^\w[\w.+-]*$/;

function checkDevices(netns: Netns): void {
  const strange = [...netns.devices.keys()].find((d) => !PLAIN.test(d));
  if (strange === undefined) return;
  throw new LabError(
    `a lab has no devices named like ${JSON.stringify(strange)} on ${netns.name}`,
    'in a lab, device names are of letters, digits, _ . + and -',
  );
}

const podsOf = (cluster: Cluster, node: string) => (cluster.podsByNode.get(node) ?? []).map((p) => `${p.namespace}/${p.name}`);

/** The other way round. */
export const netnsOf = (file: string): string => file.replace('_', '/');
