import type { Renderer } from './renderer.ts';
import { flowText } from './rows.ts';
import { walksOf } from './table.ts';
import { safe } from './text.ts';

/** The form for golden files: what crosses which device, and how it ends. Words may change; this does not. */
export const minimal: Renderer = (trace) => {
  const lines: string[] = [];
  for (const [i, path] of trace.paths.entries())
    for (const { name, walk } of walksOf(path)) {
      lines.push(`path ${i + 1} ${name}`);
      for (const hop of walk.hops)
        if (hop.kind === 'interface')
          lines.push(safe(`${hop.netns} ${hop.device} ${hop.direction} ${flowText(hop.packet.outer ?? hop.packet)}`));
    }
  lines.push([trace.outcome, ...(trace.reason === null ? [] : [trace.reason.code])].join(' '));
  return `${lines.join('\n')}\n`;
};
