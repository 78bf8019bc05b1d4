import { lookUp, MAIN_TABLE } from '../datapath/fib.ts';
import { ipRoute } from '../datapath/ip-route.ts';
import { cniOn } from '../k8s/cluster.ts';
import { withCommands } from '../source/sentence.ts';
import { advised, type Fix } from './remedy.ts';
import type { Scene } from './scene.ts';

/**
 * The route of the plugin's tunnel that a node lacks by what was found on it: one to the other node itself would deliver, past the tunnel. Null: it
 * is none of a tunnel, or the tunnel's device is not there.
 */
export function tunnelRoute({ context: { cluster, datapath }, destination }: Scene, node: string): Fix | null {
  if (cluster.nodes.get(node)?.found == null) return null;
  const [is, should] = [datapath.netns(node), datapath.asCompiled(node)];
  const found = should === undefined ? null : lookUp(should, { destination, source: null, iif: null, mark: 0 }).route;
  const kind = should?.devices.get(found?.nextHops[0]?.device ?? '')?.kind;
  if (found === null || is === undefined || found.prefix.length === 0 || (kind !== 'vxlan' && kind !== 'ipip')) return null;
  const nextHops = found.nextHops.map((n) => ({ ...n, device: is.foundNames?.get(n.device) ?? n.device }));
  if (!nextHops.every((n) => is.devices.has(n.device))) return null;
  const command = ipRoute('add', { table: MAIN_TABLE, route: { ...found, nextHops } });
  return advised('elsewhere', withCommands(`on ${node}: ${command} (as ${cniOn(cluster, node).plugin} has it)`, command));
}
