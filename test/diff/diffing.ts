import { compareInputs } from '../../src/diff/index.ts';
import type { ChangeDocument, DiffDocument } from '../../src/document/diff-schema.ts';
import { formatDiagnostics, type LoadOptions } from '../../src/index.ts';
import type { MatrixRequest } from '../../src/matrix/request.ts';

const REQUEST: MatrixRequest = {
  from: [],
  to: [],
  namespace: 'default',
  isWithin: false,
  ports: [],
  protocol: null,
  family: null,
  pods: false,
  anyPort: false,
  blocked: true,
};

function compared(before: string, after: string | null, options: LoadOptions = {}) {
  const file = (name: string, text: string) => [{ name, bytes: new TextEncoder().encode(text) }];
  const found = compareInputs(file('a.yaml', before), after === null ? null : file('b.yaml', after), options);
  if (!found.ok) throw new Error(formatDiagnostics(found.diagnostics, { width: 200, color: false }));
  return found.value;
}

export function diffOf(
  before: string,
  after: string | null,
  request: Partial<MatrixRequest> = {},
  options: LoadOptions = {},
): DiffDocument {
  const answer = compared(before, after, options).matrices({ ...REQUEST, ...request });
  if (!answer.ok) throw new Error(`${answer.message}; ${answer.hint}`);
  return answer.value;
}

export function expectationsOf(before: string, after: string): DiffDocument {
  const answer = compared(before, after).expectations('default');
  if (!answer.ok) throw new Error(answer.message);
  return answer.value;
}

type Told = ChangeDocument['before'];
const told = (one: Told): string =>
  one === null ? 'nothing' : [one.code ?? one.outcome, ...(one.share < 1 ? [one.share.toFixed(2)] : [])].join(' ');
const short = (id: string) => id.replace(/^(Pod|Service)\/default\//, '').replace('Network/', '');

/** `lost client -> web 8080/tcp: delivered, POLICY_DEFAULT_DENY` */
export const changeText = ({ kind, from, to, protocol, ports, before, after }: ChangeDocument): string =>
  `${kind} ${short(from)} -> ${short(to)} ${[...ports].join(',')}/${protocol}: ${told(before)}, ${told(after)}`;
