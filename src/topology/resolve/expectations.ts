import type { Expectation, NameAt, Selection } from '../../k8s/expectation.ts';
import type { ExpectationInput } from '../schema/expectations.ts';
import type { Cursor } from './cursor.ts';

/** The expectations of one document. What their names stand for is found when they are checked. */
export function readExpectations(root: Cursor, inputs: readonly ExpectationInput[]): readonly Expectation[] {
  return inputs.map((input, i) => {
    const here = root.at('expect', i).of(input.name === undefined ? `expectation ${i + 1}` : `expectation ${input.name}`);
    const reasons = listOf(input.reason);
    const named = (field: 'via' | 'notVia' | 'at' | 'source') => namesAt(here.at(field), input[field]);
    const usual = reasons.length === 0 ? (['delivered'] as const) : [];
    return {
      name: input.name ?? null,
      from: readSelection(here.at('from'), input.from),
      to: readSelection(here.at('to'), input.to),
      port: input.port ?? null,
      protocol: input.protocol ?? null,
      family: input.family ?? null,
      outcomes: input.outcome === undefined ? usual : listOf(input.outcome),
      reasons,
      via: named('via'),
      notVia: named('notVia'),
      at: named('at'),
      source: named('source')[0] ?? null,
      paths: input.paths ?? 'every',
      redirects: input.redirects ?? 'follow',
      severity: input.severity ?? 'error',
      locus: here.locus,
    };
  });
}

function listOf<T>(value: T | readonly T[] | undefined): readonly T[] {
  if (value === undefined) return [];
  return Array.isArray(value) ? value : [value as T];
}

/** One name stands at its field, several each at its place in the list. */
function namesAt(here: Cursor, input: string | readonly string[] | undefined): readonly NameAt[] {
  if (typeof input === 'string') return [{ text: input, locus: here.locus }];
  return (input ?? []).map((text, i) => ({ text, locus: here.at(i).locus }));
}

function readSelection(here: Cursor, input: ExpectationInput['from']): Selection {
  const plain = { labels: null, namespace: null, except: [], locus: here.locus };
  if (typeof input === 'string' || Array.isArray(input)) return { ...plain, names: namesAt(here, input) };
  const { names, workload, namespace, except } = input;
  if ((names === undefined) === (workload === undefined))
    here.error('bad-value', 'expected names or workload, and not both', 'names: ["*"] is every pod');
  if (names !== undefined && namespace !== undefined)
    here.at('namespace').error('bad-value', 'names say their namespace themselves, as shop/pod-a', 'leave namespace out');
  return {
    names: namesAt(here.at('names'), names),
    labels: workload === undefined ? null : new Map(Object.entries(workload)),
    namespace: namespace ?? null,
    except: namesAt(here.at('except'), except),
    locus: workload === undefined ? here.locus : here.at('workload').locus,
  };
}
