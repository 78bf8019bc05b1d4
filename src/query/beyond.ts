import { nodeAt, podAt } from '../k8s/address-index.ts';
import type { Cluster } from '../k8s/cluster.ts';
import { didYouMean } from '../source/suggest.ts';
import type { PlaceName } from './place.ts';
import type { Source } from './question.ts';
import { fail, type Parsed } from './result.ts';

/**
 * A source of which its address is known, and where its packets come in: by --in, or at the only machine that there is where nothing but its
 * state is known. Null: it is none.
 */
export function beyondMachine(cluster: Cluster, { address, text }: PlaceName, entry: string | undefined): Parsed<Source> | null {
  const { nodes } = cluster;
  if (entry === undefined) {
    const [node] = nodes.keys();
    const isKnown = address === null || podAt(cluster, address) !== null || nodeAt(cluster, address) !== null;
    return cluster.oneMachine === null || isKnown || node === undefined ? null : { ok: true, value: beyond(text, node, address, null) };
  }
  const [only = 'node-1', second] = nodes.keys();
  const slash = entry.indexOf('/');
  const isBare = slash === -1 && entry !== '' && entry !== only && second === undefined;
  const [node, device] = isBare ? [only, entry] : [entry.slice(0, slash), entry.slice(slash + 1)];
  if (!isBare && (slash < 1 || device === ''))
    return fail(`--in ${entry}: expected NODE/DEVICE`, `as ${only}/${slash === -1 && entry !== '' && entry !== only ? entry : 'eth0'}`);
  if (!nodes.has(node))
    return fail(
      `--in ${entry}: there is no node ${node}`,
      didYouMean(node, nodes.keys()) ?? `nodes: ${[...nodes.keys()].slice(0, 10).join(', ')}`,
    );
  if (address === null) return fail(`--in ${entry}: ${text} is no address`, 'a source that comes in from beyond is named by its address');
  return { ok: true, value: beyond(text, node, address, device) };
}

const beyond = (text: string, node: string, address: NonNullable<PlaceName['address']>, enters: string | null): Source => ({
  kind: 'Host',
  namespace: null,
  name: text,
  container: null,
  node,
  netns: node,
  ip: address,
  process: `a process on ${text}`,
  assumedOutside: false,
  enters,
});
