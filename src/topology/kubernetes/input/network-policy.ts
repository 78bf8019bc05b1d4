import * as z from 'zod';
import type { Diagnostic } from '../../../source/diagnostic.ts';
import { strict } from '../../../source/objects.ts';
import { networkPolicySpec } from '../../schema/network-policy.ts';
import { type KubeObject, nameOf, namespaceOf } from '../objects.ts';
import { policyForm } from '../policy-form.ts';

/** Without a spec it is about all pods of its namespace, and lets nothing in. */
const form = z.lazy(() => strict(() => ({ spec: networkPolicySpec().optional() })));

/** Null, and reported: the API server takes none like it. */
export function networkPolicyIn(object: KubeObject<'NetworkPolicy'>, found: Diagnostic[]) {
  const read = policyForm(form, object, found);
  return read === null ? null : { name: nameOf(object), namespace: namespaceOf(object), ...read.spec };
}
