/** Text from input files is data: a control character in it must not reach the terminal. */
export function safe(text: string): string {
  return text.replace(
    /\p{Cc}|[\u2028\u2029\u202a-\u202e\u2066-\u2069]/gu,
    (c) => `\\u${(c.codePointAt(0) ?? 0).toString(16).padStart(4, '0')}`,
  );
}

/** Address and port as people join them: IPv6 in brackets. A port of null is none. */
export function withPort(address: string, port: number | string | null): string {
  if (port === null) return address;
  return address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`;
}

/** Cuts a text into lines of at most `width` characters, at spaces where there are any; a longer word is broken, never lost. */
export function wrap(text: string, width: number): readonly string[] {
  const limit = Math.max(width, 8);
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    let rest = word;
    if (line !== '' && line.length + 1 + rest.length <= limit) {
      line += ` ${rest}`;
      continue;
    }
    if (line !== '') lines.push(line.trimEnd());
    while (rest.length > limit) {
      lines.push(rest.slice(0, limit));
      rest = rest.slice(limit);
    }
    line = rest;
  }
  lines.push(line);
  return lines;
}

/** A paragraph whose first line begins with `lead` and whose other lines are indented by as much. */
export function hanging(lead: string, text: string, width: number): readonly string[] {
  const indent = ' '.repeat(lead.length);
  return wrap(text, width - lead.length).map((line, i) => (i === 0 ? lead : indent) + line);
}
