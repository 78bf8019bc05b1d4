import type { Scalar } from 'yaml';
import { AmbiguousScalar } from './document.ts';

const YAML11_BOOLEAN: Readonly<Record<string, boolean>> = { y: true, yes: true, on: true, n: false, no: false, off: false };

/** Plain scalars whose meaning hangs on the YAML version. Source: yaml.org/type/{bool,int}.html against YAML 1.2's core schema. */
function readAs11(text: string): { readonly value: unknown } | null {
  const boolean = /^(y|n|yes|no|on|off|Y|N|Yes|No|On|Off|YES|NO|ON|OFF)$/.test(text);
  if (boolean) return { value: YAML11_BOOLEAN[text.toLowerCase()] };
  if (/^[-+]?0[0-7_]+$/.test(text)) return { value: Number.parseInt(text.replace(/[_+]/g, ''), 8) };
  if (/^[-+]?0[0-9]+$/.test(text)) return { value: text };
  if (/^0o[0-7]+$/.test(text)) return { value: text };
  if (/^[-+]?0b[01_]+$/.test(text)) return { value: Number.parseInt(text.replace(/^[-+]?0b|_/g, ''), 2) };
  if (/^[-+]?[1-9][0-9_]*(:[0-5]?[0-9])+$/.test(text)) return { value: sexagesimal(text) };
  if (/^[-+]?[1-9][0-9]*(_[0-9]+)+$/.test(text)) return { value: Number(text.replaceAll('_', '')) };
  return null;
}

const sexagesimal = (text: string) => text.split(':').reduce((sum, part) => sum * 60 + Number(part), 0);

/** A scalar as a key: what kubectl makes of it, too, with numbers as texts. One without bounds has no other text than its own. */
export function keyOf({ value, source }: Scalar): string {
  if (value === null) return '';
  return typeof value === 'number' && !Number.isFinite(value) ? (source ?? '') : String(value);
}

/** The value of a scalar; a mark in place of an ambiguous one. */
export function scalarValue(node: Scalar): unknown {
  if (node.type !== 'PLAIN' || node.source === undefined || node.tag !== undefined) return node.value;
  const other = readAs11(node.source);
  return other === null ? node.value : new AmbiguousScalar(node.source, other.value);
}
