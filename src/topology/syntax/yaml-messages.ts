import type { YAMLError } from 'yaml';
import { bracketFault } from './brackets.ts';
import { positionOf, type Source } from './yaml-source.ts';

interface Words {
  readonly offset: number;
  readonly message: string;
  readonly hint: string | null;
}

/** An error of the YAML parser in the words of people who write files, at the place that has to change. */
export function inPlainWords(source: Source, text: string, error: YAMLError): Words {
  return unbalanced(source, text, error) ?? { offset: error.pos[0], ...plain(error) };
}

const FLOW = /^(Flow (map|sequence) in block|Missing closing|Missing , |Unexpected flow-|Expected .*flow)|flow collection/;
export const isAboutBrackets = (error: YAMLError): boolean => FLOW.test(error.message);

const OPENING: Readonly<Record<string, string>> = { '}': '{', ']': '[' };
const CLOSING: Readonly<Record<string, string>> = { '{': '}', '[': ']' };

function unbalanced(source: Source, text: string, error: YAMLError): Words | null {
  if (!isAboutBrackets(error)) return null;
  const [offset, to] = error.pos;
  const fault = bracketFault(text, error.message.startsWith('Missing closing') ? offset : Math.max(offset, to));
  if (fault === null) return null;
  const { bracket } = fault;
  if (fault.kind === 'extra') {
    const message = `this ${bracket} closes nothing: no ${OPENING[bracket]} is open here`;
    return { offset: fault.offset, message, hint: `take it out, or put the ${OPENING[bracket]} where it belongs` };
  }
  const { line, column } = positionOf(source, fault.noticed);
  const message = `this ${bracket} is opened and not closed`;
  return { offset: fault.offset, message, hint: `a ${CLOSING[bracket] ?? bracket} is missing before ${line}:${column}` };
}

function plain({ code, message }: YAMLError): Omit<Words, 'offset'> {
  if (code === 'MULTILINE_IMPLICIT_KEY' || (code === 'MISSING_CHAR' && message.startsWith('Implicit map keys')))
    return {
      message: 'this line has no value, and what is below it is deeper: a colon is missing',
      hint: 'write it as key: value, or as key: with its value below',
    };
  if (code === 'BLOCK_AS_IMPLICIT_KEY' && message.startsWith('Nested mappings'))
    return {
      message: 'this line has two keys',
      hint: 'put a value that holds a colon and a space in quotes; a second key goes on a line of its own',
    };
  return { message: message.replace(/\s+/g, ' '), hint: null };
}
