import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { bytesAt, type InputFile, loadNetwork, type Network, traceRequest } from '../../src/index.ts';
import { makeSnapshot } from '../../src/topology/snapshot.ts';
import { areThere, DUMPS, filesBelow, MISSING } from './reading.ts';

/** A snapshot of a real cluster's dump says what the dump says. */

const foldersIn = (path: string) =>
  readdirSync(join(DUMPS, path), { withFileTypes: true }).flatMap((e) => (e.isDirectory() ? join(path, e.name) : []));

/** Folders that are no input as a whole, with a snapshot or without. */
const NO_CLUSTER: Readonly<Record<string, string>> = {
  'aks-npm': 'policies without pods',
  'app-ingress-nginx': 'a manifest with a truth value where Kubernetes has a text',
  'nca-podlists': 'several clusters',
};

/** Files that are no part of a dump's cluster. */
const BESIDE: Readonly<Record<string, { readonly folder: string; readonly why: string }>> = {
  popeye: { folder: '/net/np/', why: 'several policies of one name, each for a test of its own' },
};

/** A folder each; that of sonobuoy has several clusters'. */
const dumps = areThere ? foldersIn('').flatMap((f) => (f === 'sonobuoy' ? foldersIn(f) : NO_CLUSTER[f] === undefined ? [f] : [])) : [];

function snapshotFile(files: readonly InputFile[]): InputFile {
  const made = makeSnapshot(files);
  if (!made.ok) throw new Error(made.diagnostics.map((d) => `${d.file} ${d.message}`).join('\n'));
  const text = JSON.stringify({ apiVersion: 'v1', kind: 'List', items: made.value.items });
  return { name: 'snapshot.json', bytes: new TextEncoder().encode(text) };
}

const textOf = (file: InputFile) => new TextDecoder().decode(bytesAt(file, 0, 1e9));

/** Places are other ones, in sentences too. */
const withoutPlaces = (value: unknown): unknown =>
  JSON.parse(
    JSON.stringify(value, (key, v) => {
      if (typeof v === 'string') return v.replace(/[\w./-]+\.(json|ya?ml):\d+(:\d+)?/g, 'PLACE');
      return key === 'source' && typeof v === 'object' && v !== null && 'file' in v ? null : v;
    }),
  );

const factsOf = ({ cluster }: Network) =>
  (cluster.facts ?? []).map(({ fact, node, value, confidence, text }) => ({ fact, node, value, confidence, text }));

/** A few sources to a few destinations of all kinds. */
function questionsAbout({ cluster }: Network): readonly (readonly [string, string])[] {
  const some = (names: Iterable<string>, most: number) => {
    const all = [...names];
    return all.filter((_, i) => i % Math.ceil(all.length / most) === 0);
  };
  const pods = some(cluster.pods.keys(), 4);
  const services = some(cluster.services.keys(), 8).flatMap((name) => {
    const [namespace, own] = name.split('/');
    return (cluster.services.get(name)?.ports ?? []).slice(0, 1).map((p) => `${namespace}/svc/${own}:${p.port}/${p.protocol}`);
  });
  const named = pods.map((p) => p.replace('/', '/pod/'));
  return named.flatMap((from) => [...services, ...named].map((to) => [from, to] as const));
}

if (areThere)
  test.each(dumps)('a snapshot of %s has the same facts, and gives the same answers', (dump) => {
    const files = filesBelow(join(DUMPS, dump)).filter((f) => !f.name.includes(BESIDE[dump]?.folder ?? '//'));
    const whole = loadNetwork(files);
    if (!whole.ok) throw new Error(whole.diagnostics.map((d) => d.message).join('\n'));
    const file = snapshotFile(files);
    const again = loadNetwork([file]);
    if (!again.ok) throw new Error(again.diagnostics.map((d) => d.message).join('\n'));
    expect(factsOf(again.value)).toEqual(factsOf(whole.value));
    const answers = (network: Network) =>
      questionsAbout(whole.value).map(([source, destination]) => withoutPlaces(traceRequest(network, { source, destination })));
    expect(answers(again.value)).toEqual(answers(whole.value));
    expect(textOf(snapshotFile([file])) === textOf(file)).toBe(true);
  });
else test(MISSING, () => {});
