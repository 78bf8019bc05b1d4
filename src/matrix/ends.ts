import type { PolicyDirection } from '../datapath/policy-point.ts';
import type { IpAddress, IpFamily } from '../net/address.ts';
import { addressOf } from './asked.ts';
import type { End } from './question.ts';
import type { Said, Sayings } from './sayings.ts';
import type { Part } from './sides.ts';

/** What policies at the caller's end say, by the number of the peer, and who the caller is to those at the other end. */
export interface Calling {
  /** Null: nobody asks. */
  readonly egress: Uint32Array | null;
  /** Its number among peers; null: it has none. */
  readonly peer: number | null;
  /** Where its address may stand for somebody outside. */
  readonly doubtful: number | null;
}

export interface Called {
  readonly ingress: Uint32Array | null;
  /** By the address that is called. */
  readonly peer: number | null;
}

export type ByFamily<T> = Readonly<Record<IpFamily, T>>;

export interface Caller extends Part {
  readonly calling: ByFamily<Calling>;
}

export interface Callee extends Part {
  readonly inside: ByFamily<Called>;
  /** As it is called from outside. */
  readonly outside: ByFamily<Called>;
}

/** Parts of rows and columns, with all that policies at either end hang on. */
export interface PolicyEnds {
  caller(part: Part): Caller;
  callee(part: Part): Callee;
  said(id: number): Said;
}

const CALLING: Calling = { egress: null, peer: null, doubtful: null };
const CALLED: Called = { ingress: null, peer: null };
const UNASKED = {
  calling: { IPv4: CALLING, IPv6: CALLING },
  inside: { IPv4: CALLED, IPv6: CALLED },
  outside: { IPv4: CALLED, IPv6: CALLED },
};

/** `addressOfCalled`: null: there is none of the family. */
export function policyEnds(
  sayings: Sayings | null,
  addressOfCalled: (end: End, family: IpFamily, fromOutside: boolean) => IpAddress | null,
): PolicyEnds {
  if (sayings === null) {
    const said = () => {
      throw new Error('nobody enforces policies');
    };
    return { caller: (part) => ({ ...part, ...UNASKED }), callee: (part) => ({ ...part, ...UNASKED }), said };
  }
  const { peers } = sayings;
  const said = ({ first }: Part, direction: PolicyDirection) =>
    first.kind === 'pod' && !first.pod.hostNetwork ? sayings.of(first.pod, direction) : null;
  const peerAt = (address: IpAddress | null, fromWorld: boolean | null) => (address === null ? null : peers.at(address, fromWorld));
  return {
    caller(part) {
      const egress = said(part, 'egress');
      const inFamily = (family: IpFamily): Calling => {
        const address = addressOf(part.first, family);
        return { egress, peer: peerAt(address, false), doubtful: peerAt(address, null) };
      };
      return { ...part, calling: { IPv4: inFamily('IPv4'), IPv6: inFamily('IPv6') } };
    },
    callee(part) {
      const ingress = said(part, 'ingress');
      const at = (fromOutside: boolean): ByFamily<Called> => {
        const inFamily = (family: IpFamily): Called => ({ ingress, peer: peerAt(addressOfCalled(part.first, family, fromOutside), false) });
        return { IPv4: inFamily('IPv4'), IPv6: inFamily('IPv6') };
      };
      const inside = at(false);
      return { ...part, inside, outside: part.first.kind === 'node' ? at(true) : inside };
    },
    said: sayings.said,
  };
}
