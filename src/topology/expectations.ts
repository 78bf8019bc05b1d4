import type { Expectation, Selection } from '../k8s/expectation.ts';
import type { Path } from '../origin.ts';
import type { Report } from './report.ts';
import type { ExpectationForm } from './schema-expectations.ts';

/** The expectations of one document. What their names stand for is found when they are checked. */
export function readExpectations(report: Report, forms: readonly ExpectationForm[]): readonly Expectation[] {
  return forms.map((form, i) => {
    const path: Path = ['expect', i];
    const object = form.name === undefined ? `expectation ${i + 1}` : `expectation ${form.name}`;
    const reasons = listOf(form.reason);
    const usual = reasons.length === 0 ? (['delivered'] as const) : [];
    return {
      name: form.name ?? null,
      from: readSelection(report, form.from, [...path, 'from'], object),
      to: readSelection(report, form.to, [...path, 'to'], object),
      port: form.port ?? null,
      protocol: form.protocol ?? null,
      outcomes: form.outcome === undefined ? usual : listOf(form.outcome),
      reasons,
      via: listOf(form.via),
      notVia: listOf(form.notVia),
      at: listOf(form.at),
      source: form.source ?? null,
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

function readSelection(report: Report, form: ExpectationForm['from'], path: Path, object: string): Selection {
  const locus = report.locus(path, object);
  const plain = { labels: null, namespace: null, except: [], locus };
  if (typeof form === 'string') return { ...plain, names: [form] };
  if (Array.isArray(form)) return { ...plain, names: form };
  const { names, workload, namespace, except } = form;
  if ((names === undefined) === (workload === undefined))
    report.error(path, 'bad-value', 'expected names or workload, and not both', 'names: ["*"] is every pod');
  if (names !== undefined && namespace !== undefined)
    report.error([...path, 'namespace'], 'bad-value', 'names say their namespace themselves, as shop/pod-a', 'leave namespace out');
  return {
    names: names ?? [],
    labels: workload === undefined ? null : new Map(Object.entries(workload)),
    namespace: namespace ?? null,
    except,
    locus,
  };
}
