import type { LabDocument, LabFlowDocument, LabWalkDocument } from '../document/lab-schema.ts';
import { type Paint, paint } from './paint.ts';
import { borderless } from './plain-table.ts';
import { hanging, safe, wrap } from './text.ts';

interface Options {
  readonly color: boolean;
  readonly width: number;
  /** The crossings of what agrees, too. */
  readonly verbose: boolean;
}

/** A line for each flow; where model and kernel differ, both side by side; and how many agree. */
export function labText(document: LabDocument, options: Options): string {
  const p = paint(options.color);
  const named = document.flows.map((flow) => ({ flow, name: nameOf(flow, document.flows) }));
  const half = Math.floor(options.width / 2);
  const room = Math.max(...named.map((n) => n.name.length).filter((length) => length <= half), 0);
  const blocks = named.map(({ flow, name }) => [...flowLines(flow, name, room, p, options), ...comparison(flow, p, options)]);
  return `${[...blocks.flat(), ...summary(document, p, options)].join('\n')}\n`;
}

const MARKS = { agrees: 'agrees  ', differs: 'differs ', unsent: 'not sent' } as const;
const markOf = ({ agrees }: LabFlowDocument) => (agrees === null ? 'unsent' : agrees ? 'agrees' : 'differs');

/** A headless service is one flow for each of its addresses. */
function nameOf(flow: LabFlowDocument, all: readonly LabFlowDocument[]): string {
  const several = all.some(
    (f) => f !== flow && f.source === flow.source && f.destination === flow.destination && f.address !== flow.address,
  );
  const address = several && flow.address !== null ? ` at ${flow.address}` : '';
  const name = flow.name === null ? '' : ` (${flow.name})`;
  return safe(`${flow.source} -> ${flow.destination}${flow.protocol === 'icmp' ? ' (ping)' : ''}${address}${name}`);
}

function flowLines(flow: LabFlowDocument, name: string, room: number, p: Paint, { width }: Options): readonly string[] {
  const mark = markOf(flow);
  const color = { agrees: p.good, differs: p.bad, unsent: p.doubtful }[mark];
  const lead = `${MARKS[mark]}  `;
  const fits = name.length <= room;
  const [first = '', ...rest] = fits
    ? hanging(`${lead}${name.padEnd(room)}  `, story(flow), width)
    : [...hanging(lead, name, width), ...hanging(' '.repeat(lead.length), story(flow), width)];
  return [p.strong(color(MARKS[mark])) + first.slice(MARKS[mark].length), ...rest];
}

/** The result of a flow, in a few words. */
function story(flow: LabFlowDocument): string {
  const { outcome, code } = flow.taken ?? flow;
  const verdict = [outcome, ...(code === null ? [] : [code])].join(' ');
  const whole = outcome === flow.outcome ? '' : ` (in all ${flow.outcome})`;
  const expected = flow.asExpected !== false ? '' : `; the file expects ${safe(flow.expected ?? '')}`;
  if (flow.agrees === null) return `${verdict}; ${safe(flow.note ?? '')}${expected}`;
  const path = flow.paths > 1 && flow.path !== null ? ` by path ${flow.path + 1} of ${flow.paths}${whole}` : '';
  if (!flow.agrees) return `the trace says ${verdict}${path}${path === '' ? '' : ', the one most like it'}${expected}`;
  const crossed = (walk: LabWalkDocument['walk']) => flow.walks.find((w) => w.walk === walk)?.kernel.length ?? 0;
  const out = crossed('forward');
  return `${verdict}${path}; ${out} crossing${out === 1 ? '' : 's'} out, ${crossed('reply')} back; client: ${flow.client.kernel}${expected}`;
}

const TITLES: Readonly<Record<LabWalkDocument['walk'], string>> = {
  forward: 'Request',
  reply: 'What comes back',
  ack: "Handshake's third packet",
  data: 'Data packet',
};

function comparison(flow: LabFlowDocument, p: Paint, options: Options): readonly string[] {
  const shown = flow.walks.filter((w) => !w.agrees || options.verbose);
  const { model, kernel, agrees } = flow.client;
  const client = agrees === false ? hanging('  ', `The client sees ${model} by the trace, and saw ${kernel}.`, options.width) : [];
  const tables = shown.flatMap((w) => [
    ...hanging('  ', `${TITLES[w.walk]}: ${likeness(w)}`, options.width).map((l) => p.strong(l)),
    ...(w.model.length + w.kernel.length === 0 ? [] : [sideBySide(w, p, options)]),
  ]);
  return shown.length === 0 && client.length === 0 ? [] : [...tables, ...client.map((l) => p.bad(l)), ''];
}

