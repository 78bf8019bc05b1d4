import type { FoundState } from '../datapath/found-state.ts';
import { formatAddress, formatEndpoint, type IpAddress } from '../net/address.ts';
import type { Protocol } from '../net/packet.ts';
import type { Edit } from '../source/edit.ts';
import { type Sentence, sentence, type Wording, withCommands } from '../source/sentence.ts';

/** A change that would help: in words, and as data where a program can make it. */
export interface Fix {
  readonly words: Sentence;
  readonly remedy: Remedy;
  /** Advice for a machine of which state was found, as it can be tried on that. Undefined: it cannot, or nothing was found there. */
  readonly onFound?: OnFound;
}

/** What a change on a machine makes of what was found there. */
export interface OnFound {
  readonly node: string;
  edit(found: FoundState): FoundState;
  /** The change lets any packet pass. Undefined: only some. */
  readonly isWide?: true;
  /** What is advised where the packet is stopped still. Undefined: nothing else would help. */
  readonly otherwise?: Fix;
}

/** The fix in a form for programs. */
export type Remedy =
  /** All of these changes of the input, together; `instead`: the question that is then to be asked, where they change a name. */
  | { readonly kind: 'edit'; readonly edits: readonly Edit[]; readonly instead?: Instead }
  /** The same question with another destination, with these headers of a request, or with less to send. */
  | { readonly kind: 'ask'; readonly instead: Instead }
  /** Advice for a reader only. */
  | { readonly kind: 'advice'; readonly why: Why };

/** The parts of a question that are asked otherwise. */
export interface Instead {
  readonly destination?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly method?: string;
  readonly size?: number;
}

/** Why a fix is only advice. */
export const WHY = {
  choice: 'several changes would do, and only you know which is meant',
  value: 'it takes a value that the input does not have',
  elsewhere: 'it is done in a process or a cluster, not in the input',
  hint: 'it helps to find the change, and is none itself',
} as const;

export type Why = keyof typeof WHY;

export const edited = (words: Wording, ...edits: readonly Edit[]): Fix => ({ words: sentence(words), remedy: { kind: 'edit', edits } });

export const asked = (words: Wording, instead: Instead | string): Fix => ({
  words: sentence(words),
  remedy: { kind: 'ask', instead: typeof instead === 'string' ? { destination: instead } : instead },
});

export const advised = (why: Why, words: Wording): Fix => ({ words: sentence(words), remedy: { kind: 'advice', why } });

/** A command that shows what is missing. */
export const shownBy = (words: string, command: string): Fix => advised('hint', withCommands(`${words}: ${command}`, command));

/** The same question to an address, and a port if the protocol has any. */
export const called = (words: Wording, ip: IpAddress, { port, protocol }: { readonly port: number; readonly protocol: Protocol }): Fix =>
  asked(words, protocol === 'icmp' ? formatAddress(ip) : `${formatEndpoint(ip, port)}/${protocol}`);
