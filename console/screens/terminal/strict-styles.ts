/**
 * xterm.js writes `style` elements and `style` attributes, and the Content-Security-Policy of the console forbids both: with
 * `'unsafe-inline'` an injected element could restyle any screen. A nonce would need a new index.html for every visit, and xterm.js takes
 * none. What a script sets through the CSSOM is allowed, so the same is set there: the text of a `style` element becomes a constructed
 * style sheet, and a `style` attribute becomes declarations.
 */
export class StrictStyles {
  readonly #sheets = new Set<CSSStyleSheet>();

  /** Runs what opens the terminal: all its style elements are made meanwhile, and are changed later. */
  whileOpening(open: () => void): void {
    const createElement = (tag: string, options?: ElementCreationOptions): HTMLElement => {
      if (tag === 'style') return this.#styleElement();
      return Document.prototype.createElement.call(document, tag, options);
    };
    Object.defineProperty(document, 'createElement', { value: createElement, configurable: true });
    try {
      open();
    } finally {
      Reflect.deleteProperty(document, 'createElement');
    }
  }

  /** Takes the style sheets from the page. */
  release(): void {
    document.adoptedStyleSheets = document.adoptedStyleSheets.filter((sheet) => !this.#sheets.has(sheet));
    this.#sheets.clear();
  }

  /** Stands for one: even an empty real one is refused. */
  #styleElement(): HTMLElement {
    const sheet = new CSSStyleSheet();
    this.#sheets.add(sheet);
    document.adoptedStyleSheets = [...document.adoptedStyleSheets, sheet];
    const element = Document.prototype.createElement.call(document, 'template');
    return Object.defineProperty(element, 'textContent', { set: (css: string) => sheet.replaceSync(css) });
  }
}

/** Cells in colours beyond the palette; the console itself writes no `style` attributes. */
HTMLSpanElement.prototype.setAttribute = function setAttribute(name: string, value: string): void {
  if (name === 'style') this.style.cssText = value;
  else Element.prototype.setAttribute.call(this, name, value);
};
