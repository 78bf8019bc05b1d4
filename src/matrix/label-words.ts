import type { LabelExpression, LabelSelector } from '../k8s/label-selector.ts';
import { fail, type Parsed } from '../query/result.ts';

/** Is it about labels, and no name? A label alone looks like a name. */
export const isSelector = (text: string): boolean => /[=!]|\s(in|notin)\s*\(/.test(text);

const KEY = /^([a-zA-Z0-9.-]+\/)?[a-zA-Z0-9]([-_.a-zA-Z0-9]*[a-zA-Z0-9])?$/;
const VALUE = /^([a-zA-Z0-9]([-_.a-zA-Z0-9]*[a-zA-Z0-9])?)?$/;

/** As kubectl's -l has it: `app=web,tier in (a,b),!canary`. */
export function readSelector(text: string): Parsed<LabelSelector> {
  const matchExpressions: LabelExpression[] = [];
  for (const part of text.split(/,(?![^(]*\))/)) {
    const read = readRequirement(part.trim());
    if (read === null)
      return fail(
        `${text}: ${JSON.stringify(part.trim())} is no requirement of labels`,
        'as app=web, app!=web, app in (a,b), app notin (a,b), !app',
      );
    matchExpressions.push(read);
  }
  return { ok: true, value: { matchLabels: new Map(), matchExpressions } };
}

function readRequirement(text: string): LabelExpression | null {
  const [, absent] = /^!\s*(.+)$/.exec(text) ?? [];
  if (absent !== undefined) return valid({ key: absent, operator: 'DoesNotExist', values: [] });
  const [, key = '', not, list] = /^(\S+)\s+(not)?in\s*\(([^()]*)\)$/.exec(text) ?? [];
  if (list !== undefined) return valid({ key, operator: not === undefined ? 'In' : 'NotIn', values: list.split(',').map((v) => v.trim()) });
  const [, name = '', operator, value] = /^([^=!\s]+)\s*(==?|!=)\s*([^=!\s]*)$/.exec(text) ?? [];
  return value === undefined ? null : valid({ key: name, operator: operator === '!=' ? 'NotIn' : 'In', values: [value] });
}

const valid = (e: LabelExpression): LabelExpression | null => (KEY.test(e.key) && e.values.every((v) => VALUE.test(v)) ? e : null);
