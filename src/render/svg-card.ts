import { type Markup, markup } from './markup.ts';
import type { End, Step } from './picture.ts';
import { MARKS } from './picture.ts';
import type { Lane } from './picture-lanes.ts';
import { arrows } from './picture-shown.ts';
import { isRefusal } from './rows.ts';
import { round, SMALL, textLines, wrapped } from './svg-text.ts';

/** A drawing with its top at 0. */
export interface Block {
  readonly height: number;
  at(x: number, y: number): Markup;
}

const PAD = 8;
const NUMBER = 24;

/** A stop: its hops below each other, and how the packet ends when it ends here. */
export function cardOf(lane: Lane, steps: readonly Step[], end: End | null, width: number, decides: (step: Step) => boolean): Block {
  const blocks = [...steps.map((step) => stepBlock(step, width, lane, decides(step))), ...(end === null ? [] : [endBlock(end, width)])];
  const height = PAD + blocks.reduce((sum, b) => sum + b.height, 0) + PAD / 2;
  return {
    height,
    at(x, y) {
      let below = y + PAD;
      const parts = blocks.map((block) => {
        const drawn = block.at(x, below);
        below += block.height;
        return drawn;
      });
      return markup`<rect x="${round(x)}" y="${round(y)}" width="${round(width)}" height="${round(height)}" rx="6" class="card"/><rect x="${round(x)}" y="${round(y)}" width="${round(width)}" height="3" rx="1.5" class="on-${lane.kind}"/>\n${parts}`;
    },
  };
}

/** Their texts name the device. */
const SAYS_DEVICE: readonly string[] = ['socket', 'interface', 'bridge', 'underlay'];

function stepBlock(step: Step, width: number, lane: Lane, decides: boolean): Block {
  const { hop, headline, header, about } = step;
  const bad = isRefusal(hop) || decides;
  const room = width - NUMBER - 2 * PAD;
  const label = lane.kind === 'network' ? '' : `${step.step.toUpperCase()} `;
  const device = hop.device === null || SAYS_DEVICE.includes(hop.kind) ? '' : `${hop.device}: `;
  const more = [...(about === null ? [] : [about]), ...(hop.evidence === 'assumed' ? ['assumed'] : [])];
  const lines = wrapped(`${label}${device}${headline}${more.length === 0 ? '' : ` (${more.join(', ')})`}`, room, SMALL);
  const changed = hop.changes.length > 0 || hop.kind === 'encap';
  const under = header === null ? [] : wrapped(arrows(header), room - 6, SMALL);
  const own = lines.length * SMALL.line;
  const height = own + (under.length === 0 ? 0 : under.length * SMALL.line + 4) + 5;
  return {
    height,
    at(x, y) {
      const left = x + PAD + NUMBER;
      const ground = bad
        ? markup`<rect x="${round(x + 4)}" y="${round(y - 2)}" width="${round(width - 8)}" height="${round(height - 1)}" rx="4" class="bad-box"/>`
        : null;
      const carried =
        hop.packet.outer === null
          ? null
          : markup`<rect x="${round(x + 3)}" y="${round(y - 1)}" width="3" height="${round(height - 2)}" class="on-change"/>`;
      const strip =
        under.length === 0 || !changed
          ? null
          : markup`<rect x="${round(left - 3)}" y="${round(y + own + 1)}" width="${round(Math.max(...under.map((l) => l.length)) * SMALL.letter + 8)}" height="${round(under.length * SMALL.line + 1)}" rx="3" class="change-ground"/>`;
      const number = String(hop.index);
      return markup`${ground}${carried}<rect x="${round(x + PAD)}" y="${round(y + 0.5)}" width="20" height="14" rx="${bad ? 2 : 7}" class="${bad ? 'on-bad' : 'number'}"/><text x="${round(x + PAD + 10)}" y="${round(y + 11)}" class="count ${bad ? 'on-bad-ink' : 'faint'}">${number}</text>${textLines(lines, round(left), y, SMALL, 'ink', { letters: label.length, ink: bad ? 'bad' : 'faint' })}${strip}${textLines(under, round(left), y + own + 1, SMALL, changed ? 'change' : 'faint')}`;
    },
  };
}

function endBlock({ mood, words }: End, width: number): Block {
  const lines = wrapped(`${MARKS[mood]} ${words}`, width - 4 * PAD, SMALL);
  const height = lines.length * SMALL.line + 12;
  return {
    height,
    at: (x, y) =>
      markup`<rect x="${round(x + PAD)}" y="${round(y + 1)}" width="${round(width - 2 * PAD)}" height="${round(height - 5)}" rx="4" class="flag-${mood}"/>${textLines(lines, round(x + 2 * PAD), y + 4, SMALL, `${mood} strong`)}`,
  };
}
