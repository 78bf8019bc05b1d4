import type { MatrixGroupDocument } from '../document/matrix-schema.ts';
import { isWorkload, nameIn, shortName } from './matrix-names.ts';
import type { MatrixView } from './matrix-view.ts';

/** The answer in a sentence. */
export function headline(view: MatrixView): string {
  const { rows, columns, pairs, blocked } = view;
  const [row] = rows;
  const [column] = columns;
  const rest = blocked.length === 0 ? '' : `; ${blockedText(view)}`;
  if (row === undefined || column === undefined) return view.notAsked.length > 0 ? 'Nothing was asked.' : 'Nobody is there to ask.';
  if (columns.length === 1)
    return rows.length === 1
      ? `${nameIn(column.group, null)} is ${pairs.connected === 0 ? 'not ' : ''}reached from ${nameIn(row, null)}${rest}.`
      : `${nameIn(column.group, null)} is reached from ${reaching(view)} of ${pairs.all} groups${rest}.`;
  if (rows.length === 1) return `${nameIn(row, null)} reaches ${reaching(view)} of ${pairs.all} groups${rest}.`;
  const own = new Set(rows.map((r) => r.id));
  const same = columns.every((c) => own.has(c.group.id));
  const who = same ? counted(rows) : `${counted(rows)} to ${counted(columns.map((c) => c.group))}`;
  return `${who}: ${reaching(view)} of ${pairs.all} pairs connect${rest}.`;
}

const reaching = ({ pairs }: MatrixView): string => (pairs.connected === 0 ? 'none' : String(pairs.connected));

const MOST_CODES = 3;

/** The codes that stop most, and for how many pairs. */
function blockedText({ blocked }: MatrixView): string {
  const open = blocked.find(([code]) => code === 'undetermined');
  const codes = blocked.filter(([code]) => code !== 'undetermined');
  const words = codes.slice(0, MOST_CODES).map(([code, pairs]) => `${code} ${pairs}`);
  const more = codes.length > MOST_CODES ? `, and ${codes.length - MOST_CODES} more codes` : '';
  const stopped = codes.length === 0 ? [] : [`stopped in whole or in part: ${words.join(', ')}${more}`];
  return [...(open === undefined ? [] : [`${open[1]} undetermined`]), ...stopped].join('; ');
}

function counted(groups: readonly MatrixGroupDocument[]): string {
  const workloads = groups.filter(isWorkload).length;
  const services = groups.filter((g) => g.kind === 'Service').length;
  const nodes = groups.filter((g) => g.kind === 'Node' && g.namespace === null).reduce((sum, g) => sum + g.members.length, 0);
  const networks = groups.filter((g) => g.kind === 'Network');
  const words = [
    ...(workloads === 0 ? [] : [plural(workloads, 'workload')]),
    ...(services === 0 ? [] : [plural(services, 'service')]),
    ...(nodes === 0 ? [] : [plural(nodes, 'node')]),
    ...(networks.length === 0
      ? []
      : [networks.length === 1 ? shortName(networks[0] ?? unknown) : `${networks.length} parts of the internet`]),
  ];
  return words.length < 2 ? words.join('') : `${words.slice(0, -1).join(', ')} and ${words.at(-1)}`;
}

const unknown: MatrixGroupDocument = { id: '', kind: 'Network', namespace: null, name: 'the internet', members: [] };

const plural = (n: number, word: string): string => `${n} ${word}${n === 1 ? '' : 's'}`;

/** What is to be known beside the table. */
export function notesOf(
  view: MatrixView,
  { verbose, missing }: { readonly verbose: boolean; readonly missing: readonly string[] },
): readonly string[] {
  const { asked, notAsked, assumed, columns } = view;
  const isOpen = view.blocked.some(([code]) => code === 'undetermined');
  const networks = columns.map((c) => c.group).filter((g) => g.kind === 'Network' && (g.cidrs?.length ?? 0) > 1);
  return [
    ...networks.map((g) => `${shortName(g)}: ${some(g.cidrs ?? [], verbose)}, what of it is outside of the cluster.`),
    ...(assumed.some === 0
      ? []
      : [
          assumed.some === assumed.all
            ? 'All of it hangs on something that the input does not state, as on what pods listen on (assumed in -o json).'
            : `${assumed.some} of ${assumed.all} connections hang on something that the input does not state (assumed in -o json).`,
        ]),
    ...(notAsked.length === 0
      ? []
      : [
          isNarrowed(asked)
            ? `Not asked, since they have nothing of what is asked (ports, protocol, IP family): ${some(notAsked, verbose)}.`
            : `Not asked, since they state no port and are called on none: ${some(notAsked, verbose)}; -p asks a port of everybody.`,
        ]),
    ...(asked.blocked || (view.pairs.connected === view.pairs.all && !isOpen)
      ? []
      : [
          `--blocked tells what does not connect, and which code stops it${isOpen ? '; and what is undetermined: that may connect or not' : ''}.`,
        ]),
    ...(isOpen && missing.length > 0
      ? [`Who enforces policies is not stated, and what is undetermined may hang on it: ${missing.join(' or ')} says it.`]
      : []),
  ];
}

/** Something of what they state may not have been asked. A cluster of one IP family alone cannot be told from one that is asked about in one. */
const isNarrowed = ({ ports, protocol, families }: MatrixView['asked']): boolean =>
  ports !== null || protocol !== null || (families.length === 1 && families[0] === 'IPv6');

const MOST = 6;

const some = (names: readonly string[], all: boolean): string =>
  all || names.length <= MOST ? names.join(', ') : `${names.slice(0, MOST - 1).join(', ')} and ${names.length - MOST + 1} more (-v)`;
