import type { IpFamily } from '../net/address.ts';
import type { Diagnostic } from './diagnostic.ts';
import type { FindingCode } from './findings.ts';

/** What is found in a cluster, as one of its IP families sees it. */
export interface View {
  readonly family: IpFamily;
  readonly told: readonly Told[];
}

export interface Told {
  readonly diagnostic: Diagnostic;
  /** Those of the thing that it is about. */
  readonly families: readonly IpFamily[];
}

/** They say that something is not there; what one family lacks the other one may have. */
const ABSENCES: ReadonlySet<FindingCode> = new Set([
  'selector-matches-nothing',
  'controller-label',
  'target-port-unresolved',
  'service-without-endpoints',
  'no-ready-endpoints',
  'no-local-endpoints',
  'load-balancer-pending',
  'firewall-rule-never-met',
  'firewall-without-a-place',
]);

/** What the families' views say, each thing once. That something is absent counts only when all families of its thing say so. */
export function together(views: readonly View[]): readonly Diagnostic[] {
  const counted = views.map(({ family, told }) => ({ family, told: told.filter((t) => !isAbsence(t) || t.families.includes(family)) }));
  const known = counted.map(({ family, told }) => ({ family, texts: new Set(told.map(textOf)) }));
  return counted.flatMap(({ told }, nth) =>
    told
      .filter((t) => !known.slice(0, nth).some(({ texts }) => texts.has(textOf(t))))
      .filter((t) => !isAbsence(t) || known.every(({ family, texts }) => !t.families.includes(family) || texts.has(textOf(t))))
      .map((t) => t.diagnostic),
  );
}

const isAbsence = ({ diagnostic }: Told) => ABSENCES.has(diagnostic.code);

/** Of an absence each family may have names and numbers of its own. */
function textOf(told: Told): string {
  const { code, message, place } = told.diagnostic;
  return `${code} ${place?.line}:${place?.column}${isAbsence(told) ? '' : ` ${message}`}`;
}
