import { Ajv, type ValidateFunction } from 'ajv';
import addFormats from 'ajv-formats';
import { parse } from 'yaml';
import { exitStatus, jsonSchema, type SchemaName, type TraceDocument } from '../../src/index.ts';
import { readDot, readMermaid, readPage, readSvg } from '../render/picture-readers.ts';
import { type Annotation, annotations, html, junitCases, sarifErrors, tapResults } from '../report/consumers.ts';

/** A reader of one format: throws, or answers what is wrong with a text of it. */
type Consumer = (text: string, status: number) => string | null;

const validators = new Map<SchemaName, ValidateFunction>();

async function validator(name: SchemaName): Promise<ValidateFunction> {
  const known = validators.get(name);
  if (known !== undefined) return known;
  const ajv = new Ajv({ strictTypes: false });
  addFormats.default(ajv);
  const made = ajv.compile(Object(await jsonSchema(name)));
  validators.set(name, made);
  return made;
}

const against = (validate: ValidateFunction, data: unknown) =>
  validate(data) ? null : (validate.errors ?? []).map((e) => `${e.instancePath} ${e.message}`).join('; ');

function traceFault(validate: ValidateFunction, data: TraceDocument, status: number): string | null {
  if (exitStatus(data.outcome) !== status) return `outcome ${data.outcome} with exit status ${status}`;
  const sum = data.paths.reduce((total, path) => total + path.probability, 0);
  return against(validate, data) ?? (Math.abs(sum - 1) > 1e-9 ? `the probabilities sum up to ${sum}` : null);
}

const tap: Consumer = (text, status) => {
  const { end, tests } = tapResults(text);
  if (/"tapError":"/.test(JSON.stringify(end))) return 'no TAP';
  if (status === 2) return tests.length > 0 ? 'tests, and no answer' : null;
  const failed = tests.some(({ ok, todo, skip }) => !ok && todo === false && skip === false);
  return failed === (status !== 0) ? null : `a test ${failed ? 'fails' : 'does not fail'} with exit status ${status}`;
};

const junit: Consumer = (text, status) => {
  const { totals, cases } = junitCases(text);
  const count = (outcome: string) => cases.filter((c) => c.outcome === outcome).length;
  const told = { tests: cases.length, failures: count('failure'), errors: count('error'), skipped: count('skipped') };
  if (JSON.stringify(told) !== JSON.stringify(totals)) return `${JSON.stringify(totals)} said, and ${JSON.stringify(told)} there`;
  const bad = told.failures + told.errors > 0;
  return bad === (status !== 0) ? null : `exit status ${status} with ${JSON.stringify(told)}`;
};

const sarif: Consumer = (text) => sarifErrors(text).join('; ') || null;

/** GitHub reads each line that begins with two colons, and shows the others. */
const github: Consumer = (text, status) => {
  const commands = annotations(text);
  const isOurs = ({ command, properties: { title, ...place } }: Annotation) =>
    /^(error|warning|notice)$/.test(command) &&
    /^([A-Z_]+: .* -> .|k8s-trace: ([a-z-]+|NO_ANSWER)$)/.test(title ?? '') &&
    /^(file(,line(,col)?)?)?$/.test(Object.keys(place).join());
  const strange = commands.find((c) => !isOurs(c));
  if (strange !== undefined) return `a command of the input: ${JSON.stringify(strange)}`;
  return status === 2 && commands.length === 0 ? 'nothing is said of the error' : null;
};

const TAGS = /^(h2|p|table|thead|tbody|tr|th|td|details|summary|ul|li|pre|code)$/;

const markdown: Consumer = (text) => {
  const strange = [...html(text).matchAll(/<\/?([a-z]\w*)/g)].find(([, tag = '']) => !TAGS.test(tag));
  return strange === undefined ? null : `markup of the input: ${strange[0]}`;
};

const minimal: Consumer = (text) => {
  const line =
    /^(family IPv[46]|path \d+ \S.*|\S+ \S+ (in|out) \S+ > \S+|delivered|(exits|dropped|rejected|looped|mixed|undetermined) [A-Z_]+)$/;
  const strange = text
    .trimEnd()
    .split('\n')
    .find((l) => !line.test(l));
  return strange === undefined ? null : `a line of another form: ${strange}`;
};

/** A text that a reader of its grammar takes. */
const readBy =
  (read: (text: string) => unknown): Consumer =>
  (text) => {
    read(text);
    return null;
  };

/** What reads a format of a command; null when only people do. */
export async function consumerOf(command: string, format: string): Promise<Consumer | null> {
  switch (`${command} ${format}`) {
    case 'trace json':
    case 'trace yaml': {
      const validate = await validator('trace');
      return (text, status) => traceFault(validate, format === 'json' ? JSON.parse(text) : parse(text), status);
    }
    case 'trace minimal':
      return minimal;
    case 'trace mermaid':
      return readBy(readMermaid);
    case 'trace dot':
      return readBy(readDot);
    case 'trace svg':
      return readBy(readSvg);
    case 'trace html':
      return readBy(readPage);
    case 'check json': {
      const validate = await validator('check');
      return (text) => against(validate, JSON.parse(text));
    }
    case 'check junit':
      return junit;
    case 'check sarif':
      return sarif;
    case 'check github':
      return github;
    case 'check gitlab':
      return (text) => (Array.isArray(JSON.parse(text)) ? null : 'no list');
    case 'check tap':
      return tap;
    case 'check markdown':
      return markdown;
    case 'validate junit':
      return junit;
    case 'validate sarif':
      return sarif;
    case 'validate github':
      return (text) => annotations(text).find(({ command }) => !/^(error|warning|notice)$/.test(command))?.command ?? null;
    case 'validate gitlab':
      return (text) => (Array.isArray(JSON.parse(text)) ? null : 'no list');
    case 'validate json':
      return (text, status) => (JSON.parse(text).valid === (status !== 2) ? null : 'valid, or not');
    case 'show json':
      return (text) => (JSON.parse(text).schemaVersion === 1 ? null : 'no version');
    case 'show yaml':
      return (text) => (parse(text).schemaVersion === 1 ? null : 'no version');
    default:
      return null;
  }
}