function likeness(walk: LabWalkDocument): string {
  const at = firstDifference(walk);
  if (at === -1) return walk.model.length === 0 ? 'on no device' : 'the same on all devices';
  return at === 0 ? 'differs from the start' : `the same up to crossing ${at}`;
}

type Crossing = LabWalkDocument['model'][number];

function firstDifference({ model, kernel, agrees }: LabWalkDocument): number {
  if (agrees) return -1;
  const same = (a: Crossing | undefined, b: Crossing | undefined) =>
    a?.netns === b?.netns && a?.device === b?.device && a?.direction === b?.direction && a?.header === b?.header;
  const at = model.findIndex((c, i) => !same(c, kernel[i]));
  return at === -1 ? model.length : at;
}

const HEAD = ['', 'MODEL', 'KERNEL'];
const MARK_WIDTH = 4;
/** Two spaces after each of three columns. */
const GAPS = 6;
const NOTHING = '(nothing)';

/** Both in two columns: `=` while they are the same, `!=` at the first difference, behind which like cannot be told from unlike. */
function sideBySide(walk: LabWalkDocument, p: Paint, { width }: Options): string {
  const at = firstDifference(walk);
  const sides = [walk.model, walk.kernel];
  const where = Math.max(...sides.flat().map((c) => whereOf(c).length));
  const columns = columnWidths(
    sides.map((side) => Math.max(...side.map((c) => oneLine(c, where).length), NOTHING.length)),
    width - MARK_WIDTH - GAPS,
  );
  const fits = (c: Crossing | null, side: number) => c === null || oneLine(c, where).length <= (columns[side] ?? 0);
  const grid = Array.from({ length: Math.max(...sides.map((s) => s.length)) }, (_, i): readonly string[] => {
    const cells = sides.map((side) => side[i] ?? null);
    const beside = cells.every(fits);
    const color = i === at ? p.bad : (text: string) => text;
    const mark = at === -1 || i < at ? '   =' : i === at ? '  !=' : '';
    const lines = cells.map((c, side) => {
      if (c === null) return i === sides[side]?.length ? [NOTHING] : [''];
      return beside ? [oneLine(c, where)] : belowEachOther(c, columns[side] ?? 0);
    });
    return [[mark], ...lines].map((cell) => cell.map((l) => color(l)).join('\n'));
  });
  return borderless(
    HEAD.map((h) => p.faint(h)),
    [MARK_WIDTH, ...columns],
    grid,
  );
}

/** Half of the room for each side that needs more than that. */
function columnWidths(wanted: readonly number[], room: number): readonly number[] {
  const half = Math.max(Math.floor(room / 2), 8);
  const least = Math.min(...wanted);
  return wanted.map((w) => Math.min(w, least <= half && w > least ? Math.max(room - least, half) : half));
}

const whereOf = ({ netns, device, direction }: Crossing) => safe(`${netns.replace(/^default\//, '')} ${device} ${direction}`);

const oneLine = (crossing: Crossing, where: number) => `${whereOf(crossing).padEnd(where)}  ${safe(crossing.header)}`;

/** Device, and below it the header. */
const belowEachOther = (crossing: Crossing, column: number): readonly string[] => [
  ...wrap(whereOf(crossing), column),
  ...wrap(safe(crossing.header), column - 2).map((l) => `  ${l}`),
];

/** How many agree, and how they end. */
function summary({ flows, kernel, agrees, unexpected }: LabDocument, p: Paint, { width }: Options): readonly string[] {
  const sent = flows.filter((f) => f.agrees !== null);
  const differing = sent.filter((f) => f.agrees === false).length;
  const system = `Linux ${safe(kernel)}`;
  const unsent = flows.length === sent.length ? '' : ` ${flows.length - sent.length} could not be sent.`;
  if (agrees === null) return wrap('Nothing was sent, so there is nothing that a kernel could confirm.', width).map((l) => p.doubtful(l));
  if (differing > 0) {
    const what = flows.length === 1 ? 'The trace differs' : `${differing} of ${sent.length} flows differ`;
    // The kernel is right: CONTRIBUTING.md.
    const advice = 'The kernel is right: please report this, with the topology.';
    return wrap(`${what} from ${system}.${unsent} ${advice}`, width).map((l) => p.bad(l));
  }
  if (flows.length === 1) return [`The trace agrees with ${system}.`];
  const outcomes = [...new Set(sent.map((f) => f.outcome))].map((o) => `${o} ${sent.filter((f) => f.outcome === o).length}`);
  const otherwise = unexpected === 0 ? '' : ` ${unexpected} of ${flows.length} are not as the file expects.`;
  return wrap(`${sent.length} of ${sent.length} flows agree with ${system}: ${outcomes.join(', ')}.${unsent}${otherwise}`, width);
}
