import { networkWith } from '../compile/with-found.ts';
import { ON_THE_WAY_BACK, type Reason } from '../diagnose/reason.ts';
import type { Fix, Instead } from '../diagnose/remedy.ts';
import type { Network } from '../k8s/compiled-network.ts';
import type { Node } from '../k8s/node.ts';
import type { Request } from '../query/question.ts';
import { placeOf } from '../source/origin.ts';
import { longer } from '../source/sentence.ts';
import { resolveQuestion } from './resolve-question.ts';
import { type Trace, trace } from './trace.ts';

/**
 * Advice is tried before it is given: each fix that a program can apply is applied, and the same is asked again. What is in the way then is
 * said: of the first fix of a trace as what else blocks it, of the others in their own words.
 */
export function tried(network: Network, request: Request, traces: readonly Trace[]): readonly Trace[] {
  return traces.map((found) => (found.reason === null ? found : triedIn(network, request, found)));
}

/** In large clusters a trace has more kinds of failures than anybody reads. */
const MOST_REASONS = 5;

function triedIn(network: Network, request: Request, found: Trace): Trace {
  const { reason } = found;
  if (reason === null) return found;
  const asked = { network, request, family: found.question.family };
  const { reasons: then, fixes } = next(asked, reason);
  const alsoBlockedBy = [...found.alsoBlockedBy, ...unsaid(then, [reason, ...found.alsoBlockedBy])];
  const said = [...alsoBlockedBy, ...found.paths.flatMap((p) => p.reason ?? [])];
  const known = new Map<string, readonly Fix[]>(fixes === null ? [] : [[reason.message.text, fixes]]);
  const withWords = <R extends Reason>(r: R): R => {
    const text = r.message.text;
    if (!known.has(text) && known.size < MOST_REASONS)
      known.set(
        text,
        r.fix.map((fix) => withLeft(asked, better(asked, r, fix), [r, ...said])),
      );
    return { ...r, fix: known.get(text) ?? r.fix };
  };
  return {
    ...found,
    alsoBlockedBy,
    reason: withWords(reason),
    paths: found.paths.map((p) => (p.reason === null ? p : { ...p, reason: withWords(p.reason) })),
  };
}

/** A question, and the network that it is asked of. */
interface Asked {
  readonly network: Network;
  readonly request: Request;
  readonly family: Trace['question']['family'];
}

/** What is in the way when more and more is mended. */
interface Next {
  readonly reasons: readonly Reason[];
  /** All that is to be changed on machines whose state was found, in place of the first reason's fixes. Null: these are not of that kind. */
  readonly fixes: readonly Fix[] | null;
}

/** A reason's first fix that can be tried, and what it leaves, as often as that can be mended in turn. */
function next(asked: Asked, reason: Reason): Next {
  const found: Reason[] = [];
  const fixes: Fix[] = [];
  const met = new Set<string>();
  let [now, why]: [Asked, Reason | undefined] = [asked, reason];
  while (why !== undefined && met.size < MOST_REASONS) {
    const first: Fix | undefined = why.fix.find((f) => f.remedy.kind !== 'advice' || f.onFound !== undefined);
    const fix: Fix | undefined = first === undefined ? undefined : better(now, why, first, why !== reason);
    const after: Asked | null = fix === undefined ? null : applied(now, fix);
    if (fix === undefined || after === null) break;
    met.add(nameOf(why));
    const still = failing(after);
    const left: readonly Reason[] = still.filter((r) => !met.has(nameOf(r)));
    found.push(...unsaid(left, [reason, ...found]));
    const name = nameOf(why);
    const told: Fix = still.some((r) => nameOf(r) === name) ? { ...fix, words: longer(fix.words, MENDS_NOTHING) } : fix;
    if (fix.onFound !== undefined && why === reason) fixes.push(...reason.fix.map((f) => (f === first ? told : f)));
    else if (fix.onFound !== undefined && fixes.length > 0) fixes.push(afterwards(why, told));
    [now, why] = [after, left[0]];
  }
  return { reasons: found, fixes: fixes.length === 0 ? null : fixes };
}

