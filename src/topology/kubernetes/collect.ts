import { type Diagnostic, diagnosticAt } from '../../source/diagnostic.ts';
import { type Locus, placeOf, type SourceDocument, wholeDocument } from '../../source/origin.ts';
import { diagnose } from '../schema/messages.ts';
import { TextPool } from '../syntax/own-texts.ts';
import { KINDS, type Kind, kindRead, POLICY_KINDS } from './kinds.ts';
import type { LogLine as LogRead } from './logs.ts';
import { type KubeObject, type LogLine, type Objects, objectName } from './objects.ts';
import type { Item as ItemRead, ListRead } from './reading.ts';

/** An object of the input before the schema of its kind has seen it. */
export type Item = Pick<ItemRead, 'kind' | 'apiVersion' | 'data' | 'document' | 'kindInferred'>;

/** What a reader of files hands on. */
export interface Sink {
  add(item: Item): void;
  list(list: Pick<ListRead, 'apiVersion' | 'kind' | 'isPart'>): void;
  unseen(kinds: readonly Kind[]): void;
  log(file: string, line: LogRead): void;
  other(kind: string, file: string): void;
}

/** Gathers the objects of an input, each once, whatever the files and shapes that they come in. */
export class Collector implements Sink {
  readonly #objects = new Map<Kind, Map<string, KubeObject>>();
  readonly #listed = new Set<Kind>();
  readonly #unseen = new Set<Kind>();
  readonly #others = new Map<string, number>();
  readonly #logs: LogLine[] = [];
  readonly #found: Diagnostic[];
  /** Objects that do not say their kind, by the kind that they are read as: the first one, and how many. */
  readonly #inferred = new Map<Kind, { readonly locus: Locus; count: number }>();
  readonly #pool = new TextPool();

  constructor(found: Diagnostic[]) {
    this.#found = found;
  }

  /** The input lists this kind, perhaps without an item. */
  list({ apiVersion, kind, isPart }: Pick<ListRead, 'apiVersion' | 'kind' | 'isPart'>): void {
    const read = kindRead(apiVersion, kind);
    if (read === null) return;
    this.#listed.add(read);
    if (isPart) this.#unseen.add(read);
  }

  /** Whatever is shown of these kinds is not all. */
  unseen(kinds: readonly Kind[]): void {
    for (const kind of kinds) this.#unseen.add(kind);
  }

  /** A line of a container's log, of a file that has logs between its objects. */
  log(file: string, { pod, namespace, line, text }: LogRead): void {
    const document: SourceDocument = {
      file,
      index: 0,
      lax: true,
      position: () => ({ line, column: 1 }),
      line: (n) => (n === line ? text : ''),
    };
    this.#logs.push({ pod: `${namespace}/${pod}`, text, locus: wholeDocument(document, `Pod/${namespace}/${pod}`) });
  }

  /** An object of a kind that nobody reads. */
  other(kind: string): void {
    this.#others.set(kind, (this.#others.get(kind) ?? 0) + 1);
  }

  get isEmpty(): boolean {
    return this.#objects.size === 0 && this.#listed.size === 0;
  }

  add({ kind: name, apiVersion, data, document, kindInferred }: Item): void {
    const kind = kindRead(apiVersion, name);
    if (kind === null) {
      if (name === '')
        this.#found.push(diagnosticAt(document, [], { code: 'no-kind', message: 'this object does not say of which kind it is' }));
      else this.other(name);
      return;
    }
    this.#listed.add(kind);
    const parsed = KINDS[kind].schema().safeParse(data);
    if (!parsed.success) {
      const [first] = diagnose({ source: document, data }, parsed.error.issues);
      if (first !== undefined) this.#found.push(first);
      return;
    }
    // Before the name: a part of a text keeps all of it alive.
    const own = this.#pool.own(parsed.data);
    const locus = wholeDocument(document, objectName(kind, own.metadata));
    if (kindInferred) this.#infer(kind, locus);
    this.#settle({ kind, apiVersion, data: own, locus });
  }

