import type { CauseDocument, ChangeDocument, DiffDocument, PlaceDocument } from '../../document/diff-schema.ts';
import type { Cause, Fact } from '../../page/grid/data.ts';
import { safe, safeLines } from '../text.ts';
import { whatIfTail } from '../what-if.ts';
import { collect, type GroupDocument, type Said } from './collect.ts';
import { counted, named } from './counted.ts';
import { gridPage } from './page.ts';

/** `diff -o html`. `meanings`: of each code, in one sentence. */
export function diffHtml(diff: DiffDocument, meanings: Readonly<Record<string, string>>): string {
  const data = collect('diff', groupsOf(diff), said(diff.changes), meanings);
  return gridPage(data, 'What changes', leadOf(diff) + whatIfTail(diff.whatIf), notesOf(diff));
}

const KINDS = ['gained', 'lost', 'changed'] as const;

function leadOf({ changes, same }: DiffDocument): string {
  if (same) return 'Nothing that was compared differs';
  const parts = KINDS.map((kind) => `${changes.filter((change) => change.kind === kind).length} ${kind}`);
  return `${counted(changes.length, 'change')} of connections: ${parts.join(', ')}`;
}

function notesOf({ groups, withoutEffect, notCompared }: DiffDocument): readonly string[] {
  const notes: readonly (readonly [text: string, names: readonly string[]])[] = [
    ['New', groups.added.map(({ id }) => id)],
    ['Gone', groups.removed.map(({ id }) => id)],
    ['Without effect on any connection', withoutEffect.map(({ object, change }) => `${object} ${change}`)],
  ];
  const left =
    notCompared === 0
      ? []
      : [`${counted(notCompared, 'connection')} end as before, and were not followed to see whether they go the same way.`];
  return [...notes.flatMap(([text, names]) => (names.length === 0 ? [] : [`${text}: ${named(names)}`])), ...left];
}

/** Ends of changes, by their ids; what is new or gone is described. */
function groupsOf({ groups, changes }: DiffDocument): readonly GroupDocument[] {
  const described = new Map([...groups.added, ...groups.removed].map((group) => [group.id, group]));
  const ids = new Set(changes.flatMap(({ from, to }) => [from, to]));
  return [...ids].sort(byNamespace).map((id) => described.get(id) ?? groupOf(id));
}

const byNamespace = (a: string, b: string) => {
  const [one, other] = [groupOf(a), groupOf(b)].map(({ namespace, kind, name }) => `${namespace ?? ''} ${name} ${kind}`);
  return (one ?? '') < (other ?? '') ? -1 : 1;
};

/** `Deployment/shop/web`, `Node/nodes`, `Network/203.0.113.0/24`; of an expectation, a name as it is written there. */
function groupOf(id: string): GroupDocument {
  const [kind = '', ...rest] = id.split('/');
  const plain = { id, namespace: null, members: [] };
  if (kind === 'Network' || kind === 'Node') return { ...plain, kind, name: rest.join('/'), ...(kind === 'Network' ? { cidrs: [] } : {}) };
  const [namespace, ...name] = rest;
  return namespace === undefined || name.length === 0 || kind !== capital(kind)
    ? { ...plain, kind: '', name: id }
    : { ...plain, kind, namespace, name: name.join('/') };
}

const capital = (word: string) => word.charAt(0).toUpperCase() + word.slice(1);

/** All of one pair of ends after each other. */
function* said(changes: readonly ChangeDocument[]): Generator<Said> {
  const pairs = new Map<string, ChangeDocument[]>();
  for (const change of changes) {
    const key = JSON.stringify([change.from, change.to]);
    const known = pairs.get(key);
    if (known === undefined) pairs.set(key, [change]);
    else known.push(change);
  }
  for (const each of pairs.values()) {
    for (const change of each) {
      const fact = factOf(change);
      yield { from: change.from, to: change.to, key: JSON.stringify(fact), fact };
    }
  }
}

function factOf({ kind, family, protocol, ports, before, after, what, causes }: ChangeDocument): Fact {
  const codes = new Set([before?.code ?? null, after?.code ?? null].filter((code) => code !== null));
  return {
    mark: kind,
    families: [family],
    protocol,
    ports,
    says: safe(what),
    codes: [...codes],
    share: 1,
    assumed: false,
    causes: causes.map(causeOf),
  };
}

const causeOf = ({ object, change, before, after }: CauseDocument): Cause => ({
  object: safe(object),
  says: change,
  before: placeOf(before),
  after: placeOf(after),
});

const placeOf = (place: PlaceDocument | null): Cause['before'] =>
  place === null ? null : { at: safe(`${place.file}:${place.line}`), text: safeLines(place.text) };
