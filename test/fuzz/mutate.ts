import { parseAllDocuments, stringify } from 'yaml';
import { type Cluster, loadNetwork } from '../../src/index.ts';
import { changed, MILD, WILD } from './changes.ts';
import { mutatedText } from './edits.ts';
import { hostileDocument } from './hostile.ts';
import type { Random } from './random.ts';

/** The documents of a text; null when it has faults already. */
function valuesOf(text: string): unknown[] | null {
  try {
    const documents = parseAllDocuments(text, { merge: true, logLevel: 'silent' });
    if (!Array.isArray(documents) || documents.some((d) => d.errors.length > 0)) return null;
    // Without aliases, of which one may stand inside of what it stands for.
    return JSON.parse(JSON.stringify(documents.map((d) => d.toJS())));
  } catch {
    return null;
  }
}

function writtenValues(values: readonly unknown[], r: Random): string {
  if (values.length === 1 && !r.oneIn(3)) return JSON.stringify(values[0], null, r.below(3)) ?? '';
  return values.map((value) => stringify(value, { logLevel: 'silent' })).join('---\n');
}

/** A text whose values were changed: well-formed, whatever it says. */
function wildlyMutated(text: string, r: Random): string {
  const values = valuesOf(text);
  if (values === null) return mutatedText(text, r);
  for (let left = 1 + r.below(3); left > 0; left--) changed(values, WILD, r);
  return writtenValues(values, r);
}

/** Changes of which those are kept that leave what loads. */
function mildlyMutated(text: string, r: Random): Drawn {
  const original = valuesOf(text);
  if (original === null) return unread(mutatedText(text, r));
  let values: unknown[] = original;
  let cluster: Cluster | null = null;
  for (let tries = 1 + r.below(3); tries > 0; tries--) {
    const candidate: unknown[] = structuredClone(values);
    changed(candidate, MILD, r);
    const made = clusterOf(candidate.map((value) => JSON.stringify(value)));
    if (made === null) continue;
    values = candidate;
    cluster = made;
  }
  return { text: writtenValues(values, r), cluster };
}

function clusterOf(texts: readonly string[]): Cluster | null {
  const loaded = loadNetwork(texts.map((text, i) => ({ name: `${i}`, bytes: new TextEncoder().encode(text) })));
  return loaded.ok ? loaded.value.cluster : null;
}

const known = new Map<string, Cluster | null>();

function asItIs(text: string): Drawn {
  const cluster = known.get(text) ?? clusterOf([text]);
  known.set(text, cluster);
  return { text, cluster };
}

/** A text, and the cluster that it describes where that is known. */
interface Drawn {
  readonly text: string;
  readonly cluster: Cluster | null;
}

/** A cut may go through a pair of surrogates, of which no file can have one half. */
const unread = (text: string): Drawn => ({
  text: new TextDecoder('utf-8', { ignoreBOM: true }).decode(new TextEncoder().encode(text)),
  cluster: null,
});

/** Texts that load, and texts that do not. */
export interface Corpus {
  readonly good: readonly string[];
  readonly bad: readonly string[];
}

/** The text of a file: as it is, with edits, with other values, or one that was made to be hard to read. */
export function drawnText({ good, bad }: Corpus, r: Random): Drawn {
  const text = r.some(r.oneIn(12) ? bad : good) ?? '';
  switch (r.below(12)) {
    case 0:
      return unread(hostileDocument(r));
    case 1:
      return unread(mutatedText(text, r));
    case 2:
      return unread(wildlyMutated(text, r));
    case 3:
    case 4:
    case 5:
      return asItIs(text);
    default:
      return mildlyMutated(text, r);
  }
}
