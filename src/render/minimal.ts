import type { FamilyDocument, PathDocument, TraceDocument } from '../document/trace-schema.ts';
import type { Renderer } from './renderer.ts';
import { crossingText } from './rows.ts';
import { walksOf } from './table.ts';
import { safe } from './text.ts';

const ending = ({ outcome, reason }: PathDocument | FamilyDocument | TraceDocument) =>
  [outcome, ...(reason === null ? [] : [reason.code])].join(' ');

/** The form for golden files: each crossing of a device, and how it ends. Words may change; this does not. */
export const minimal: Renderer = (trace) => {
  const [first, ...others] = trace.families ?? [];
  const lines =
    first === undefined
      ? pathLines(trace.paths)
      : [...familyLines(first), ...others.flatMap((f) => [`family ${f.family}`, ...familyLines(f)])];
  return `${[...lines, ending(trace)].join('\n')}\n`;
};

const familyLines = (family: FamilyDocument): readonly string[] => [...pathLines(family.paths), ending(family)];

function pathLines(paths: readonly PathDocument[]): readonly string[] {
  const lines: string[] = [];
  const differ = new Set(paths.map(ending)).size > 1;
  for (const [i, path] of paths.entries()) {
    for (const { name, walk } of walksOf(path)) {
      lines.push(`path ${i + 1} ${name}`);
      for (const hop of walk.hops)
        if (hop.kind === 'interface') lines.push(safe(`${hop.netns} ${hop.device} ${hop.direction} ${crossingText(hop)}`));
    }
    if (differ) lines.push(`path ${i + 1} ${ending(path)} ${Number(path.probability.toFixed(6))}`);
  }
  return lines;
}
