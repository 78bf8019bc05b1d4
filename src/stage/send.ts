import type { Failure } from '../hop/failure.ts';
import { formatEndpoint } from '../net/address.ts';
import type { Change } from '../net/change.ts';
import type { Next } from './next.ts';
import { note } from './note.ts';
import type { Skb } from './skb.ts';

/** A program, or the kernel for it, hands a packet to the stack; a socket load balancer has looked at its call before. */
export function send(skb: Skb): Next {
  const { call, netns } = skb;
  const by = call?.kind === 'replaced' ? call.by : null;
  note(skb, {
    kind: 'socket',
    action: 'send',
    process: skb.sender,
    device: null,
    balancedFor: call?.kind === 'replaced' ? `${call.by.says}, ${formatEndpoint(call.called.destination, call.called.port)}` : null,
    changes: changesOf(skb),
    origin: by?.origin ?? netns.origin,
  });
  if (call?.kind !== 'refused') return { go: 'output' };
  const failure: Failure<'FILTER_DROP'> = {
    code: 'FILTER_DROP',
    facts: { netns: netns.name, table: 'the socket load balancer', base: SOCKET_CALL, chain: null },
    origin: call.origin,
  };
  return { end: { kind: 'refused-at-source', failure, client: 'host-unreachable' } };
}

/** The hook of a call, as failures name it. */
export const SOCKET_CALL = 'connect';

const NO_CHANGES: readonly Change[] = [];

function changesOf({ call, packet }: Skb): readonly Change[] {
  if (call?.kind !== 'replaced') return NO_CHANGES;
  const { destination, port } = call.called;
  const address: Change[] = destination === packet.destination ? [] : [{ field: 'destination', from: destination, to: packet.destination }];
  const number: Change[] = port === packet.destinationPort ? [] : [{ field: 'destinationPort', from: port, to: packet.destinationPort }];
  return [...address, ...number];
}
