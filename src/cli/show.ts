import { BUILT_IN, didYouMean, jsonText, type Network, show, showText, yamlText } from '../index.ts';
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
  if (flags.rules === true && wanted?.kind !== 'node')
    throw new UsageError('--rules is about a node: pods have no rules of their own', 'k8s-trace show node NAME --rules');
  const input = await loadInput(flags, io, 'allowed', named);
  const { namespace } = input;
  const name = wanted === null ? '' : wanted.kind === 'node' || wanted.name.includes('/') ? wanted.name : `${namespace}/${wanted.name}`;
  const view = show(input.network, wanted === null ? null : { kind: wanted.kind, name, rules: flags.rules === true });
  if (view === null) throw notThere(input.network, wanted?.kind ?? 'node', name, namespace);
  await emit(({ format, file }) => {
    if (format === 'table') return showText(view, { ...style, color: style.color && file === null });
    const document = { schemaVersion: 1, ...view };
    return format === 'json' ? `${jsonText(document)}\n` : yamlText(document);
  });
  return 0;
}

/** `node NAME`, `node/NAME`, or nothing for an overview. */
function readWhat(what: readonly string[]): { readonly kind: Kind; readonly name: string } | null {
  const [first, second, extra] = what;
  if (first === undefined || (first === 'cluster' && second === undefined)) return null;
  const slash = second === undefined ? first.indexOf('/') : -1;
  const kindText = slash === -1 ? first : first.slice(0, slash);
  const name = slash === -1 ? second : first.slice(slash + 1);
  const found = Object.entries(KINDS).find(([k]) => k === kindText);
  if (found === undefined)
    throw new UsageError(
      `show ${kindText}: there is no such kind`,
      didYouMean(kindText, ['node', 'pod', 'service', 'cluster', 'topology']) ?? 'kinds: node, pod, service, cluster, topology',
    );
  if (extra !== undefined) throw new UsageError(`${extra}: one word too many`);
  if (name === undefined || name === '') throw new UsageError(`show ${kindText}: which one?`, 'k8s-trace show lists all');
  return { kind: found[1], name };
}

function notThere(network: Network, kind: Kind, name: string, namespace: string): UsageError {
  const overview = show(network, null);
  if (overview?.kind !== 'Cluster') return new UsageError(`there is no ${kind} ${name}`);
  const all = { node: overview.nodes, pod: overview.pods, service: overview.services }[kind].map((o) => o.name);
  const short = all.map((n) => (n.startsWith(`${namespace}/`) ? n.slice(namespace.length + 1) : n));
  const wanted = name.startsWith(`${namespace}/`) ? name.slice(namespace.length + 1) : name;
  return new UsageError(
    `there is no ${kind} ${wanted}`,
    didYouMean(wanted, short) ?? `there are: ${short.slice(0, 10).join(', ')}${short.length > 10 ? ', …' : ''}`,
  );
}