  #infer(kind: Kind, locus: Locus): void {
    const known = this.#inferred.get(kind);
    if (known === undefined) this.#inferred.set(kind, { locus, count: 1 });
    else known.count++;
  }

  /** The objects, once all of the input is there. */
  objects(): Objects {
    for (const [kind, { locus, count }] of this.#inferred) this.#found.push(kindInferred(kind, locus, count));
    const byKind = Object.fromEntries([...this.#objects].map(([kind, all]) => [kind, [...all.values()]]));
    const listed = new Set([...this.#listed].filter((kind) => !this.#unseen.has(kind)));
    return { byKind, listed, unseen: this.#unseen, others: this.#others, logs: this.#logs };
  }

  /** The same object twice, as in bundles that hold all pods in a folder a namespace: the newer. */
  #settle(object: KubeObject): void {
    const all = this.#objects.get(object.kind) ?? new Map<string, KubeObject>();
    this.#objects.set(object.kind, all);
    const { locus, kind } = object;
    const key = locus.object;
    const earlier = all.get(key);
    if (earlier === undefined) {
      all.set(key, object);
      return;
    }
    const [uid, other] = [object.data.metadata.uid, earlier.data.metadata.uid];
    const newer = versionOf(object) > versionOf(earlier) ? object : earlier;
    if (uid == null && other == null && isAnother(object, earlier)) this.#found.push(twice(object, earlier));
    else if (uid === other) all.set(key, newer);
    else if (kind === 'Node' || kind === 'Namespace' || kind === 'Service')
      this.#report(
        'two-clusters',
        object,
        `a second ${key} with another uid, so that two clusters are mixed here; the first one is at ${placeOf(earlier.locus)}`,
      );
    else {
      all.set(key, newer);
      if (kind === 'Pod' && uid !== undefined && other !== undefined)
        this.#found.push(madeAnew(newer, newer === object ? earlier : object));
    }
  }

  #report(code: 'two-clusters', { locus }: KubeObject, message: string): void {
    this.#found.push(diagnosticAt(locus.document, ['metadata', 'uid'], { code, message, hint: 'trace one cluster at a time' }));
  }
}

function kindInferred(kind: Kind, { document, object }: Locus, count: number): Diagnostic {
  const more = count === 1 ? '' : `, and ${count - 1} more are`;
  return diagnosticAt(document, [], {
    code: 'kind-inferred',
    severity: 'note',
    message: `${object} does not say of which kind it is: by its shape, or the name of its file, it is read as one${more}`,
    hint: `with it, it is sure: apiVersion and kind: ${kind}`,
  });
}

/** Of two manifests of one name the last one that is applied counts, and nobody knows which one that is. */
const isAnother = (object: KubeObject, earlier: KubeObject): boolean =>
  POLICY_KINDS.some((kind) => kind === object.kind) && JSON.stringify(object.data) !== JSON.stringify(earlier.data);

const twice = ({ locus }: KubeObject, earlier: KubeObject): Diagnostic =>
  diagnosticAt(locus.document, ['metadata', 'name'], {
    code: 'duplicate-name',
    message: `a second ${locus.object} that says something else; the first one is at ${placeOf(earlier.locus)}`,
    hint: 'in a cluster the one that is applied last takes the place of the other',
  });

function madeAnew(taken: KubeObject, left: KubeObject): Diagnostic {
  const { locus } = taken;
  const isKnown = versionOf(taken) > versionOf(left);
  return diagnosticAt(locus.document, ['metadata', 'uid'], {
    code: 'pod-made-anew',
    severity: 'note',
    message: `${locus.object} is here twice, with two uids: it was deleted and made anew while the objects were gathered; ${isKnown ? 'the newer one' : 'the first one'} is taken, and not that of ${placeOf(left.locus)}`,
    hint: 'get the objects again, at one time',
  });
}

/** `resourceVersion` counts up; text that is no number is older than any. */
function versionOf({ data }: KubeObject): bigint {
  const text = data.metadata.resourceVersion ?? '';
  return /^\d{1,40}$/.test(text) ? BigInt(text) : -1n;
}
