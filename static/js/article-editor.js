/* The story's text: a rich editor over its textarea.

   The textarea holds the HTML and is what the form sends; without this script it is all there is.
   A text that the editor cannot show without loss (an import with tables, say) stays HTML. */

const ALIASES = { b: "strong", i: "em" };
const MARKS = new Set(["strong", "em", "a", "s", "sub", "sup", "code"]);

function parse(html) {
  return new DOMParser().parseFromString(html, "text/html").body;
}

/* What a text says, with the differences left out that change nothing for readers. */
function outline(html) {
  let out = "";
  let marked = "";
  const attributes = (node) =>
    ["href", "title", "src", "alt", "start", "colspan", "rowspan", "scope"]
      .filter((name) => node.getAttribute(name) && `${name}=${node.getAttribute(name)}` !== "start=1")
      .map((name) => ` ${name}=${node.getAttribute(name)}`)
      .join("");
  const block = (token) => {
    out += token;
    marked = "";
  };
  const walk = (node, marks) => {
    for (const child of node.childNodes) {
      if (child.nodeType === Node.TEXT_NODE) {
        const now = [...marks].sort().join();
        if (child.data.trim() && now !== marked) {
          out += `\u0001${now}\u0001`;
          marked = now;
        }
        out += child.data;
      } else if (child.nodeType === Node.ELEMENT_NODE) {
        const name = ALIASES[child.localName] ?? child.localName;
        if (MARKS.has(name) && child.parentElement.localName !== "pre") {
          walk(child, [...marks, name + attributes(child)]);
        } else if (name === "p") {
          block("\u0002");
          walk(child, marks);
          block("\u0002");
        } else if (!(["footer", "figcaption"].includes(name) && !child.textContent.trim())) {
          block(`\u0003${name}${attributes(child)}\u0003`);
          walk(child, marks);
          block(`\u0003/${name}\u0003`);
        }
      }
    }
  };
  walk(parse(html), []);
  return out
    .replace(/\s+/g, " ")
    .replace(/ ?(\u0003[^\u0003]*\u0003|\u0001[^\u0001]*\u0001|\u0002) ?/g, "$1")
    .replace(/\u0002+/g, "\u0002")
    .replace(/\u0002?(\u0003[^\u0003]*\u0003)\u0002?/g, "$1")
    .replace(/(\u0003[^\u0003]*\u0003)\u0002/g, "$1")
    .replace(/^\u0002|\u0002$/g, "");
}

/* The editor's HTML as the paper keeps it: no empty paragraphs, plain list items. */
function tidy(html) {
  const body = parse(html);
  for (const node of body.querySelectorAll("p, footer, figcaption, h2, h3, h4")) {
    if (!node.textContent.trim() && !node.querySelector("img")) node.remove();
  }
  for (const node of body.querySelectorAll("li > p:first-child")) {
    if (!node.parentElement.querySelector(":scope > p ~ p")) node.replaceWith(...node.childNodes);
  }
  for (const node of body.querySelectorAll("blockquote, ul, ol, li")) {
    if (!node.textContent.trim() && !node.querySelector("img")) node.remove();
  }
  for (const link of body.querySelectorAll('a[title=""]')) link.removeAttribute("title");
  return body.innerHTML;
}

/* Pasted HTML without what the policy would refuse anyway; a second headline becomes a heading.
   This keeps the console quiet. What may be stored, the server decides. */
