// A text field whose text is shown in colours, with the number of every line, and with a line under a mistake.
const TOKENS = new RegExp([
  String.raw`(?<string>"""[\s\S]*?(?:"""|$)|'''[\s\S]*?(?:'''|$)|"(?:[^"\\\n]|\\.)*"?|'[^'\n]*'?)`,
  String.raw`(?<comment>#[^\n]*)`,
  String.raw`(?<keyword>^[ \t]*\[\[?[^\]\n=]*\]\]?)`,
  String.raw`(?<name>^[ \t]*[\w.-]+(?=[ \t]*=))`,
  String.raw`(?<number>[+-]?\b\d[\w.]*(?:[eE][+-]?\d+)?\b|\btrue\b|\bfalse\b)`,
].join("|"), "gm");
const span = (kind, text) => {
  const made = document.createElement("span");
  made.className = kind;
  made.textContent = text;
  return made;
};

export class Editor {
  constructor(box) {
    this.box = box;
    this.field = box.querySelector("textarea");
    this.shown = box.querySelector(".shown code");
    this.marks = box.querySelector(".marks");
    this.numbers = box.querySelector(".numbers");
    this.field.addEventListener("scroll", () => this.follow());
    this.field.addEventListener("input", () => this.draw());
  }

  get text() { return this.field.value; }

  set text(text) {
    this.field.value = text;
    this.draw();
  }

  // Puts a text in the place of another, as if it had been typed: it can be undone.
  type(start, end, text) {
    this.field.focus();
    this.field.setSelectionRange(start, end);
    if (!document.execCommand("insertText", false, text)) this.field.setRangeText(text, start, end, "end");
    this.draw();
  }

  draw() {
    const parts = [];
    let place = 0;
    for (const found of this.text.matchAll(TOKENS)) {
      const [kind, text] = Object.entries(found.groups).find(([, text]) => text !== undefined);
      parts.push(this.text.slice(place, found.index), span(kind, text));
      place = found.index + text.length;
    }
    this.shown.replaceChildren(...parts, this.text.slice(place), "\n");
    const lines = this.text.split("\n").length;
    this.numbers.textContent = Array.from({ length: lines }, (_, line) => line + 1).join("\n");
    this.mark();
    this.follow();
  }

  follow() {
    for (const layer of [this.shown.parentElement, this.marks]) [layer.scrollTop, layer.scrollLeft] = [this.field.scrollTop, this.field.scrollLeft];
    this.numbers.scrollTop = this.field.scrollTop;
  }

  // From a column to the end of the word there, or the whole of a line; without a line, nothing.
  mark(line = 0, column = 0) {
    const lines = this.text.split("\n");
    this.place = null;
    this.box.classList.toggle("wrong", line > 0);
    if (!line || line > lines.length) return this.marks.replaceChildren();
    const begin = lines.slice(0, line - 1).reduce((sum, each) => sum + each.length + 1, 0);
    const text = lines[line - 1];
    let from = column ? Math.min(column - 1, text.length) : text.length - text.trimStart().length;
    const to = column ? from + (/^(?:\w+|.)/.exec(text.slice(from)) ?? [""])[0].length : text.trimEnd().length;
    if (from >= to) from = Math.max(0, to - 1);
    const marked = document.createElement("mark");
    marked.textContent = text.slice(from, to) || " ";
    this.place = [begin + from, begin + to];
    this.marks.replaceChildren(this.text.slice(0, begin + from), marked, this.text.slice(begin + to), "\n");
    this.follow();
  }

  goToMark() {
    this.field.focus();
    if (this.place) this.field.setSelectionRange(...this.place);
  }
}
