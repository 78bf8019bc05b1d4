import type { Overview } from '../show/cluster.ts';
import type { FactView, SourceView } from '../show/facts.ts';
import { type Paint, paint } from './paint.ts';
import { section } from './section.ts';
import { nodes, urls } from './show-lists.ts';
import { wrap } from './text.ts';

/** What is known about a cluster and how, then its nodes, and how much else there is. */
export function factsText(view: Overview, { color, width }: { readonly color: boolean; readonly width: number }): string {
  const p = paint(color);
  const blocks = [facts(view, p, width), nodes(view.nodes, p, width), wrap(counts(view), width).join('\n'), ...urls(view, p, width)];
  return `${blocks.join('\n\n')}\n`;
}

const facts = (view: Overview, p: Paint, width: number): string =>
  section(
    p,
    'Facts',
    ['FACT', 'VALUE', 'CONFIDENCE', 'FROM'],
    together(view.facts).map((f) => [nameOf(f), valuesOf(f), f[0].confidence, fromOf(f)]),
    width,
  );

/** Facts that are told alike. */
type Alike = readonly [FactView, ...FactView[]];

/** What each node says of itself, in the same field, is one line. */
function together(all: readonly FactView[]): readonly Alike[] {
  const groups = new Map<string, Alike>();
  for (const fact of all) {
    const { node, source, confidence, text } = fact;
    const told = source === null ? null : [kindOf(source), source.field];
    const group = JSON.stringify(node === null ? [fact.fact] : [fact.fact, confidence, text, told]);
    const before = groups.get(group);
    groups.set(group, before === undefined || fact.node === null ? [fact] : [...before, fact]);
  }
  return [...groups.values()];
}

const nameOf = ([first, ...others]: Alike) =>
  first.node === null ? first.fact : `${first.fact} (${others.length === 0 ? first.node : `${others.length + 1} nodes`})`;

/** More values than this are in the list of nodes, or in the JSON. */
const MOST = 3;

function valuesOf(alike: Alike): string {
  const values = [...new Set(alike.map(valueText))];
  return values.length <= MOST ? values.join(', ') : `${values.slice(0, MOST).join(', ')}, …`;
}

function valueText({ fact, value }: FactView): string {
  if (value === null) return '-';
  if (typeof value !== 'object') return String(value);
  // No ranges here are no limits: all addresses of a node answer.
  return value.length === 0 ? (fact === 'kubeProxy.nodePortAddresses' ? 'all' : 'none') : value.join(', ');
}

/** The field or the log that says it; else why it is taken for that, and what would tell. */
function fromOf([first, ...others]: Alike): string {
  const { source, text, command, flag } = first;
  if (command !== null) return `${text}; ask: ${command}${flag === null ? '' : `; state: ${flag}`}`;
  if (source === null) return text;
  if (source.field === null) return `${source.object}: ${text}`;
  return others.length === 0 ? `${source.object} ${source.field}` : `each ${kindOf(source)}'s ${source.field}`;
}

const kindOf = ({ object }: SourceView) => object.split('/')[0] ?? object;

function counts({ pods, services }: Overview): string {
  const count = (n: number, one: string) => `${n} ${one}${n === 1 ? '' : 's'}`;
  return `${count(pods.length, 'pod')}, ${count(services.length, 'service')}: k8s-trace show pods, show services`;
}
