import {
  BUILT_IN,
  briefly,
  didYouMean,
  factsText,
  inNamespace,
  jsonText,
  type ListView,
  type Network,
  type Overview,
  overview,
  show,
  showText,
  type View,
  whatIfHead,
  whatIfOf,
  yamlText,
} from '../index.ts';
import type { ShowFlags } from './flags.ts';
import { type Io, UsageError } from './io.ts';
import { loadInput } from './load-input.ts';
import { type Run, reported } from './reported.ts';
import { textStyle } from './text-style.ts';
import { refuseOptions } from './without-input.ts';

export const SHOW_FORMATS = ['table', 'json', 'yaml'] as const;
const KINDS = {
  node: 'node',
  nodes: 'node',
  no: 'node',
  pod: 'pod',
  pods: 'pod',
  po: 'pod',
  service: 'service',
  services: 'service',
  svc: 'service',
} as const;

type Kind = (typeof KINDS)[keyof typeof KINDS];

export async function showCommand(what: readonly string[], flags: ShowFlags, io: Io): Promise<number> {
  if (what[0] === 'topology') return showTopology(what.slice(1), flags, io);
  return reported(flags, { names: SHOW_FORMATS, usual: 'table' }, io, (run) => showTo(run, what, flags, io));
}

/**
 * The file of the built-in cluster, to begin with one's own. No input is read: in `show topology > topology.yaml` the shell has made an
 * empty one by now.
 */
function showTopology([extra]: readonly string[], flags: ShowFlags, io: Io): number {
  refuseOptions('show topology', flags);
  if (flags.rules === true) throw new UsageError('--rules is about a node', 'k8s-trace show node NAME --rules');
  if (extra !== undefined) throw new UsageError(`${extra}: one word too many`, 'k8s-trace show topology > topology.yaml');
  io.stdout.write(BUILT_IN);
  return 0;
}

type ShowFormat = (typeof SHOW_FORMATS)[number];

async function showTo({ named, emit }: Run<ShowFormat>, what: readonly string[], flags: ShowFlags, io: Io): Promise<number> {
  const style = textStyle(flags, io, io.stdout);
  const wanted = readWhat(what);
  if (flags.rules === true && (wanted.of !== 'one' || wanted.kind !== 'node'))
    throw new UsageError('--rules is about a node: pods have no rules of their own', 'k8s-trace show node NAME --rules');
  const { network, namespace } = await loadInput(flags, io, 'allowed', named);
  const view = viewOf(network, wanted, flags, namespace);
  await emit(({ format, file }) => {
    const painted = { ...style, color: style.color && file === null };
    const supposed = whatIfOf(network.cluster);
    if (format === 'table')
      return (
        whatIfHead(supposed.whatIf, painted) +
        (wanted.of === 'facts' && view.kind === 'Cluster'
          ? factsText(view, painted)
          : showText(flags.verbose === true ? view : briefly(view), painted))
      );
    const document = { schemaVersion: 1, ...view, ...supposed };
    return format === 'json' ? `${jsonText(document)}\n` : yamlText(document);
  });
  return 0;
}

/** One thing, all of a kind, everything, or what is known about the cluster. */
type Wanted =
  | { readonly of: 'one'; readonly kind: Kind; readonly name: string }
  | { readonly of: 'list'; readonly kind: Kind }
  | { readonly of: 'all' | 'facts' };

function viewOf(network: Network, wanted: Wanted, flags: ShowFlags, namespace: string): View {
  if (network.cluster.oneMachine !== null) return ofMachine(network, wanted, flags);
  switch (wanted.of) {
    case 'facts':
      return overview(network.cluster);
    case 'all':
      return listed(network, flags);
    case 'list':
      return listOf(wanted.kind, listed(network, flags), flags);
    case 'one': {
      const { kind } = wanted;
      const name = kind === 'node' || wanted.name.includes('/') ? wanted.name : `${namespace}/${wanted.name}`;
      const view = show(network, { kind, name, rules: flags.rules === true });
      if (view === null) throw notThere(network, kind, name, namespace);
      return view;
    }
  }
}