const MENDS_NOTHING = '; on what was found, that alone changes nothing';

const afterwards = ({ code, message, locus }: Reason, { words, ...fix }: Fix): Fix => ({
  ...fix,
  words: { ...words, text: `and then, because of ${code} (${locus === null ? message.text : placeOf(locus)}): ${words.text}` },
});

/** A change of what was found that does not mend enough gives way to one that mends more, or opens less. */
function better(asked: Asked, reason: Reason, fix: Fix, isFurther = false): Fix {
  const { otherwise, isWide = false } = fix.onFound ?? {};
  if (otherwise === undefined) return fix;
  const left = leftBy(asked, fix);
  if (isEnough(left) && !(isFurther && isWide)) return fix;
  const less = leftBy(asked, otherwise);
  if (isEnough(left)) return isEnough(less) ? otherwise : fix;
  const names = new Set(left.map(nameOf));
  const isOther = less.length < left.length || less.some((r) => !names.has(nameOf(r)));
  return (isWide || isOther) && less.every((r) => nameOf(r) !== nameOf(reason)) ? otherwise : fix;
}

/** One rule may stop request and answer. */
const nameOf = ({ walk, message }: Reason): string => `${walk}: ${message.text}`;

/** What is not known is no fault. */
const isEnough = (left: readonly Reason[]): boolean => left.every(({ code }) => code === 'FACT_MISSING');

function leftBy(asked: Asked, fix: Fix): readonly Reason[] {
  const after = applied(asked, fix);
  return after === null ? [] : failing(after);
}

function withLeft(asked: Asked, fix: Fix, said: readonly Reason[]): Fix {
  const after = applied(asked, fix);
  if (after === null) return fix;
  const left = unsaid(failing(after), said).map((r) => r.message.text);
  return left.length === 0 ? fix : { ...fix, words: longer(fix.words, `; what is in the way then: ${left.join('; ')}`) };
}

/** The question after a fix; null where a program cannot apply it. */
function applied({ network, request, family }: Asked, { remedy, onFound }: Fix): Asked | null {
  if (remedy.kind === 'advice' && onFound !== undefined) {
    const edited = ({ name, found }: Node) => (name === onFound.node && found !== null ? onFound.edit(found) : found);
    return { network: networkWith(network, edited), request, family };
  }
  switch (remedy.kind) {
    case 'advice':
      return null;
    case 'ask':
      return { network, request: askedInstead(request, remedy.instead), family };
    case 'edit': {
      const edited = network.edited?.(remedy.edits) ?? null;
      return edited === null ? null : { network: edited, request: askedInstead(request, remedy.instead ?? {}), family };
    }
  }
}

/** A destination that is named whole says its port itself. */
function askedInstead(request: Request, { destination, headers, ...more }: Instead): Request {
  const { port, protocol, ...rest } = request;
  const ends = destination === undefined ? request : { ...rest, destination };
  return { ...ends, ...more, ...(headers === undefined ? {} : { headers: { ...request.headers, ...headers } }) };
}

/** Why the paths fail. What leaves for the world outside may arrive there. */
function failing({ network, request, family }: Asked): readonly Reason[] {
  const resolved = resolveQuestion(network, request);
  const questions = resolved.ok ? resolved.value : [];
  const own = questions.filter((q) => q.family === family);
  return (own.length > 0 ? own : questions)
    .flatMap((question) => trace(network, question).paths.flatMap((p) => p.reason ?? []))
    .filter((r) => r.code !== 'LEAVES_INPUT');
}

/** Each once. What an answer would meet was looked for before. */
function unsaid(reasons: readonly Reason[], said: readonly Reason[]): readonly Reason[] {
  const texts = new Set(said.map((s) => s.message.text.replace(ON_THE_WAY_BACK, '')));
  return reasons.filter(({ message: { text } }) => !texts.has(text) && texts.add(text) !== undefined);
}
