/**
 * xterm.js writes `style` elements and `style` attributes, and the Content-Security-Policy of the console forbids both: with
 * `'unsafe-inline'` an injected element could restyle any screen. A nonce would need a new index.html for every visit, and xterm.js takes
 * none. What a script sets through the CSSOM is allowed, so xterm.js gets a document whose elements put their styles there:
 * the text of a `style` element becomes a constructed style sheet, and a `style` attribute becomes declarations.
 */
export class StrictDocument {
  readonly #sheets = new Map<Element, CSSStyleSheet>();

  /** For the option `documentOverride`: all of `document`, but for what it creates. */
  readonly document: Document = new Proxy(document, {
    get: (target, name) => {
      if (name === 'createElement') return this.#createElement;
      const value: unknown = Reflect.get(target, name);
      return typeof value === 'function' ? value.bind(target) : value;
    },
  });

  /** Runs what opens the terminal: its scroll bar asks `window.document` for a style element, once, while it is made. */
  whileLent(open: () => void): void {
    Object.defineProperty(document, 'createElement', { value: this.#createElement, configurable: true });
    try {
      open();
    } finally {
      Reflect.deleteProperty(document, 'createElement');
    }
  }

  /** Takes the style sheets from the page. */
  release(): void {
    const ours = new Set(this.#sheets.values());
    document.adoptedStyleSheets = document.adoptedStyleSheets.filter((sheet) => !ours.has(sheet));
    this.#sheets.clear();
  }

  readonly #createElement = (tag: string, options?: ElementCreationOptions): HTMLElement => {
    const element: HTMLElement = Document.prototype.createElement.call(document, tag, options);
    if (tag === 'style') this.#keepStyles(element);
    else keepAttribute(element);
    return element;
  };

  #keepStyles(element: HTMLElement): void {
    const sheet = new CSSStyleSheet();
    this.#sheets.set(element, sheet);
    document.adoptedStyleSheets = [...document.adoptedStyleSheets, sheet];
    Object.defineProperty(element, 'textContent', { set: (css: string) => sheet.replaceSync(css) });
  }
}

function keepAttribute(element: HTMLElement): void {
  const { setAttribute } = element;
  element.setAttribute = (name, value) => {
    if (name === 'style') element.style.cssText = value;
    else setAttribute.call(element, name, value);
  };
}
