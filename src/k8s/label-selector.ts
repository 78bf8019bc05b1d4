/** A selector as NetworkPolicies, listeners and Deployments have it. */
export interface LabelSelector {
  readonly matchLabels: ReadonlyMap<string, string>;
  readonly matchExpressions: readonly LabelExpression[];
}

export interface LabelExpression {
  readonly key: string;
  readonly operator: 'In' | 'NotIn' | 'Exists' | 'DoesNotExist';
  readonly values: readonly string[];
}

/** All of its conditions hold; an empty selector selects everything. NotIn holds for a label that is not there, too. */
export function labelSelectorMatches({ matchLabels, matchExpressions }: LabelSelector, labels: ReadonlyMap<string, string>): boolean {
  for (const [name, value] of matchLabels) if (labels.get(name) !== value) return false;
  return matchExpressions.every((e) => labelHolds(e, labels.get(e.key)));
}

/** Undefined: the label is not there. */
export function labelHolds({ operator, values }: LabelExpression, value: string | undefined): boolean {
  switch (operator) {
    case 'In':
      return value !== undefined && values.includes(value);
    case 'NotIn':
      return value === undefined || !values.includes(value);
    case 'Exists':
      return value !== undefined;
    case 'DoesNotExist':
      return value === undefined;
  }
}

/** As kubectl writes it: `team=shop,tier in (a,b)`. */
export function labelSelectorText({ matchLabels, matchExpressions }: LabelSelector): string {
  const equal = [...matchLabels].map(([k, v]) => `${k}=${v}`);
  const rest = matchExpressions.map(({ key, operator, values }) => {
    if (operator === 'Exists') return key;
    if (operator === 'DoesNotExist') return `!${key}`;
    return `${key} ${operator === 'In' ? 'in' : 'notin'} (${values.join(',')})`;
  });
  return [...equal, ...rest].join(',') || 'everything';
}
