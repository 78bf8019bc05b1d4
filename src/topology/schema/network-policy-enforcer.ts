import * as z from 'zod';
import { ENFORCERS } from '../../k8s/policy/enforcement.ts';
import { oneOf } from '../../source/fields.ts';
import { field, strict } from '../../source/objects.ts';

const enforcer = oneOf(ENFORCERS);

const options = strict(() => ({
  enforcer: field(enforcer, 'The program that makes them hold, or none.'),
  version: field(
    z
      .string({ error: 'expected a version in quotes, as "3.29"' })
      .regex(/^v?\d+(\.\d+){0,2}([-+.].*)?$/, { error: 'expected a version, as "3.29" or "v1.16.3"' })
      .optional(),
    'Its version, which decides which kinds of policies it takes; left out, all.',
  ),
}));

/** Who makes policies hold: by name, or with a version. */
export const networkPolicyEnforcer = z.union([enforcer, options]);
