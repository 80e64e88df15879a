// The markdown that boards use: headings, paragraphs, lists, bold, emphasis, code, links. Nothing in it is ever HTML.

import { h } from "./dom.js";
import { fill } from "./links.js";

const INLINE = /(\*\*.+?\*\*|\*.+?\*|`.+?`|\[[^\]]+\]\([^)\s]+\))/;

/** The elements of a text. */
export function markdown(text) {
  return text.trim().split(/\n\s*\n/).map((block) => {
    const heading = block.match(/^(#{1,4})\s+(.*)$/s);
    if (heading) return h("h2", {}, ...inline(heading[2]));
    const lines = block.split("\n");
    if (lines.every((line) => /^\s*[-*]\s/.test(line))) {
      return h("ul", {}, ...lines.map((line) => h("li", {}, ...inline(line.replace(/^\s*[-*]\s+/, "")))));
    }
    return h("p", {}, ...inline(block));
  });
}

function inline(text) {
  return text.split(INLINE).map((part) => {
    const link = part.match(/^\[([^\]]+)\]\(((?:\/|#|https?:)[^)\s]*)\)$/);
    if (link) return h("a", { href: fill(link[2]) }, link[1]);
    if (/^\*\*.+\*\*$/s.test(part)) return h("strong", {}, ...inline(part.slice(2, -2)));
    if (/^\*.+\*$/s.test(part)) return h("em", {}, part.slice(1, -1));
    return /^`.+`$/s.test(part) ? h("code", {}, part.slice(1, -1)) : part;
  });
}
