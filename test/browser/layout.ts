/*
 * What is measured in the browser: each function is sent there as it is, so that it may use nothing but its own text and
 * what a page has.
 */

export interface Box {
  readonly text: string;
  readonly left: number;
  readonly top: number;
  readonly right: number;
  readonly bottom: number;
}

/** The lines of every text that is shown, as boxes in pixels of the page. */
export function textBoxes(): Box[] {
  const boxes: Box[] = [];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  for (let node = walker.nextNode(); node !== null; node = walker.nextNode()) {
    const text = node.textContent?.trim() ?? '';
    const parent = node.parentElement;
    if (text === '' || parent?.closest('svg')) continue;
    // The head of a table that is laid out as blocks is there for those who cannot see it.
    const head = parent?.closest('thead');
    if (head && getComputedStyle(head).position === 'absolute') continue;
    const range = document.createRange();
    range.selectNodeContents(node);
    for (const { left, top, right, bottom } of range.getClientRects()) {
      // The line's own height has room above and below the letters.
      if (right - left > 0.5) boxes.push({ text, left, top: top + 2, right, bottom: bottom - 2 });
    }
  }
  return boxes;
}

/** The cells of all strips, with their titles and the width of their strip. */
export function cellBoxes(): (Box & { readonly strip: number })[] {
  return [...document.querySelectorAll('svg.cells')].flatMap((svg, strip) =>
    [...svg.querySelectorAll('use')].map((cell) => {
      const { left, top, right, bottom } = cell.getBoundingClientRect();
      return { strip, text: cell.querySelector('title')?.textContent ?? '', left, top, right, bottom };
    }),
  );
}

/** Elements that hold more than they show, or that reach out of the page. */
export function cutElements(): string[] {
  const width = document.documentElement.clientWidth;
  return [...document.body.querySelectorAll('*')]
    .filter((element) => element.closest('.symbols, use') === null)
    .filter((element) => getComputedStyle(element.closest('thead') ?? element).position !== 'absolute')
    .filter((element) => {
      const { left, right } = element.getBoundingClientRect();
      const isHtml = element instanceof HTMLElement && getComputedStyle(element).display !== 'inline';
      return left < -0.5 || right > width + 0.5 || (isHtml && element.scrollWidth > element.clientWidth + 1);
    })
    .map((element) => `${element.tagName} ${element.className} ${element.textContent?.slice(0, 40)}`);
}

/** Texts and what they are painted with, and on. */
export function textColors(): { text: string; color: string; background: string }[] {
  return [...document.body.querySelectorAll('*')]
    .filter((element) => [...element.childNodes].some((node) => node.nodeType === 3 && node.textContent?.trim()))
    .filter((element) => element.closest('svg') === null)
    .map((element) => {
      let behind: Element | null = element;
      while (behind && getComputedStyle(behind).backgroundColor === 'rgba(0, 0, 0, 0)') behind = behind.parentElement;
      const background = behind ? getComputedStyle(behind).backgroundColor : 'rgb(255, 255, 255)';
      return { text: element.textContent ?? '', color: getComputedStyle(element).color, background };
    });
}

/** What each state's cell is drawn with, its mark and the card that it is on. */
export function stateColors(): { state: string; cell: string; mark: string | undefined; card: string }[] {
  const card = getComputedStyle(document.querySelector('section') ?? document.body).backgroundColor;
  return [...document.querySelectorAll('symbol')].map((symbol) => {
    const paint = (selector: string, property: 'fill' | 'stroke') => {
      const found = symbol.querySelector(selector);
      return found ? getComputedStyle(found)[property] : undefined;
    };
    const fill = paint('.half', 'fill') ?? paint('.cell', 'fill') ?? '';
    return { state: symbol.id, cell: fill === 'none' ? '' : fill, mark: paint('.mark', 'stroke'), card };
  });
}

/** By WCAG: 1 for the same colour, 21 for black on white. @param a as `rgb(1, 2, 3)` */
export function contrast(a: string, b: string): number {
  const light = (color: string) => {
    const [red = 0, green = 0, blue = 0] = (color.match(/\d+/g) ?? []).map((part) => {
      const value = Number(part) / 255;
      return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
  };
  const [low = 0, high = 0] = [light(a), light(b)].sort((x, y) => x - y);
  return (high + 0.05) / (low + 0.05);
}

/** Pairs of boxes that share some room. */
export function overlaps(boxes: readonly Box[]): string[] {
  const sorted = [...boxes].sort((a, b) => a.top - b.top);
  return sorted.flatMap((a, index) => {
    const found: string[] = [];
    for (let at = index + 1; at < sorted.length; at++) {
      const b = sorted[at];
      if (b === undefined || b.top >= a.bottom - 0.5) break;
      if (a.left < b.right - 0.5 && b.left < a.right - 0.5) found.push(`${a.text} | ${b.text}`);
    }
    return found;
  });
}
