import { expect, it } from 'vitest';
import { hashedHostEnd } from '../../src/cni/host-end.ts';

/** The hashes are `printf NAMESPACE.POD | sha1sum | cut -c-11`'s. */
it.each([
  ['cali', 'default', 'a', 'caliacd53aa4120'],
  ['eni', 'kube-system', 'coredns-0', 'eni8c346e38bf4'],
] as const)('%s of %s/%s is %s', (prefix, namespace, name, device) => {
  expect(hashedHostEnd(prefix, { namespace, name })).toBe(device);
});
