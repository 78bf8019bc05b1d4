import type { IpAddress, IpFamily } from '../net/address.ts';
import { addressOf } from './asked.ts';
import type { End } from './question.ts';
import type { Said, Sayings } from './sayings.ts';
import type { Part } from './sides.ts';

/** What policies at the caller's end say, and who the caller is to those at the other end. */
export interface Calling {
  /** By peer; null: nobody asks. */
  readonly egress: readonly Said[] | null;
  /** Its number among peers; null: it has none. */
  peer(fromWorld: boolean | null): number | null;
}

export interface Called {
  readonly ingress: readonly Said[] | null;
  /** By the address that is called; null: it has none. */
  readonly peer: number | null;
}

/** Of the parts of rows and columns, each made once a family. */
export interface PolicyEnds {
  calling(part: Part, family: IpFamily): Calling;
  called(part: Part, family: IpFamily, fromOutside: boolean): Called;
}

const CALLING: Calling = { egress: null, peer: () => null };
const CALLED: Called = { ingress: null, peer: null };

/** `addressOf`: of an end that is called. */
export function policyEnds(
  sayings: Sayings | null,
  addressOfCalled: (end: End, family: IpFamily, fromOutside: boolean) => IpAddress | null,
): PolicyEnds {
  if (sayings === null) return { calling: () => CALLING, called: () => CALLED };
  const { peers } = sayings;
  const said = ({ first }: Part, direction: 'ingress' | 'egress') =>
    first.kind === 'pod' && !first.pod.hostNetwork ? sayings.of(first.pod, direction) : null;
  const callings = { IPv4: new Map<number, Calling>(), IPv6: new Map<number, Calling>() };
  const byPlace = () => ({ inside: new Map<number, Called>(), outside: new Map<number, Called>() });
  const calleds = { IPv4: byPlace(), IPv6: byPlace() };
  return {
    calling(part, family) {
      const known = callings[family].get(part.kind);
      if (known !== undefined) return known;
      const address = addressOf(part.first, family);
      const numberOf = (fromWorld: boolean | null) => (address === null ? null : peers.at(address, fromWorld));
      const [certain, doubtful] = [numberOf(false), numberOf(null)];
      const made: Calling = { egress: said(part, 'egress'), peer: (fromWorld) => (fromWorld === null ? doubtful : certain) };
      callings[family].set(part.kind, made);
      return made;
    },
    called(part, family, fromOutside) {
      const of = calleds[family][fromOutside ? 'outside' : 'inside'];
      const known = of.get(part.kind);
      if (known !== undefined) return known;
      const address = addressOfCalled(part.first, family, fromOutside);
      const made: Called = { ingress: said(part, 'ingress'), peer: address === null ? null : peers.at(address, false) };
      of.set(part.kind, made);
      return made;
    },
  };
}