function withoutStyle(html) {
  return html
    .replace(/\s(?:style|on\w+)\s*=\s*(?:"[^"]*"|'[^']*'|[^\s>]+)/gi, "")
    .replace(/<(\/?)h1(?=[\s>])/gi, "<$1h2");
}

/* Ours beside the editor's own: a quotation's speaker, and pictures of the library. */
function nodes(lib) {
  const Speaker = lib.Node.create({
    name: "speaker",
    content: "inline*",
    defining: true,
    parseHTML: () => [{ tag: "footer", context: "blockquote/" }],
    renderHTML: () => ["footer", 0],
    addKeyboardShortcuts() {
      return {
        // After the speaker the story goes on, below the quotation.
        Enter: ({ editor }) => {
          const { $from } = editor.state.selection;
          if ($from.parent.type.name !== this.name) return false;
          const after = $from.after($from.depth - 1);
          return editor
            .chain()
            .insertContentAt(after, { type: "paragraph" })
            .setTextSelection(after + 1)
            .run();
        },
      };
    },
  });
  const Quotation = lib.Blockquote.extend({ content: "block+ speaker?" });
  // A box beside the story: what a word means, how something was counted.
  const Note = lib.Node.create({
    name: "note",
    group: "block",
    content: "block+",
    defining: true,
    parseHTML: () => [{ tag: "aside" }],
    renderHTML: () => ["aside", 0],
  });
  const Figure = lib.Node.create({
    name: "figure",
    group: "block",
    content: "inline*",
    draggable: true,
    isolating: true,
    addAttributes: () => ({ src: { default: "" }, alt: { default: "" } }),
    parseHTML: () => [
      {
        tag: "figure",
        getAttrs: (figure) => {
          const picture = figure.querySelector(":scope > img");
          const rest = figure.querySelector(":scope > :not(img, figcaption)");
          if (!picture || rest || figure.querySelectorAll("img").length > 1) return false;
          return { src: picture.getAttribute("src"), alt: picture.getAttribute("alt") ?? "" };
        },
        contentElement: (figure) =>
          figure.querySelector("figcaption") ?? document.createElement("figcaption"),
      },
    ],
    renderHTML: ({ node }) => [
      "figure",
      ["img", { src: node.attrs.src, alt: node.attrs.alt }],
      ["figcaption", 0],
    ],
    addNodeView: () => ({ node }) => {
      const dom = document.createElement("figure");
      const caption = document.createElement("figcaption");
      // A picture from elsewhere is not fetched: readers get a link to it.
      const own = node.attrs.src.startsWith("/media/");
      const picture = document.createElement(own ? "img" : "p");
      if (own) {
        picture.src = node.attrs.src;
        picture.alt = node.attrs.alt;
      } else {
        picture.textContent = `Picture elsewhere: ${node.attrs.src}`;
      }
      picture.contentEditable = "false";
      picture.draggable = true;
      dom.append(picture, caption);
      return { dom, contentDOM: caption };
    },
  });
  const prompt = ({ node }) =>
    ({ speaker: "Who said it", figure: "Caption, if not the library’s" })[node.type.name] ?? "";
  return [
    lib.Document, lib.Paragraph, lib.Text, lib.History, lib.Dropcursor, lib.Gapcursor,
    lib.HardBreak, lib.HorizontalRule, lib.Bold, lib.Italic, lib.Strike, lib.Subscript,
    lib.Superscript, lib.Code, lib.BulletList, lib.OrderedList, lib.ListItem,
    lib.Heading.configure({ levels: [2, 3, 4] }),
    lib.Link.configure({ enableTarget: false, autolink: false }),
    lib.Placeholder.configure({
      placeholder: prompt, includeChildren: true, showOnlyCurrent: false,
    }),
    Quotation, Speaker, Note, Figure,
  ];
}

function within(editor, name) {
  const { $from } = editor.state.selection;
  for (let depth = $from.depth; depth > 0; depth -= 1) {
    if ($from.node(depth).type.name === name) return { node: $from.node(depth), depth, $from };
  }
  return null;
}

/* Begin a quotation with a place for its speaker, or go to that place. */
function quote(editor) {
  if (within(editor, "blockquote")) {
    editor.chain().focus().lift("blockquote").run();
    return;
  }
  editor.chain().focus().wrapIn("blockquote").run();
  speaker(editor, false);
}

function box(editor) {
  const chain = editor.chain().focus();
  (within(editor, "note") ? chain.lift("note") : chain.wrapIn("note")).run();
}

function speaker(editor, go = true) {
  const quotation = within(editor, "blockquote");
  if (!quotation) return;
  const end = quotation.$from.end(quotation.depth);
  const chain = editor.chain().focus();
  if (quotation.node.lastChild.type.name !== "speaker") {
    chain.insertContentAt(end, { type: "speaker" }, { updateSelection: false });
    if (go) chain.setTextSelection(end + 1);
  } else if (go) {
    chain.setTextSelection(end - 1);
  }
  chain.run();
}

function choosePicture(editor) {
  const pick = ({ src, alt, caption }) => {
    const content = caption ? [{ type: "text", text: caption }] : [];
    const { $to } = editor.state.selection;
    // Between two paragraphs, never inside a quotation or a list.
    const at = $to.depth ? $to.after(1) : $to.pos;
    editor
      .chain()
      .focus()
      .insertContentAt(at, { type: "figure", attrs: { src, alt }, content })
      .run();
  };
  document.dispatchEvent(new CustomEvent("picture:choose", { detail: { pick } }));
}

const TOOLS = [
  ["Text", "Plain paragraph", (e) => e.chain().focus().setParagraph().run(), "paragraph"],
  ["Heading", "Heading", (e) => e.chain().focus().toggleHeading({ level: 2 }).run(), "heading", { level: 2 }],
  ["Subheading", "Subheading", (e) => e.chain().focus().toggleHeading({ level: 3 }).run(), "heading", { level: 3 }],
  null,
  ["B", "Bold", (e) => e.chain().focus().toggleBold().run(), "bold"],
  ["I", "Italic", (e) => e.chain().focus().toggleItalic().run(), "italic"],
  ["Link", "Link (mark the words first)", (e) => e.commands.addLink(), "link"],
  null,
  ["• List", "List of points", (e) => e.chain().focus().toggleBulletList().run(), "bulletList"],
  ["1. List", "Numbered list", (e) => e.chain().focus().toggleOrderedList().run(), "orderedList"],
  ["“ Quotation", "Quotation", quote, "blockquote"],
  ["– Speaker", "Who is quoted", (e) => speaker(e), "speaker"],
  ["Note box", "Box beside the story", box, "note"],
  ["Picture", "Picture from the library", choosePicture, "figure"],
  null,
  ["↶", "Undo", (e) => e.chain().focus().undo().run()],
  ["↷", "Redo", (e) => e.chain().focus().redo().run()],
];

function toolbar(editor, switchToHtml) {
  const bar = document.createElement("div");
  bar.className = "editor-tools";
  bar.setAttribute("role", "toolbar");
  bar.setAttribute("aria-label", "Text formatting");
  const button = (label, name, run) => {
    const made = document.createElement("button");
    made.type = "button";
    made.textContent = label;
    made.title = name;
    made.setAttribute("aria-label", name);
    made.addEventListener("mousedown", (event) => event.preventDefault());
    made.addEventListener("click", run);
    bar.append(made);
    return made;
  };
  const active = [];
  for (const tool of TOOLS) {
    if (!tool) {
      bar.append(document.createElement("hr"));
      continue;
    }
    const [label, name, run, type, attrs] = tool;
    const made = button(label, name, () => run(editor));
    if (type) active.push([made, type, attrs]);
  }
  button("HTML", "Edit the HTML", switchToHtml).className = "editor-html";
  const show = () => {
    for (const [made, type, attrs] of active) {
      made.setAttribute("aria-pressed", String(editor.isActive(type, attrs ?? {})));
    }
  };
  editor.on("transaction", show);
  show();
  return bar;
}

function note(textarea, words, button) {
  const made = document.createElement("p");
  made.className = "editor-note";
  made.setAttribute("role", "status");
  made.append(words, " ");
  if (button) made.append(button);
  textarea.before(made);
  return made;
}

function openEditor(textarea, lib) {
  const frame = document.createElement("div");
  frame.className = "article-editor prose-editor";
  const page = document.createElement("div");
  frame.append(page);
  const editor = new lib.Editor({
    element: page,
    extensions: nodes(lib),
    content: textarea.value,
    injectCSS: false, // its few rules stand in article-desk.css; a style tag is refused
    editorProps: {
      transformPastedHTML: withoutStyle,
      attributes: {
        role: "textbox",
        "aria-multiline": "true",
        "aria-label": "Text",
        class: "story-text",
        spellcheck: "true",
      },
    },
    onUpdate: () => {
      textarea.value = tidy(editor.getHTML());
      textarea.dispatchEvent(new Event("input", { bubbles: true }));
    },
  });
  if (outline(textarea.value) !== outline(tidy(editor.getHTML()))) {
    editor.destroy();
    note(
      textarea,
      "This text has parts that the editor cannot show without loss, so you are changing its HTML.",
    );
    return;
  }
  const label = document.querySelector(`label[for="${textarea.id}"]`);
  const focus = () => editor.commands.focus();
  label?.addEventListener("click", focus);
  frame.prepend(
    toolbar(editor, () => {
      editor.destroy();
      frame.remove();
      label?.removeEventListener("click", focus);
      textarea.hidden = false;
      const back = document.createElement("button");
      back.type = "button";
      back.textContent = "Back to the editor";
      const shown = note(textarea, "You are changing the text’s HTML.", back);
      back.addEventListener("click", () => {
        shown.remove();
        openEditor(textarea, lib);
      });
      textarea.focus();
    }),
  );
  textarea.hidden = true;
  textarea.before(frame);
}

for (const textarea of document.querySelectorAll("textarea[data-editor]")) {
  import(new URL(textarea.dataset.editor, document.baseURI).href).then((lib) =>
    openEditor(textarea, lib),
  );
}
