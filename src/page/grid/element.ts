type Child = Node | string | null | readonly Child[];

/** An element with attributes (null: without) and children. Texts become text nodes: nothing that a file names is read as markup. */
export function element<K extends keyof HTMLElementTagNameMap>(
  name: K,
  attributes: Readonly<Record<string, string | number | null>> = {},
  ...children: readonly Child[]
): HTMLElementTagNameMap[K] {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) if (value !== null) made.setAttribute(key, String(value));
  made.append(...flat(children));
  return made;
}

const flat = (children: readonly Child[]): readonly (Node | string)[] =>
  children.flatMap((child) => (child === null ? [] : typeof child === 'string' || child instanceof Node ? [child] : flat(child)));

/** Style by script: the page's policy forbids attributes of it. */
export function place(made: HTMLElement, at: Readonly<Partial<Record<'left' | 'top' | 'width' | 'height', number>>>): HTMLElement {
  for (const [key, value] of Object.entries(at)) made.style.setProperty(key, `${value}px`);
  return made;
}
