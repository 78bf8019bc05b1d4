import type { CheckDocument, CheckResult } from '../document/check-schema.ts';
import { locate } from '../document/locate.ts';
import { reasonDocument } from '../document/trace.ts';
import type { Expectation } from '../k8s/expectation.ts';
import { formatEndpoint, type IpFamily } from '../net/address.ts';
import { parsePlace } from '../query/place.ts';
import type { Request } from '../query/question.ts';
import { isUrl } from '../query/url.ts';
import type { Locus } from '../source/origin.ts';
import type { Answered, Checked } from './check.ts';
import type { Unasked } from './pairs.ts';

/** The results of all checks, as the JSON has them: all reports are made of this. */
export function checkDocument(
  checked: readonly Checked[],
  taken: Pick<CheckDocument, 'undetermined' | 'failOn'>,
  families: readonly IpFamily[],
): CheckDocument {
  const results = checked.map((c) => ('pair' in c ? resultOf(c) : unaskedResult(c, families)));
  const count = (status: CheckResult['status']) => results.filter((r) => r.status === status).length;
  const expectations = new Set(checked.map(expectationOf));
  const unmet = new Set(checked.filter((_, i) => results[i]?.status !== 'holds').map(expectationOf));
  return {
    schemaVersion: 1,
    ...taken,
    summary: {
      expectations: expectations.size,
      expectationsHold: expectations.size - unmet.size,
      checks: checked.length,
      hold: count('holds'),
      fail: count('fails'),
      undetermined: count('undetermined'),
    },
    results,
  };
}

const expectationOf = (checked: Checked): Expectation => ('pair' in checked ? checked.pair.expectation : checked.expectation);

/** It fails, whatever is expected. */
function unaskedResult({ expectation, from, to, message, hint, locus }: Unasked, [first = 'IPv4']: readonly IpFamily[]): CheckResult {
  return {
    name: expectation.name ?? `${from} -> ${to}`,
    from,
    to,
    family: expectation.family ?? first,
    families: [],
    severity: expectation.severity,
    status: 'fails',
    expected: expectedText(expectation),
    got: `not asked: ${message}`,
    mismatches: hint === null ? [] : [hint],
    path: 0,
    reason: null,
    unasked: { message, hint },
    source: placeOf(expectation.locus),
    decided: locate(locus),
    trace: null,
  };
}

function resultOf({ pair, judgement, trace, outcome, code, reason, decided }: Answered): CheckResult {
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
export function destinationText({ destination, port, protocol }: Request): string {
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

function expectedText({ outcomes, reasons, via, notVia, at, source, paths, redirects }: Expectation): string {
  const parts = [
    ...(outcomes.length === 0 ? [] : [outcomes.join(' or ')]),
    ...(reasons.length === 0 ? [] : [reasons.join(' or ')]),
    ...via.map(({ text }) => `via ${text}`),
    ...notVia.map(({ text }) => `not via ${text}`),
    ...(at.length === 0 ? [] : [`at ${at.map((name) => name.text).join(' or ')}`]),
    ...(source === null ? [] : [`with source ${source.text}`]),
    ...(redirects === 'stay' ? ['at the first answer'] : []),
  ];
  return `${parts.join(', ')}${paths === 'some' ? ' on some path' : ''}`;
}
