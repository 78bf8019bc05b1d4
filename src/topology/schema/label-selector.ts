import * as z from 'zod';
import { oneOf } from '../../source/fields.ts';
import { checked, field, MALFORMED, shared, strict } from '../../source/objects.ts';

/** A LabelSelector of the API machinery, held against its rules. Source: ValidateLabelSelector, apimachinery/pkg/apis/meta/v1/validation. */
export const labelSelector = shared(() =>
  strict(() => ({
    matchLabels: field(z.record(labelKey(), labelValue()).nullish(), 'Labels with their values.'),
    matchExpressions: field(z.array(expression()).nullish(), 'Further conditions.'),
  })),
);

const expression = () =>
  checked(
    strict(() => ({
      key: field(labelKey(), "The label's name."),
      operator: field(oneOf(['In', 'NotIn', 'Exists', 'DoesNotExist']), 'In, NotIn, Exists or DoesNotExist.'),
      values: field(z.array(labelValue()).nullish(), 'For In and NotIn.'),
    })),
    ({ operator, values }, wrong) => {
      if (operator === MALFORMED || values === MALFORMED) return;
      const isOfValues = operator === 'In' || operator === 'NotIn';
      const has = (values ?? []).length > 0;
      if (isOfValues && !has) wrong('values', `${operator} needs at least one value`);
      if (!isOfValues && has) wrong('values', `${operator} takes no values`);
    },
  );

const NAME = /^[A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?$/;
const PREFIX = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/;

const EXPECTED_KEY = "expected a label's name, as app or example.com/app: letters, digits, -, _ and ., at most 63 after the prefix";

const labelKey = shared(() => z.string().refine(isLabelKey, { error: EXPECTED_KEY }));

function isLabelKey(text: string): boolean {
  const [name = '', prefix, ...rest] = text.split('/').reverse();
  return rest.length === 0 && NAME.test(name) && (prefix === undefined || (prefix.length <= 253 && PREFIX.test(prefix)));
}

const labelValue = shared(() =>
  z.string().refine((text) => text === '' || NAME.test(text), {
    error: "expected a label's value: at most 63 letters, digits, -, _ and ., with a letter or digit at both ends",
  }),
);
