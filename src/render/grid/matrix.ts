import type { MatrixConnectionDocument, MatrixResult } from '../../document/matrix-schema.ts';
import type { Fact, FactMark, GridData } from '../../page/grid/data.ts';
import { whatIfTail } from '../what-if.ts';
import { collect, type Said } from './collect.ts';
import { counted, named } from './counted.ts';
import { gridPage } from './page.ts';

const MARKS: Readonly<Record<MatrixConnectionDocument['outcome'], FactMark>> = {
  delivered: 'reached',
  exits: 'exits',
  dropped: 'blocked',
  rejected: 'blocked',
  looped: 'blocked',
  undetermined: 'unknown',
};

/** `matrix -o html`. `meanings`: of each code, in one sentence. */
export function matrixHtml(matrix: MatrixResult, meanings: Readonly<Record<string, string>>): string {
  const data = collect('matrix', matrix.groups, said(matrix.connections), meanings, matrix.asked.anyPort);
  return gridPage(data, 'Who reaches whom', leadOf(data, matrix.asked) + whatIfTail(matrix.whatIf), notAsked(matrix.notAsked));
}

const leadOf = ({ rows, columns }: GridData, asked: MatrixResult['asked']): string =>
  `${counted(rows.length, 'source')} in rows, ${counted(columns.length, 'destination')} in columns; asked ${portsAsked(asked)}`;

function portsAsked({ ports, protocol, anyPort }: MatrixResult['asked']): string {
  if (anyPort) return 'at every port, as far as policies and rules go';
  if (ports !== null) return `at ${named(ports)}`;
  return `at the ports that each one states${protocol === null ? '' : `, of ${protocol.toUpperCase()}`}`;
}

const notAsked = (pods: readonly string[]): readonly string[] =>
  pods.length === 0 ? [] : [`Not asked, as they state no port: ${named(pods)}`];

function* said(connections: Iterable<MatrixConnectionDocument>): Generator<Said> {
  for (const connection of connections) {
    const { from, to, family, protocol, ports, outcome, code, share, assumed } = connection;
    yield { from, to, key: `${family} ${protocol} ${ports} ${outcome} ${code} ${share} ${assumed}`, fact: factOf(connection) };
  }
}

const factOf = ({ outcome, code, family, protocol, ports, share, assumed }: MatrixConnectionDocument): Fact => ({
  mark: MARKS[outcome],
  families: [family],
  protocol,
  ports,
  says: outcome,
  codes: code === null ? [] : [code],
  share,
  assumed,
});
