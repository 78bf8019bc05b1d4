import type { IpAddress, IpFamily } from '../net/address.ts';
import { addressOf } from './asked.ts';
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
  peer(address: IpAddress): number | null;
}

/** Of the parts of rows and columns, each made once a family. */
export interface PolicyEnds {
  calling(part: Part, family: IpFamily): Calling;
  called(part: Part): Called;
}

const UNASKED: Calling & Called = { egress: null, ingress: null, peer: () => null };

export function policyEnds(sayings: Sayings | null): PolicyEnds {
  if (sayings === null) return { calling: () => UNASKED, called: () => UNASKED };
  const { peers } = sayings;
  const said = ({ first }: Part, direction: 'ingress' | 'egress') =>
    first.kind === 'pod' && !first.pod.hostNetwork ? sayings.of(first.pod, direction) : null;
  const callings = { IPv4: new Map<number, Calling>(), IPv6: new Map<number, Calling>() };
  const calleds = new Map<number, Called>();
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
    called(part) {
      const known = calleds.get(part.kind);
      if (known !== undefined) return known;
      const numbers = new Map<IpAddress, number | null>();
      const peer = (address: IpAddress): number | null => {
        const number = numbers.get(address) ?? peers.at(address, false);
        numbers.set(address, number);
        return number;
      };
      const made: Called = { ingress: said(part, 'ingress'), peer };
      calleds.set(part.kind, made);
      return made;
    },
  };
}
