import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type InputFile, loadNetwork, type Network, type PathDocument, traceRequest } from '../../../src/index.ts';

/**
 * Clusters with their objects, and what programs printed on their nodes. The nodes were built in network namespaces from these rules, sets,
 * routes and entries, and packets sent; what is expected is what the kernel did with them.
 */
const FOLDER = join(import.meta.dirname, '../../../fixtures/node-state-objects');

const read = (...path: readonly string[]): InputFile => ({ name: path.join('/'), bytes: readFileSync(join(FOLDER, ...path)) });

export function clusterOf(name: string): Network {
  const loaded = loadNetwork([read(name, 'objects.yaml')], {
    nodeState: readdirSync(join(FOLDER, name, 'state')).map((node) => ({
      node,
      root: `${name}/state/${node}`,
      files: readdirSync(join(FOLDER, name, 'state', node)).map((file) => read(name, 'state', node, file)),
    })),
  });
  if (!loaded.ok) throw new Error(JSON.stringify(loaded.diagnostics));
  return loaded.value;
}

/**
 * What receives the packet, from which address and at which, or the line that ends it: `shop/db-0: 10.42.1.7 > 10.42.1.8:5432`,
 * `rejected by wrk-2/iptables-save:65`. Each way once, in order. A source beyond the nodes is `ADDRESS in NODE/DEVICE`.
 */
export function ends(network: Network, source: string, destination: string): readonly string[] {
  const [from = '', enters] = source.split(' in ');
  const asked = traceRequest(network, { source: from.replace('/', '/pod/'), destination, ...(enters === undefined ? {} : { in: enters }) });
  if (!asked.ok) throw new Error(asked.message);
  return [...new Set(asked.trace.paths.map(endOf))].toSorted();
}

function endOf({ outcome, forward }: PathDocument): string {
  const last = forward.hops.at(-1);
  if (outcome === 'delivered' || outcome === 'exits') {
    const { source, destination, destinationPort } = last?.packet ?? {};
    const where = outcome === 'exits' ? 'beyond' : last?.netns;
    return `${where}: ${source} > ${destination}:${destinationPort}`;
  }
  const [, node = '', file = ''] = /\/state\/([^/]+)\/([^/]+)$/.exec(last?.source?.file ?? '') ?? [];
  return /^iptables|^nft/.test(file) ? `${outcome} by ${node}/${file}:${last?.source?.line}` : outcome;
}
