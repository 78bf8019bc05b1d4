import type { FoundState, FoundText } from '../datapath/found-state.ts';
import type { FoundLine } from './found-line.ts';

/** The tables that nft is given: some are left out, because iptables-save or another text has them. */
export function foundNft({ nft, texts }: FoundState, form: 'text' | 'json'): readonly FoundLine[] {
  if (nft === null) return [];
  const taken = new Set(nft.map((t) => `${t.family} ${t.name}`));
  return texts.flatMap((t) => {
    if (t.program !== 'nft' || isJson(t) !== (form === 'json')) return [];
    const isLoaded = (family: string, name: string) => taken.has(`${family} ${name}`) && t.tables.includes(`${family} ${name}`);
    return form === 'json' ? jsonLines(t, isLoaded) : textLines(t, isLoaded);
  });
}

type IsLoaded = (family: string, name: string) => boolean;

const isJson = ({ lines }: FoundText) =>
  lines
    .find((l) => l.trim() !== '')
    ?.trimStart()
    .startsWith('{') === true;

const TABLE = /^table (\w+) (\S+) \{/;

/** A table ends at the brace that stands where it began. */
function textLines({ document, lines }: FoundText, isLoaded: IsLoaded): readonly FoundLine[] {
  let within = false;
  return lines.flatMap((text, i) => {
    const [, family, name] = TABLE.exec(text) ?? [];
    if (family !== undefined && name !== undefined) within = isLoaded(family, name.replace(/^"|"$/g, ''));
    const line: readonly FoundLine[] = within ? [{ text, locus: { document, path: [i], object: '' } }] : [];
    if (/^\}/.test(text)) within = false;
    return line;
  });
}

/** nft reads what it lists as commands to add it. It is one line, of which what is not loaded is left out. */
function jsonLines({ document, lines }: FoundText, isLoaded: IsLoaded): readonly FoundLine[] {
  const whole: unknown = JSON.parse(lines.join('\n'));
  if (!isObject(whole) || !Array.isArray(whole['nftables'])) return [];
  const objects: readonly unknown[] = whole['nftables'];
  const kept = objects.filter((o) => {
    const [kind, own] = isObject(o) ? (Object.entries(o)[0] ?? []) : [];
    if (!isObject(own)) return false;
    const table = kind === 'table' ? own['name'] : own['table'];
    return typeof own['family'] === 'string' && typeof table === 'string' && isLoaded(own['family'], table);
  });
  if (kept.length === 0) return [];
  return [{ text: JSON.stringify({ nftables: kept }), locus: { document, path: [0], object: '' } }];
}

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> => typeof value === 'object' && value !== null;
