import type { Value } from './edit.ts';

/** A value as people write it in YAML on one line. */
export function flowStyle(value: Value): string {
  if (Array.isArray(value)) return `[${value.map(flowStyle).join(', ')}]`;
  if (typeof value === 'string') return PLAIN.test(value) && !MEANS_MORE.test(value) ? value : JSON.stringify(value);
  if (typeof value !== 'object') return String(value);
  const fields = Object.entries(value).map(([name, of]) => `${name}: ${flowStyle(of)}`);
  return fields.length === 0 ? '{}' : `{ ${fields.join(', ')} }`;
}

const PLAIN = /^[A-Za-z0-9][\w./-]*$/;
/** Words and numbers that YAML 1.1 or 1.2 takes for something else than text. A CIDR or a version has more dots than a number. */
const MEANS_MORE = /^([yn]|yes|no|on|off|true|false|null|\d[\d_]*(\.\d*)?(e\d+)?|0[xob][\da-f_]+|\d+-\d+-\d+.*)$/i;
