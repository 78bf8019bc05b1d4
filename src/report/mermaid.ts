import type { CheckResult } from '../document/check-schema.ts';
import { crossingText } from '../render/rows.ts';
import { safe } from '../render/text.ts';
import { waysOf } from './way.ts';

/** More than this is no picture any more. */
const MOST_PLACES = 30;
const WIDEST = 3;

/** The way of the request as a flow chart: the places that it passes, with the header between them, and how it ends. */
export function mermaidOf(result: CheckResult): readonly string[] {
  const [forward] = waysOf(result);
  const stays: { netns: string; devices: string[]; header: string }[] = [];
  for (const hop of forward?.hops ?? []) {
    if (hop.kind !== 'interface') continue;
    const last = stays.at(-1);
    const device = hop.device ?? '';
    if (last?.netns === hop.netns) last.devices.push(device);
    else stays.push({ netns: hop.netns, devices: [device], header: crossingText(hop) });
  }
  if (stays.length === 0 || stays.length > MOST_PLACES) return [];
  const places = stays.map(
    ({ netns, devices }, i) => `  n${i}["${quoted(netns.replace(/^default\//, ''))}<br/>${quoted(devices.join(' '))}"]`,
  );
  const links = stays.slice(1).map(({ header }, i) => `  n${i} -->|"${quoted(header)}"| n${i + 1}`);
  const { reason } = result;
  const atEnd = reason === null || reason.walk === forward?.walk;
  const end = reason === null ? 'delivered' : `${result.trace?.paths[result.path]?.outcome ?? ''} ${reason.code}`;
  return [
    // From left to right a long way is shrunk until it cannot be read.
    `flowchart ${stays.length > WIDEST ? 'TD' : 'LR'}`,
    ...places,
    ...links,
    `  end_["${quoted(atEnd ? end : `${end} (${reason.walk})`)}"]`,
    `  n${stays.length - 1} ${atEnd ? '-->' : '-.->'} end_`,
    `  style end_ stroke:${reason === null ? '#1a7f37' : '#cf222e'},stroke-width:2px`,
  ];
}

/** Within quotes Mermaid knows entities, by number, without the ampersand. */
const quoted = (text: string): string => safe(text).replace(/[^\w .:/>-]/gu, (c) => `#${c.codePointAt(0)};`);
