import type { Connection, Group, Matrix } from '../matrix/matrix.ts';
import type { AskedPort, MatrixQuestion } from '../matrix/question.ts';
import { formatPrefix } from '../net/prefix.ts';
import type { MatrixConnectionDocument, MatrixGroupDocument, MatrixResult } from './matrix-schema.ts';

/** A matrix as the JSON has it, whose connections are still made one by one. */
export function matrixDocument(question: MatrixQuestion, { groups, connections, notAsked }: Matrix): MatrixResult {
  return {
    asked: {
      from: question.from.map((side) => side.group.id),
      to: question.to.map((side) => side.group.id),
      families: [...question.families],
      ports: question.ports?.map(portText) ?? null,
      protocol: question.protocol,
      anyPort: question.anyPort,
      blocked: question.blocked,
    },
    groups: groups.map(groupDocument),
    connections: each(connections),
    notAsked,
  };
}

const portText = ({ protocol, port }: AskedPort): string => (port === null ? protocol : `${port}/${protocol}`);

const groupDocument = ({ id, kind, namespace, name, members, cidrs }: Group): MatrixGroupDocument => ({
  id,
  kind,
  namespace,
  name,
  members: [...members],
  ...(cidrs === undefined ? {} : { cidrs: cidrs.map(formatPrefix) }),
});

function* each(connections: Iterable<Connection>): Iterable<MatrixConnectionDocument> {
  for (const { from, to, family, protocol, ports, outcome, code, share, assumed } of connections)
    yield {
      from,
      to,
      family,
      protocol,
      ports: ports.map(({ first, last }) => (first === last ? String(first) : `${first}-${last}`)),
      outcome,
      code,
      share,
      assumed,
    };
}
