import type { Fact } from './data.ts';

const LAST = 65535;

/** The ports of all of these in few words: `80, 443`, `53/udp`, `all tcp`, `all ports`. */
export function portText(facts: readonly Fact[]): string {
  const protocols = [...new Set(facts.map(({ protocol }) => protocol))];
  const texts = protocols.map((protocol) =>
    ofProtocol(
      protocol,
      facts.filter((fact) => fact.protocol === protocol),
    ),
  );
  const whole = texts.filter((text) => /^all (tcp|udp|sctp)$/.test(text));
  return whole.length < 3 ? texts.join(', ') : ['all ports', ...texts.filter((text) => !whole.includes(text))].join(', ');
}

function ofProtocol(protocol: string, facts: readonly Fact[]): string {
  const ranges = joined(facts.flatMap(({ ports }) => ports.map(rangeOf)));
  const [first] = ranges;
  if (first === undefined) return protocol;
  if (first[0] <= 1 && first[1] === LAST) return `all ${protocol}`;
  return ranges.map(([from, to]) => (from === to ? `${from}` : `${from}-${to}`)).join(', ') + (protocol === 'tcp' ? '' : `/${protocol}`);
}

type Range = readonly [first: number, last: number];

/** `80`, `8000-8080` */
export function rangeOf(text: string): Range {
  const [first = '', last = first] = text.split('-');
  return [Number(first), Number(last)];
}

/** Ascending, and what touches is one. */
function joined(ranges: readonly Range[]): readonly Range[] {
  const all: Range[] = [];
  for (const [first, last] of [...ranges].sort(([a], [b]) => a - b)) {
    const before = all.at(-1);
    if (before !== undefined && first <= before[1] + 1) all[all.length - 1] = [before[0], Math.max(before[1], last)];
    else all.push([first, last]);
  }
  return all;
}
