import type { CheckDocument } from '../document/check-schema.ts';
import { whatIfOf } from '../document/what-if.ts';
import type { Network } from '../k8s/compiled-network.ts';
import { check } from './check.ts';
import { checkDocument } from './document.ts';

/** Asks all that the input expects of a network. */
export function checkNetwork(
  network: Network,
  { namespace, undetermined, failOn }: { readonly namespace: string } & Pick<CheckDocument, 'undetermined' | 'failOn'>,
): CheckDocument {
  return {
    ...checkDocument(check(network, namespace), { undetermined, failOn }, network.cluster.families),
    ...whatIfOf(network.cluster),
  };
}