/** Without objects there is a machine, and the cluster that it may be of is not known. */
function ofMachine(network: Network, wanted: Wanted, flags: ShowFlags): View {
  const [own = ''] = network.cluster.nodes.keys();
  const kind = wanted.of === 'one' || wanted.of === 'list' ? wanted.kind : 'node';
  const name = wanted.of === 'one' ? wanted.name : own;
  const view = kind === 'node' ? show(network, { kind, name, rules: flags.rules === true }) : null;
  if (view !== null) return view;
  const what = kind === 'node' ? `there is no node ${name}` : `there are no objects, and so no ${kind}s`;
  throw new UsageError(what, `k8s-trace show node ${own}, with --rules its rules`);
}

/** Everything; with -n, what is in that namespace. */
function listed({ cluster }: Network, { namespace }: ShowFlags): Overview {
  const all = overview(cluster);
  if (namespace === undefined) return all;
  const some = inNamespace(all, namespace);
  if (some.pods.length + some.services.length + some.urls.length > 0) return some;
  const names = [...new Set([...all.pods, ...all.services, ...all.urls].map((o) => o.name.slice(0, o.name.indexOf('/'))))];
  throw new UsageError(
    `there is nothing in namespace ${namespace}`,
    didYouMean(namespace, names) ??
      (names.length === 0 ? null : `namespaces: ${names.slice(0, 10).join(', ')}${names.length > 10 ? ', …' : ''}`),
  );
}

/** An empty list is no answer. */
function listOf(kind: Kind, { nodes, pods, services }: Overview, { namespace }: ShowFlags): ListView {
  const lists = {
    node: { kind: 'Nodes', nodes },
    pod: { kind: 'Pods', pods },
    service: { kind: 'Services', services },
  } as const;
  if ({ node: nodes, pod: pods, service: services }[kind].length > 0) return lists[kind];
  throw new UsageError(`there is no ${kind}${namespace === undefined ? '' : ` in namespace ${namespace}`}`, 'k8s-trace show lists all');
}

/** `node NAME`, `node/NAME`, `nodes`, `cluster`, or nothing for everything. */
function readWhat(what: readonly string[]): Wanted {
  const [first, second, extra] = what;
  if (first === undefined) return { of: 'all' };
  if (first === 'cluster' && second === undefined) return { of: 'facts' };
  const slash = second === undefined ? first.indexOf('/') : -1;
  const kindText = slash === -1 ? first : first.slice(0, slash);
  const name = slash === -1 ? second : first.slice(slash + 1);
  const found = Object.entries(KINDS).find(([k]) => k === kindText);
  if (found === undefined)
    throw new UsageError(
      `show ${kindText}: there is no such kind`,
      didYouMean(kindText, ['node', 'pod', 'service', 'nodes', 'pods', 'services', 'cluster', 'topology']) ??
        'kinds: node, pod, service, cluster, topology',
    );
  if (extra !== undefined) throw new UsageError(`${extra}: one word too many`);
  const kind = found[1];
  if (name !== undefined && name !== '') return { of: 'one', kind, name };
  if (first !== kind && slash === -1) return { of: 'list', kind };
  throw new UsageError(`show ${kindText}: which one?`, 'k8s-trace show lists all');
}

function notThere(network: Network, kind: Kind, name: string, namespace: string): UsageError {
  const { nodes, pods, services } = overview(network.cluster);
  const all = { node: nodes, pod: pods, service: services }[kind].map((o) => o.name);
  const short = all.map((n) => (n.startsWith(`${namespace}/`) ? n.slice(namespace.length + 1) : n));
  const wanted = name.startsWith(`${namespace}/`) ? name.slice(namespace.length + 1) : name;
  return new UsageError(
    `there is no ${kind} ${wanted}`,
    didYouMean(wanted, short) ?? `there are: ${short.slice(0, 10).join(', ')}${short.length > 10 ? ', …' : ''}`,
  );
}
