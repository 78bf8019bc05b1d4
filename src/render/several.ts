import type { TraceDocument } from '../document/trace-schema.ts';
import { type Format, renderers } from './index.ts';
import { paint } from './paint.ts';
import type { RenderOptions } from './renderer.ts';
import { jsonText, safe } from './text.ts';
import { yamlText } from './yaml.ts';

/** Several traces in one format: one document for programs, one below the other with a heading for people. */
export function renderSeveral(format: Format, traces: readonly TraceDocument[], options: RenderOptions): string {
  const document = { schemaVersion: 1, traces };
  switch (format) {
    case 'json':
      return `${jsonText(document)}\n`;
    case 'yaml':
      return yamlText(document);
    case 'minimal':
      return traces.map((trace) => `source ${sourceName(trace)}\n${renderers.minimal(trace, options)}`).join('');
    case 'table':
    case 'trace': {
      const p = paint(options.color);
      const title = (trace: TraceDocument, i: number) => p.strong(`Source ${i + 1} of ${traces.length}: ${sourceName(trace)}`);
      return traces.map((trace, i) => `${title(trace, i)}\n${renderers[format](trace, options)}`).join('\n');
    }
  }
}

const sourceName = ({ source: { namespace, name, container } }: TraceDocument) =>
  safe(`${container === null ? '' : `${container}@`}${namespace === null ? '' : `${namespace}/`}${name}`);
