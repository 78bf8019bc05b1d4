/**
 * Texts that stay when what they were read from goes. One that was cut out of another keeps all of that alive, 8 KB for a pod's name; and what
 * a dump says of each pod is the same text a hundred thousand times.
 */
export class TextPool {
  readonly #texts = new Map<string, string>();

  /** Gives plain data that was just made texts of its own, each once; in place. */
  own<T>(data: T): T {
    this.#replace(data);
    return data;
  }

  #replace(data: unknown): void {
    if (Array.isArray(data)) this.#replaceItems(data);
    else if (isObject(data))
      for (const key of Object.keys(data)) {
        const value = data[key];
        if (typeof value === 'string') data[key] = this.#text(value);
        else if (typeof value === 'object') this.#replace(value);
      }
  }

  #replaceItems(items: unknown[]): void {
    for (let i = 0; i < items.length; i++) {
      const value = items[i];
      if (typeof value === 'string') items[i] = this.#text(value);
      else if (typeof value === 'object') this.#replace(value);
    }
  }

  #text(text: string): string {
    const known = this.#texts.get(text);
    if (known !== undefined) return known;
    if (this.#texts.size >= MOST) this.#texts.clear();
    const own = text.length < LEAST_PART ? text : ` ${text}`.slice(1);
    this.#texts.set(own, own);
    return own;
  }
}

const isObject = (data: unknown): data is Record<string, unknown> => typeof data === 'object' && data !== null;

/** Names and addresses are there once each, and need no place. */
const MOST = 20_000;

/** V8 copies what is shorter (SlicedString::kMinLength); what is put together is a text of its own. */
const LEAST_PART = 13;
