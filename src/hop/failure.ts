import type { Origin } from '../source/origin.ts';
import { longer, type Sentence, sentence, type Wording } from '../source/sentence.ts';
import type { Code } from './code.ts';
import { type EndpointFacts, endpointWords } from './failure-endpoints.ts';
import { type HttpFacts, httpWords } from './failure-http.ts';
import { type LinkFacts, linkWords } from './failure-links.ts';
import { type NameFacts, nameWords } from './failure-names.ts';
import { type NotGiven, notGiven } from './failure-not-given.ts';
import { type NotModelled, notModelled } from './failure-not-modelled.ts';
import { type PolicyFacts, policyWords } from './failure-policies.ts';
import { type RouteFacts, routeWords } from './failure-routes.ts';
import { type RuleFacts, ruleWords } from './failure-rules.ts';
import { type ServiceFacts, serviceWords } from './failure-services.ts';
import { type SocketFacts, socketWords } from './failure-sockets.ts';
import { type TunnelFacts, tunnelWords } from './failure-tunnels.ts';
import type { Words } from './words.ts';

/** Why a packet does not arrive: a code, its facts, and the place in the input that decided. */
export type Failure<C extends Code = Code> = {
  readonly [K in C]: {
    readonly code: K;
    readonly facts: FactsByCode[K];
    readonly origin: Origin;
    /** The name that the packet asks a DNS server for; undefined: it is no query before a connection. */
    readonly query?: string;
  };
}[C];

/** All that the words need, as data. Names of Kubernetes objects are plain text here. */
export interface FactsByCode
  extends RouteFacts,
    LinkFacts,
    RuleFacts,
    PolicyFacts,
    ServiceFacts,
    EndpointFacts,
    SocketFacts,
    HttpFacts,
    NameFacts,
    TunnelFacts {
  readonly NO_SHARED_NAMESPACE: Told;
  readonly NO_SHARED_VOLUME: Told;
  readonly VOLUME_READ_ONLY: Told;
  readonly FACT_MISSING: MissingFact;
}

/** Words that are made where the facts are: for what containers share. */
interface Told {
  readonly words: Wording;
}

type MissingFact =
  | Told
  | NotGiven
  | NotModelled
  /** The query to the first nameserver fails, and there are others. */
  | { readonly why: 'next-nameserver'; readonly first: Failure }
  /** What a part of the cluster does is not known, and by what is taken for it the packet fails. */
  | { readonly why: 'guess'; readonly guesses: readonly GuessedPart[]; readonly first: Failure };

/** `command` is the one that would tell. */
interface GuessedPart {
  readonly name: string;
  readonly command: string;
}

const told = ({ words }: Told) => words;

const WORDS: Words<FactsByCode> = {
  ...routeWords,
  ...linkWords,
  ...ruleWords,
  ...policyWords,
  ...serviceWords,
  ...endpointWords,
  ...socketWords,
  ...httpWords,
  ...nameWords,
  ...tunnelWords,
  NO_SHARED_NAMESPACE: told,
  NO_SHARED_VOLUME: told,
  VOLUME_READ_ONLY: told,
  FACT_MISSING: missingFact,
};

/** A failure in words. */
export const describeFailure = (failure: Failure): string => failureSentence(failure).text;

/** The same, for the beginning of a line too. */
export function failureSentence<C extends Code>({ code, facts, query }: Failure<C>): Sentence {
  const words = sentence(WORDS[code](facts));
  return query === undefined ? words : sentence(`the DNS query for ${query} fails: ${words.text}`);
}

function missingFact(facts: MissingFact): Wording {
  if ('words' in facts) return facts.words;
  switch (facts.why) {
    case 'next-nameserver':
      return longer(failureSentence(facts.first), '; what the next nameserver says is not followed');
    case 'guess': {
      const { guesses, first } = facts;
      const names = [...new Set(guesses.map((g) => g.name))];
      const [are, them] = names.length === 1 ? ['is', 'it'] : ['are', 'them'];
      return `whether this works hangs on ${names.join(' and ')}, which ${are} not modelled; by what is taken for ${them}, ${failureSentence(first).text}`;
    }
    case 'unknown-match':
    case 'unknown-target':
    case 'chain-order':
    case 'below-ip':
    case 'unknown-way':
    case 'tunnel-in-tunnel':
    case 'some-isolated':
    case 'device':
      return notModelled(facts);
    default:
      return notGiven(facts);
  }
}
