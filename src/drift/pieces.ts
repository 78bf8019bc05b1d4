import type { Part, Piece } from './parts.ts';
import { devicePieces } from './pieces-devices.ts';
import { fdbPieces, neighbourPieces } from './pieces-entries.ts';
import { routePieces } from './pieces-routes.ts';
import { routingRulePieces } from './pieces-routing-rules.ts';
import { chainPieces, rulePieces } from './pieces-rules.ts';
import { settingPieces } from './pieces-settings.ts';
import type { TwoNodes, TwoTraces } from './two.ts';

/** The pieces of a part that could make a flow end otherwise, by kinds; of each kind the first one that explains the flow is reported. */
export function piecesOf(part: Part, traces: TwoTraces, nodes: TwoNodes): readonly (readonly Piece[])[] {
  const { what } = part;
  switch (what.kind) {
    case 'iptables':
    case 'nft':
      return rulePieces(part, what, traces, nodes);
    case 'routes':
      return routePieces(part, what.family, traces, nodes);
    case 'rules':
      return routingRulePieces(part, what.family, traces, nodes);
    case 'devices':
      return [devicePieces(part, nodes)];
    case 'neighbours':
      return [neighbourPieces(part, nodes)];
    case 'fdb':
      return [fdbPieces(part, nodes)];
    case 'sysctls':
      return [settingPieces(part.node, nodes, traces)];
    default:
      return [];
  }
}

/** Larger pieces, for the case that none of those explains the flow. */
export const largerPiecesOf = (part: Part, traces: TwoTraces, nodes: TwoNodes): readonly Piece[] =>
  part.what.kind === 'iptables' || part.what.kind === 'nft' ? chainPieces(part, part.what, traces, nodes) : [];
