import type { Cluster } from '../k8s/cluster.ts';
import type { Node } from '../k8s/node.ts';
import { formatAddress } from '../net/address.ts';
import { type NodeState, place, type StateFile, withFamilyUnknown, withWaysUnknown } from '../node-state/index.ts';
import { type Diagnostic, diagnosticOf, fileDiagnostic } from '../source/diagnostic.ts';
import { didYouMean } from '../source/suggest.ts';
import type { NodeFiles } from './load-options.ts';
import { stateOf } from './read-state.ts';
import { stateFiles } from './state-files.ts';

/** The cluster with what was found on its nodes. All that is wrong with it goes to `found`. */
export function withNodeState(cluster: Cluster, given: readonly NodeFiles[], found: Diagnostic[]): Cluster {
  if (given.length === 0) return cluster;
  const names = namesOf(cluster);
  const isBundle = given.every((g) => g.isBundle === true);
  const byNode = new Map<string, StateFile[]>();
  for (const files of given) {
    const placed = place({ node: files.node, files: stateFiles(files, found) }, names);
    for (const [node, of] of placed.byNode) byNode.set(node, [...(byNode.get(node) ?? []), ...of]);
    found.push(...swallowed(files, names));
    found.push(...strangers(placed.strangers, cluster, isBundle), ...homeless(placed.homeless, cluster, isBundle, names));
  }
  const nodes = new Map(cluster.nodes);
  for (const [name, node] of cluster.nodes) {
    const state = stateOf(name, byNode.get(name) ?? []);
    found.push(...diagnosticsOf(state, node, isBundle), ...mixedUp(state, node, names));
    const isBlind = cluster.oneMachine !== null;
    if (state.state !== null) nodes.set(name, { ...node, found: isBlind ? withFamilyUnknown(withWaysUnknown(state.state)) : state.state });
  }
  if (!isBundle && [...nodes.values()].every((node) => node.found === null)) makeErrors(found);
  found.push(...useless(given, found), ...missing([...nodes.values()], given));
  return { ...cluster, nodes };
}

