import type { Expectation, NameAt, Selection } from '../../k8s/expectation.ts';
import type { Path } from '../../source/origin.ts';
import type { ExpectationInput } from '../schema/expectations.ts';
import type { Report } from './report.ts';

/** The expectations of one document. What their names stand for is found when they are checked. */
export function readExpectations(report: Report, forms: readonly ExpectationInput[]): readonly Expectation[] {
  return forms.map((form, i) => {
    const path: Path = ['expect', i];
    const object = form.name === undefined ? `expectation ${i + 1}` : `expectation ${form.name}`;
    const reasons = listOf(form.reason);
    const named = (field: 'via' | 'notVia' | 'at' | 'source') => namesAt(report, form[field], [...path, field], object);
    const usual = reasons.length === 0 ? (['delivered'] as const) : [];
    return {
      name: form.name ?? null,
      from: readSelection(report, form.from, [...path, 'from'], object),
      to: readSelection(report, form.to, [...path, 'to'], object),
      port: form.port ?? null,
      protocol: form.protocol ?? null,
      outcomes: form.outcome === undefined ? usual : listOf(form.outcome),
      reasons,
      via: named('via'),
      notVia: named('notVia'),
      at: named('at'),
      source: named('source')[0] ?? null,
      paths: form.paths,
      severity: form.severity,
      locus: report.locus(path, object),
    };
  });
}

function listOf<T>(value: T | readonly T[] | undefined): readonly T[] {
  if (value === undefined) return [];
  return Array.isArray(value) ? value : [value as T];
}

/** One name stands at its field, several each at its place in the list. */
function namesAt(report: Report, form: string | readonly string[] | undefined, path: Path, object: string): readonly NameAt[] {
  if (typeof form === 'string') return [{ text: form, locus: report.locus(path, object) }];
  return (form ?? []).map((text, i) => ({ text, locus: report.locus([...path, i], object) }));
}

function readSelection(report: Report, form: ExpectationInput['from'], path: Path, object: string): Selection {
  const locus = report.locus(path, object);
  const plain = { labels: null, namespace: null, except: [], locus };
  if (typeof form === 'string' || Array.isArray(form)) return { ...plain, names: namesAt(report, form, path, object) };
  const { names, workload, namespace, except } = form;
  if ((names === undefined) === (workload === undefined))
    report.error(path, 'bad-value', 'expected names or workload, and not both', 'names: ["*"] is every pod');
  if (names !== undefined && namespace !== undefined)
    report.error([...path, 'namespace'], 'bad-value', 'names say their namespace themselves, as shop/pod-a', 'leave namespace out');
  return {
    names: namesAt(report, names, [...path, 'names'], object),
    labels: workload === undefined ? null : new Map(Object.entries(workload)),
    namespace: namespace ?? null,
    except: namesAt(report, except, [...path, 'except'], object),
    locus: workload === undefined ? locus : report.locus([...path, 'workload'], object),
  };
}
