"use strict";
// Everything that came from outside is put on the page as text nodes: nothing is ever parsed as HTML.

function element(tag, className, ...children) {
  const node = document.createElement(tag);
  if (className) node.className = className;
  node.append(...children.filter((child) => child !== null && child !== undefined && child !== ""));
  return node;
}

function button(text, className, act) {
  const node = element("button", className, text);
  node.type = "button";
  node.addEventListener("click", act);
  return node;
}

const TAGS = {
  bold: "b", italic: "i", underline: "u", strikethrough: "s", code: "code", pre: "pre", blockquote: "blockquote",
  expandable_blockquote: "blockquote", spoiler: "span",
};

function safeLink(url) {
  return /^(https?|tg|mailto|tel):/i.test(url) ? url : "";
}

function entityNode(entity, text) {
  const links = { text_link: entity.url, url: /:\/\//.test(text) ? text : `http://${text}`, email: `mailto:${text}` };
  const href = safeLink(links[entity.type] || "");
  if (href) {
    const node = element("a", "");
    node.href = href;
    node.target = "_blank";
    node.rel = "noopener noreferrer";
    return node;
  }
  return element(TAGS[entity.type] || "span", `e-${entity.type}`);
}

// Offsets of entities are UTF-16 units, which is what JavaScript's strings count in.
function formatted(text, entities, from = 0, to = text.length) {
  const fragment = document.createDocumentFragment();
  let at = from;
  const inner = entities.filter((e) => e.offset >= from && e.offset + e.length <= to);
  while (inner.length) {
    const entity = inner.shift();
    if (entity.offset < at) continue;
    const end = entity.offset + entity.length;
    fragment.append(text.slice(at, entity.offset));
    const node = entityNode(entity, text.slice(entity.offset, end));
    node.append(formatted(text, inner.filter((e) => e.offset >= entity.offset), entity.offset, end));
    fragment.append(node);
    at = end;
  }
  fragment.append(text.slice(at, to));
  return fragment;
}
