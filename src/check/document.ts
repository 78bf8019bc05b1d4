import type { CheckDocument, CheckResult } from '../document/check-schema.ts';
import { locate } from '../document/hop.ts';
import { reasonDocument } from '../document/trace.ts';
import type { Expectation } from '../k8s/expectation.ts';
import { formatEndpoint } from '../net/address.ts';
import { parsePlace } from '../query/place.ts';
import type { Request } from '../query/question.ts';
import { isUrl } from '../query/url.ts';
import type { Locus } from '../source/origin.ts';
import type { Checked } from './check.ts';

/** The results of all checks, as the JSON has them: all reports are made of this. */
export function checkDocument(checked: readonly Checked[], taken: Pick<CheckDocument, 'undetermined' | 'failOn'>): CheckDocument {
  const count = (status: CheckResult['status']) => checked.filter((c) => c.judgement.status === status).length;
  return {
    schemaVersion: 1,
    ...taken,
    summary: {
      expectations: new Set(checked.map((c) => c.pair.expectation)).size,
      checks: checked.length,
      hold: count('holds'),
      fail: count('fails'),
      undetermined: count('undetermined'),
    },
    results: checked.map(resultOf),
  };
}

function resultOf({ pair, judgement, trace, outcome, code, reason, decided }: Checked): CheckResult {
  const { expectation, request, question, families } = pair;
  const from = request.source;
  const to = destinationText(request);
  return {
    name: expectation.name ?? `${from} -> ${to}`,
    from,
    to,
    family: question.family,
    families: [...families],
    severity: expectation.severity,
    status: judgement.status,
    expected: expectedText(expectation),
    got: code === null ? outcome : `${outcome} ${code}`,
    mismatches: judgement.mismatches.map((m) => (families.length > 1 ? `${m} (${question.family})` : m)),
    path: judgement.path,
    reason: reason === null ? null : reasonDocument(reason),
    source: placeOf(expectation.locus),
    decided: locate(decided),
    trace,
  };
}

/** As on the command line, where that has a way to say it. */
function destinationText({ destination, port, protocol }: Request): string {
  if (isUrl(destination)) return destination;
  const place = parsePlace(destination);
  const own = place.ok ? place.value : null;
  const isNamed = port === undefined || own?.port != null;
  const named = isNamed ? destination : own?.address == null ? `${destination}:${port}` : formatEndpoint(own.address, port);
  if (protocol === undefined || named.endsWith(`/${protocol}`)) return named;
  return isNamed && own?.port == null ? `${named} (${protocol})` : `${named}/${protocol}`;
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
    ...via.map(({ text }) => `via ${text}`),
    ...notVia.map(({ text }) => `not via ${text}`),
    ...(at.length === 0 ? [] : [`at ${at.map((name) => name.text).join(' or ')}`]),
    ...(source === null ? [] : [`with source ${source.text}`]),
  ];
  return `${parts.join(', ')}${paths === 'some' ? ' on some path' : ''}`;
}
