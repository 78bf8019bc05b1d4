import type { CheckDocument } from '../document/check-schema.ts';
import type { Network } from '../k8s/compiled-network.ts';
import type { Result } from '../source/diagnostic.ts';
import { check } from './check.ts';
import { checkDocument } from './document.ts';

/** Asks all that the input expects of a network. Errors are those of the expectations: names that nothing has, wildcards without a match. */
export function checkNetwork(
  network: Network,
  options: { readonly namespace: string } & Pick<CheckDocument, 'undetermined' | 'failOn'>,
): Result<CheckDocument> {
  const checked = check(network, options.namespace);
  if (!checked.ok) return checked;
  return {
    ok: true,
    value: checkDocument(checked.value, { undetermined: options.undetermined, failOn: options.failOn }),
    warnings: checked.warnings,
  };
}
