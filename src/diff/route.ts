import type { Hop } from '../hop/hop.ts';
import type { Cluster } from '../k8s/cluster.ts';
import { groupOf } from '../reach/peers.ts';
import type { Trace, TracePath } from '../trace/trace.ts';
import type { Walk } from '../walk/walk.ts';
import type { Route } from './change.ts';

/** Where a connection goes: pods are named by their workload, and the machines of both ends as such, because those that are alike are one to who asks. */
export function routeOf(cluster: Cluster, { paths, question }: Trace): Route {
  const each = (say: (path: TracePath) => string | null) => [...new Set(paths.flatMap((path) => say(path) ?? []))].sort();
  const wayOf = (path: TracePath, walk: Walk | null) => {
    const steps = (walk?.hops ?? []).flatMap(
      (hop) => stepOf(hop, (node) => nodeName(node, question.source.node, path.endpoint?.node)) ?? [],
    );
    return steps.filter((step, i) => step !== steps[i - 1]).join(' > ');
  };
  return {
    endpoints: each(({ endpoint }) => (endpoint === null ? null : receiver(cluster, endpoint))),
    way: each((path) => wayOf(path, path.forward)),
    back: each((path) => (path.reply === null ? null : wayOf(path, path.reply))),
  };
}

function receiver(cluster: Cluster, { netns, port }: NonNullable<TracePath['endpoint']>): string {
  const pod = cluster.pods.get(netns);
  const name = pod === undefined ? netns : groupOf(pod).id;
  return port === null ? name : `${name}:${port}`;
}

const nodeName = (node: string, source: string, end: string | undefined): string =>
  node === source ? "source's node" : node === end ? "destination's node" : node;

/** A device that is passed, or something that is done to a packet; null: nothing that tells ways apart. */
function stepOf(hop: Hop, named: (node: string) => string): string | null {
  const where = named(hop.node);
  switch (hop.kind) {
    case 'interface':
      // The devices of pods, and their other ends, are many and alike.
      return hop.role === 'pod' || hop.link.kind === 'veth' || hop.link.kind === 'loopback' ? null : `${where} ${hop.device}`;
    case 'nat':
      return hop.action === 'icmp-error' ? null : `${where}: ${hop.action}`;
    case 'encap':
    case 'decap':
      return `${where}: ${hop.kind} ${hop.tunnel.type}`;
    case 'gateway':
      return `${where}: ${hop.action}`;
    case 'load-balancer':
      return `load balancer: ${hop.action}`;
    case 'proxy':
      return `${hop.process}: ${hop.action}`;
    case 'socket':
      return hop.balancedFor == null ? null : `${where}: address replaced in the call`;
    default:
      return null;
  }
}
