import { ALWAYS, allOf, anyOf, MAYBE, not, type Test } from './selects.ts';

/** https://docs.tigera.io/calico/latest/reference/resources/networkpolicy#selectors */
type ByKey = (key: string, holds: (value: string | undefined) => boolean) => Test;

const TOKEN = /\s*(&&|\|\||==|!=|!|\(|\)|\{|\}|,|"[^"]*"|'[^']*'|[A-Za-z0-9_./-]+)/y;

function tokensOf(text: string): readonly string[] | null {
  const tokens: string[] = [];
  TOKEN.lastIndex = 0;
  const { length } = text.trimEnd();
  while (TOKEN.lastIndex < length) {
    const found = TOKEN.exec(text)?.[1];
    if (found === undefined) return null;
    tokens.push(found);
  }
  return tokens;
}

/** A selector in Calico's language; one that cannot be read may select anything. `global()` is no namespace. */
export function calicoSelector(text: string, test: ByKey): Test {
  const tokens = tokensOf(text);
  if (tokens === null) return MAYBE;
  const [result, rest] = either(tokens, test);
  return rest.length === 0 ? result : MAYBE;
}

type Read = readonly [Test, readonly string[]];

function either(tokens: readonly string[], test: ByKey): Read {
  const [first, rest] = both(tokens, test);
  if (rest[0] !== '||') return [first, rest];
  const [second, end] = either(rest.slice(1), test);
  return [anyOf(first, second), end];
}

function both(tokens: readonly string[], test: ByKey): Read {
  const [first, rest] = single(tokens, test);
  if (rest[0] !== '&&') return [first, rest];
  const [second, end] = both(rest.slice(1), test);
  return [allOf(first, second), end];
}

function single(tokens: readonly string[], test: ByKey): Read {
  const [first = '', second = '', third = '', fourth = ''] = tokens;
  if (first === '!') {
    const [inner, rest] = single(tokens.slice(1), test);
    return [not(inner), rest];
  }
  if (first === '(') {
    const [inner, rest] = either(tokens.slice(1), test);
    return rest[0] === ')' ? [inner, rest.slice(1)] : [MAYBE, rest];
  }
  if (second === '(' && third === ')') return [first === 'all' ? ALWAYS : first === 'global' ? not(ALWAYS) : MAYBE, tokens.slice(3)];
  if (first === 'has' && second === '(' && fourth === ')') return [test(third, (value) => value !== undefined), tokens.slice(4)];
  if (second === '==') return [test(first, (value) => value === quoted(third)), tokens.slice(3)];
  if (second === '!=') return [test(first, (value) => value !== quoted(third)), tokens.slice(3)];
  if (second === 'in') return ofSet(first, tokens.slice(2), test, true);
  if (second === 'not' && third === 'in') return ofSet(first, tokens.slice(3), test, false);
  return [MAYBE, tokens.slice(1)];
}

/** `{ "a", "b" }`. As `!=`, `not in` holds for a label that is not there. */
function ofSet(key: string, tokens: readonly string[], test: ByKey, isIn: boolean): Read {
  const end = tokens.indexOf('}');
  if (tokens[0] !== '{' || end === -1) return [MAYBE, tokens.slice(1)];
  const values = tokens
    .slice(1, end)
    .filter((t) => t !== ',')
    .map(quoted);
  return [test(key, (value) => (value !== undefined && values.includes(value)) === isIn), tokens.slice(end + 1)];
}

const quoted = (token: string): string => token.replace(/^["']|["']$/g, '');
