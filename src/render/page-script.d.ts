/** The text of a script for a page, as build/page-script.mjs makes it. */
declare module '*?script' {
  const text: string;
  export default text;
}
