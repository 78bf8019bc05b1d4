import { type LabelExpression, type LabelSelector, labelHolds } from '../label-selector.ts';
import { type Doubt, type Fit, no, unknown, YES } from './fit.ts';

/** A thing with labels, some of which the input may lack. */
export interface Labelled {
  /** As in a sentence: `namespace shop`. */
  readonly what: string;
  readonly labels: ReadonlyMap<string, string>;
  /** Asked of a label that is not there: null when it really is not. */
  lacking(key: string): Omit<Doubt, 'origin'> | null;
}

/** Does a selector select the thing? One condition that fails decides, even beside one that is not known. */
export function selectorFit({ matchLabels, matchExpressions }: LabelSelector, thing: Labelled, origin: Doubt['origin']): Fit<'peer'> {
  let result: Fit<'peer'> = YES;
  for (const [key, value] of matchLabels) {
    const fit = expressionFit({ key, operator: 'In', values: [value] }, thing, origin);
    if (fit.fits === 'no') return fit;
    if (result.fits === 'yes') result = fit;
  }
  for (const expression of matchExpressions) {
    const fit = expressionFit(expression, thing, origin);
    if (fit.fits === 'no') return fit;
    if (result.fits === 'yes') result = fit;
  }
  return result;
}

function expressionFit(expression: LabelExpression, thing: Labelled, origin: Doubt['origin']): Fit<'peer'> {
  const { key } = expression;
  const value = thing.labels.get(key);
  const doubt = value === undefined ? thing.lacking(key) : null;
  if (doubt !== null) return unknown({ ...doubt, origin });
  return labelHolds(expression, value) ? YES : no('peer', () => mismatch(expression, thing, value));
}

function mismatch({ key, operator, values }: LabelExpression, { what }: Labelled, value: string | undefined): string {
  const wanted = values.length === 1 ? `${key}=${values.join()}` : `${key} in (${values.join(',')})`;
  if (operator === 'Exists') return `${what} lacks the label ${key}`;
  if (operator === 'DoesNotExist') return `${what} has the label ${key}`;
  if (operator === 'NotIn') return `${what} has ${key}=${value}, which is ruled out`;
  return value === undefined ? `${what} lacks the label ${wanted}` : `${what} has ${key}=${value}, not ${wanted}`;
}
