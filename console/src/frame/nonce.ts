/** The nonce of this answer, under which styles that are made at run time may stand. */
export const nonce: string | undefined =
  globalThis.document?.querySelector<HTMLMetaElement>('meta[property="csp-nonce"]')?.nonce || undefined;

/**
 * Gives the nonce to every style element that the page's own scripts make. AntD passes it on to
 * most of them; the ones that measure a scroll bar or keep the page from scrolling under a dialog
 * it makes without.
 */
export function signStyles() {
  const make = document.createElement.bind(document) as (tag: string, options?: ElementCreationOptions) => HTMLElement;
  document.createElement = ((tag: string, options?: ElementCreationOptions) => {
    const made = make(tag, options);
    if (nonce && made instanceof HTMLStyleElement) made.nonce = nonce;
    return made;
  }) as typeof document.createElement;
}
