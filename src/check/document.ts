import type { CheckDocument, CheckResult } from '../check-document.ts';
import { locate, reasonDocument, toDocument } from '../document.ts';
import type { Expectation } from '../k8s/expectation.ts';
import type { Locus } from '../origin.ts';
import type { Checked } from './check.ts';

/** What was checked, as the JSON has it: all reports are made of this. */
export function checkDocument(checked: readonly Checked[], undetermined: CheckDocument['undetermined']): CheckDocument {
  const count = (status: CheckResult['status']) => checked.filter((c) => c.judgement.status === status).length;
  return {
    schemaVersion: 1,
    undetermined,
    summary: { checks: checked.length, hold: count('holds'), fail: count('fails'), undetermined: count('undetermined') },
    results: checked.map(resultOf),
  };
}

function resultOf({ pair, judgement, trace, outcome, code }: Checked): CheckResult {
  const { expectation, request } = pair;
  const reason = trace?.paths[judgement.path]?.reason ?? null;
  const from = request.source;
  const to = request.port === undefined ? request.destination : `${request.destination}:${request.port}`;
  return {
    name: expectation.name ?? `${from} -> ${to}`,
    from,
    to,
    severity: expectation.severity,
    status: judgement.status,
    expected: expectedText(expectation),
    got: code === null ? outcome : `${outcome} ${code}`,
    mismatches: [...judgement.mismatches],
    path: judgement.path,
    reason: reason === null ? null : reasonDocument(reason),
    source: placeOf(expectation.locus),
    decided: reason === null ? null : locate(reason.locus),
    trace: trace === null ? null : toDocument(trace),
  };
}

function placeOf(locus: Locus): CheckResult['source'] {
  const place = locate(locus);
  if (place === null) throw new Error('an expectation stands somewhere');
  return place;
}

function expectedText({ outcomes, reasons, via, notVia, at, source, paths }: Expectation): string {
  const parts = [
    ...(outcomes.length === 0 ? [] : [outcomes.join(' or ')]),
    ...(reasons.length === 0 ? [] : [reasons.join(' or ')]),
    ...via.map((name) => `via ${name}`),
    ...notVia.map((name) => `not via ${name}`),
    ...(at.length === 0 ? [] : [`at ${at.join(' or ')}`]),
    ...(source === null ? [] : [`from ${source}`]),
  ];
  return `${parts.join(', ')}${paths === 'some' ? ' on some path' : ''}`;
}
