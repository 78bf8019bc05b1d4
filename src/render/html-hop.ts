import type { HopDocument, PathDocument } from '../document/trace-schema.ts';
import { piecesOf } from './commands.ts';
import { type Markup, markup } from './markup.ts';
import { decidingWalk, type Leg, type Step } from './picture.ts';
import { arrows } from './picture-shown.ts';
import { detailsOf, flowText, isRefusal } from './rows.ts';
import { type Note, place } from './verdict.ts';

/** So many rules of a hop are listed; a service with a thousand endpoints has more. */
const MOST_RULES = 60;

/** A hop: what happens, and on a click what it hangs on. */
export function hopMarkup(step: Step, walk: Leg['walk'], path: PathDocument, notes: readonly Note[], id: string): Markup {
  const { hop, headline, header, isQuiet } = step;
  const decides = decidingWalk(path) === walk && path.reason?.hop === hop.index;
  const classes = [
    'hop',
    ...(isQuiet && !decides ? ['quiet'] : []),
    ...(isRefusal(hop) || decides ? ['refusal'] : []),
    ...(hop.packet.outer === null ? [] : ['carried']),
  ];
  const device =
    hop.device === null || SAYS_DEVICE.some((kind) => kind === hop.kind) ? markup`` : markup`<code class="device">${hop.device}</code> `;
  const doubt = hop.evidence === 'assumed' ? markup` <span class="tag doubt">assumed</span>` : markup``;
  const about = step.about === null ? markup`` : markup` <span class="tag change">${step.about}</span>`;
  const fix = decides ? fixMarkup(notes) : markup``;
  return markup`<li class="${classes.join(' ')}" id="${id}-${walk}-${hop.index}"><details><summary><span class="n">${hop.index}</span><span class="line"><span class="step">${step.step}</span> ${device}${headline}${about}${doubt}${headerMarkup(header, hop)}</span></summary><div class="evidence">${fix}${evidence(step)}</div></details></li>`;
}

/** Their texts name the device. */
const SAYS_DEVICE: readonly HopDocument['kind'][] = ['socket', 'interface', 'bridge'];

function headerMarkup(header: string | null, hop: HopDocument): Markup {
  if (header === null) return markup``;
  const marked = hop.changes.length > 0 || hop.kind === 'encap';
  const lead = hop.packet.outer !== null && hop.kind === 'interface' ? 'in a tunnel: ' : '';
  return markup`<code class="header${marked ? ' change' : ' faint'}">${marked ? markup`<span class="hidden">header changes: </span>` : ''}${lead}${arrows(header)}</code>`;
}

function fixMarkup(notes: readonly Note[]): Markup {
  const parts = notes.map(
    ({ title, text, commands }) => markup`<p>${title === '' ? '' : markup`<b>${title}</b> `}${withCode(text, commands)}</p>`,
  );
  return markup`<div class="fix">${parts}</div>`;
}

const EVIDENCE = {
  declared: 'stated at',
  inferred: 'derived from',
  assumed: 'assumed; see',
} as const;

function evidence(step: Step): Markup {
  const { hop, text, headline } = step;
  const { packet, source } = hop;
  const where =
    source === null
      ? null
      : markup`${EVIDENCE[hop.evidence]} <code class="source">${place(source)}</code> <span class="faint">${source.object}</span>`;
  const byItself = hop.evidence === 'assumed' ? 'assumed: the input does not say' : 'what Linux or Kubernetes does by itself';
  const lines = detailsOf(hop, true);
  const shown = lines.slice(0, MOST_RULES);
  const rest = lines.length - shown.length;
  const rules = markup`<ul class="rules">${shown.map(ruleMarkup)}${rest > 0 ? markup`<li>and ${rest} more, which the data has</li>` : ''}</ul>`;
  const rows: readonly (readonly [string, Markup | null])[] = [
    ['What', text === headline ? null : markup`${text}`],
    ['From', where ?? markup`${byItself}`],
    ['Where', markup`<code>${hop.netns}${hop.device === null ? '' : ` ${hop.device}`}</code>`],
    ['Packet', markup`<code>${packetText(packet)}</code>`],
    ['Carried by', packet.outer === null ? null : markup`<code>${outerText(packet.outer)}</code>`],
    ['Mark', hop.mark === 0 ? null : markup`<code>0x${hop.mark.toString(16)}</code>`],
    ['Rules', lines.length === 0 ? null : rules],
  ];
  return markup`<dl>${rows.map(([title, value]) => (value === null ? '' : markup`<div><dt>${title}</dt><dd>${value}</dd></div>`))}</dl>`;
}

/** `+`: it matched, or a step of a look-up; `-`: it was looked at and did not fit. */
const ruleMarkup = (line: string): Markup => {
  const missed = line.startsWith('- ');
  const text = line.replace(/^[+-] /, '');
  return markup`<li class="${missed ? 'missed' : 'matched'}"><span class="hidden">${missed ? 'did not match: ' : 'matched: '}</span><code>${text}</code></li>`;
};

function packetText(packet: HopDocument['packet']): string {
  const { protocol, tcpFlags, ttl, size, icmp } = packet;
  const what = tcpFlags ?? (icmp === null ? '' : [icmp.type, ...(icmp.code === null ? [] : [icmp.code])].join(' '));
  return `${[protocol, what].filter((word) => word !== '').join(' ')} ${arrows(flowText(packet))}, ttl ${ttl}, ${size} bytes`;
}

function outerText({
  protocol,
  source,
  destination,
  destinationPort,
  ttl,
  size,
  vni,
}: NonNullable<HopDocument['packet']['outer']>): string {
  const flow = flowText({ source, sourcePort: null, destination, destinationPort });
  return `${protocol} ${arrows(flow)}, ttl ${ttl}, ${size} bytes${vni === null ? '' : `, VNI ${vni}`}`;
}

/** A text with its commands as code. */
export const withCode = (text: string, commands: readonly string[]): Markup =>
  markup`${piecesOf(text, commands).map((piece, i) => markup`${i === 0 ? '' : ' '}${piece.isCommand ? markup`<code>${piece.text}</code>` : piece.text}`)}`;
