import { didYouMean } from '../../source/suggest.ts';
import { isClusterWide } from '../kubernetes/objects.ts';
import { FlagError } from '../load-options.ts';
import { isOwnKind, KIND_WORDS, kindOfWord, kindsNamed } from './kind-words.ts';

/** A thing that is to be gone. */
export interface Target {
  /** As objects have it. */
  readonly kind: string;
  /** Null: things of this kind are in none. */
  readonly namespace: string | null;
  readonly name: string;
}

const EXAMPLE = 'as networkpolicy/shop/deny-all, node/node-2 or svc/web';

/** `KIND/NAME`, `KIND/NAMESPACE/NAME` or `NAMESPACE/KIND/NAME`, several with commas. */
export function readTargets(texts: readonly string[], namespace: string): readonly Target[] {
  const words = texts.flatMap((t) => t.split(',')).map((t) => t.trim());
  return words.map((word) => readTarget(word, namespace));
}

function readTarget(text: string, namespace: string): Target {
  const wrong = (message: string, hint: string | null) => new FlagError(`--without ${text}: ${message}`, hint);
  const parts = text.split('/');
  const [first = '', second = '', third] = parts;
  if (parts.length < 2 || parts.length > 3 || parts.some((p) => p === ''))
    throw wrong('expected KIND/NAME or KIND/NAMESPACE/NAME', EXAMPLE);
  const inFront = kindOfWord(first);
  const isTurned = inFront === null && third !== undefined && kindOfWord(second) !== null;
  const kind = isTurned ? kindOfWord(second) : inFront;
  if (kind === null)
    throw wrong(
      `${first} is no kind of object that is read`,
      didYouMean(first, KIND_WORDS) ?? 'kinds: pod, svc, node, networkpolicy, deploy, ingress, namespace, …',
    );
  if (isInNone(kind)) {
    if (third !== undefined) throw wrong(`a ${kind} is in no namespace`, `${(isTurned ? second : first).toLowerCase()}/${third}`);
    return { kind, namespace: null, name: second };
  }
  if (third === undefined) return { kind, namespace, name: second };
  return { kind, namespace: isTurned ? first : second, name: third };
}

const isInNone = (kind: string): boolean => isOwnKind(kind) || kindsNamed(kind).every(isClusterWide);

export const nameOfTarget = ({ kind, namespace, name }: Target): string => `${kind}/${namespace === null ? '' : `${namespace}/`}${name}`;

/** Says that there is no such thing, and which there are. `there`: names of its kind, as nameOfTarget has them. */
export function notThere(target: Target, there: readonly string[]): FlagError {
  const { kind, namespace, name } = target;
  const wanted = nameOfTarget(target);
  const shown = (full: string) => full.slice(full.indexOf('/') + 1);
  const elsewhere = there.find((full) => full !== wanted && full.endsWith(`/${name}`));
  const where = namespace === null || namespace === 'default' ? '' : ` in namespace ${namespace}`;
  const word = kind.toLowerCase();
  const near = elsewhere === undefined ? didYouMean(shown(wanted), there.map(shown)) : `did you mean ${word}/${shown(elsewhere)}?`;
  const some = there.slice(0, 10).map(shown).join(', ');
  const list = there.length === 0 ? `there is no ${kind} at all in the input` : `there are: ${some}${there.length > 10 ? ', …' : ''}`;
  return new FlagError(`--without ${word}/${shown(wanted)}: there is no ${kind} ${name}${where}`, near ?? list);
}