/** What was named as one node's has a folder that is called after another one. */
function swallowed({ node, root = '', files }: NodeFiles, names: ReadonlyMap<string, string>): readonly Diagnostic[] {
  const own = node === null ? undefined : (names.get(node) ?? node);
  if (own === undefined) return [];
  const start = root === '' ? '' : root.replace(/\/*$/, '/');
  const seen = new Set<string>();
  return files.flatMap((file) => {
    const folders = (file.name.startsWith(start) ? file.name.slice(start.length) : file.name).split('/').slice(0, -1);
    const other = folders.find((folder) => names.has(folder) && names.get(folder) !== own);
    if (other === undefined || seen.has(other)) return [];
    seen.add(other);
    return fileDiagnostic(file.name, {
      code: 'node-state-mixed-up',
      message: `this is said to be of node ${own}, and its folder is called after ${other}`,
      hint: `--node-state ${root === '' ? 'DIR' : root.replace(/\/*$/, '')}, without a node, takes folders by their names`,
    });
  });
}

/** Where all that was named is of nobody, the answer would be of the objects alone, and taken for the nodes'. */
function makeErrors(found: Diagnostic[]): void {
  for (const [i, d] of found.entries()) if (d.code === 'node-state-of-nobody') found[i] = { ...d, severity: 'error' };
}

/** What each node may be called: its name, its host's, its addresses, and its pods that share its network. */
function namesOf({ nodes, hostPodsByNode }: Cluster): ReadonlyMap<string, string> {
  const names = new Map<string, string>();
  const short = new Map<string, string | null>();
  for (const { name, addresses } of nodes.values()) {
    for (const pod of hostPodsByNode.get(name) ?? []) names.set(pod.name, name);
    for (const a of addresses) {
      const text = a.type === 'Hostname' ? a.name : formatAddress(a.address);
      names.set(text, name);
      if (a.type === 'Hostname') shortened(text, name, short);
    }
    shortened(name, name, short);
  }
  for (const [text, name] of short) if (name !== null && !names.has(text)) names.set(text, name);
  for (const name of nodes.keys()) names.set(name, name);
  return names;
}

/** `worker-1` of `worker-1.example.com`, where it is no other node's. */
function shortened(text: string, name: string, short: Map<string, string | null>): void {
  const [host = ''] = text.split('.');
  if (host !== text) short.set(host, short.has(host) && short.get(host) !== name ? null : name);
}

const nodesOf = (nodes: ReadonlyMap<string, Node>): string =>
  `nodes: ${[...nodes.keys()].slice(0, 10).join(', ')}${nodes.size > 10 ? ', …' : ''}`;

const UNKNOWN = { severity: 'note', code: 'node-state-unknown-file' } as const;

function strangers(of: ReadonlyMap<string, readonly StateFile[]>, { nodes }: Cluster, isBundle: boolean): readonly Diagnostic[] {
  return [...of].flatMap(([name, files]) => {
    const [first] = files.filter((file) => hasState(name, file));
    if (first === undefined) return isBundle ? [] : files.map((f) => fileDiagnostic(f.name, { ...UNKNOWN, message: NO_OUTPUT }));
    return fileDiagnostic(first.name, {
      severity: 'warning',
      code: 'node-state-of-nobody',
      message: `this is state of a node ${name}, which is not in the input`,
      hint: didYouMean(name, nodes.keys()) ?? `${nodesOf(nodes)}; --node-state NODE=PATH says whose it is`,
    });
  });
}

const NO_OUTPUT = 'no command whose output is read prints this';

const hasState = (node: string, file: StateFile): boolean => {
  const { state, faults } = stateOf(node, [file]);
  return state !== null || faults.length > 0;
};

function homeless(
  files: readonly StateFile[],
  { nodes }: Cluster,
  isBundle: boolean,
  names: ReadonlyMap<string, string>,
): readonly Diagnostic[] {
  const of = files.filter((file) => hasState('', file));
  const [first] = of;
  if (isBundle) return [];
  const others = files.filter((f) => !of.includes(f)).map((f) => fileDiagnostic(f.name, { ...UNKNOWN, message: NO_OUTPUT }));
  if (first === undefined) return others;
  const more = of.length === 1 ? '' : `, and so do ${of.length - 1} others`;
  return [
    ...others,
    fileDiagnostic(first.name, {
      code: 'node-state-unassigned',
      message: `this does not say of which node it is${more}; the input has ${nodes.size} nodes`,
      hint: placeSaid(first, names) ?? '--node-state NODE=PATH says it, or a folder with the name of the node',
    }),
  ];
}

/** Names count below the path that was given: a node's own folder, named by itself, says nothing. */
function placeSaid({ name }: StateFile, names: ReadonlyMap<string, string>): string | null {
  const folders = name.split('/').slice(0, -1);
  const at = folders.findLastIndex((folder) => names.has(folder));
  const node = names.get(folders[at] ?? '');
  return node === undefined
    ? null
    : `folders count below the path that is named: --node-state ${node}=${folders.slice(0, at + 1).join('/')}`;
}

function diagnosticsOf({ unread, faults, conflicts, unknown }: NodeState, node: Node, isBundle: boolean): readonly Diagnostic[] {
  return [
    ...conflicts.map((c) =>
      at(c.locus, { severity: isBundle ? 'warning' : 'error', code: 'node-state-conflict', message: c.message, hint: c.hint }),
    ),
    ...faults.map((f) =>
      at(
        { ...f.locus, object: `Node/${node.name}` },
        { severity: 'warning', code: 'node-state-unusable', message: f.message, hint: f.hint },
      ),
    ),
    ...unread.map((u) => at(u.locus, { severity: 'note', code: 'node-state-unread', message: u.why })),
    ...(isBundle ? [] : unknown.map((u) => fileDiagnostic(u.file, { ...UNKNOWN, message: u.why }))),
  ];
}

/** A line has no fields. */
function at(...[locus, words]: Parameters<typeof diagnosticOf>): Diagnostic {
  const diagnostic = diagnosticOf(locus, words);
  const { place } = diagnostic;
  return place === null ? diagnostic : { ...diagnostic, place: { ...place, field: '' } };
}

/** An address of the node itself is no other node's. */
function mixedUp({ state }: NodeState, node: Node, names: ReadonlyMap<string, string>): readonly Diagnostic[] {
  const own = [...(state?.addresses.IPv4 ?? []), ...(state?.addresses.IPv6 ?? [])];
  const strange = own.find((a) => {
    const owner = names.get(formatAddress(a.address));
    return owner !== undefined && owner !== node.name;
  });
  if (strange === undefined || strange.origin.locus === null) return [];
  const owner = names.get(formatAddress(strange.address)) ?? '';
  return [
    at(strange.origin.locus, {
      code: 'node-state-mixed-up',
      message: `this is said to be of node ${node.name}, and ${formatAddress(strange.address)} is an address of ${owner}`,
      hint: `--node-state ${owner}=PATH says whose it is`,
    }),
  ];
}

/** What was named: a directory, or a file, whose root is what stands before its name. */
const shownAs = ({ root = '', files: [first, second] }: NodeFiles): string =>
  first === undefined || second !== undefined || !/(^|\/)$/.test(root) ? root : first.name;

/** Whoever names what has no state at all would get the answer of the objects, and take it for the nodes'. */
function useless(given: readonly NodeFiles[], found: Diagnostic[]): readonly Diagnostic[] {
  const why = new Map(found.flatMap((d) => (d.code === UNKNOWN.code ? [[d.file, d.message]] : [])));
  const isArchive = (d: Diagnostic) => d.code === 'node-state-unusable' && d.place === null;
  const archives = new Set(found.filter(isArchive).map((d) => d.file));
  return given.flatMap((g) => {
    if (g.isBundle === true || !g.files.every((file) => why.has(file.name) || archives.has(file.name))) return [];
    const isOne = (d: Diagnostic) => isArchive(d) && g.files.some((file) => file.name === d.file);
    if (found.some(isOne)) {
      for (const [i, d] of found.entries()) if (isOne(d)) found[i] = { ...d, severity: 'error' };
      return [];
    }
    const [first] = g.files;
    const message = g.files.length === 1 && first !== undefined ? why.get(first.name) : `${g.files.length} files, and in none of them`;
    return fileDiagnostic(shownAs(g), {
      severity: 'error',
      code: 'node-state-unusable',
      message: `there is no node state here: ${message}`,
      hint: COLLECT,
    });
  });
}

const COLLECT = 'k8s-trace collect --print prints the commands whose output is read';

function missing(nodes: readonly Node[], [first]: readonly NodeFiles[]): readonly Diagnostic[] {
  const without = nodes.filter((n) => n.found === null).map((n) => n.name);
  if (without.length === 0 || without.length === nodes.length || first === undefined) return [];
  const some = without.slice(0, 5).join(', ');
  return [
    fileDiagnostic(shownAs(first), {
      severity: 'note',
      code: 'node-state-missing',
      message: `there is no state of ${some}${without.length > 5 ? `, and ${without.length - 5} others` : ''}: ${without.length === 1 ? 'it stays' : 'they stay'} as compiled`,
    }),
  ];
}
