// What can stand at the cursor: tables at the start of a line, the keys of the table there, and the values of a key.
const HEADER = /^[ \t]*\[\[?[ \t]*([\w.-]+)[ \t]*\]?\]?/;

export class Completion {
  constructor(editor, list) {
    Object.assign(this, { editor, list, tables: null, chosen: -1, options: [] });
    editor.field.addEventListener("input", () => this.offer(false));
    editor.field.addEventListener("keydown", (event) => this.pressed(event));
    editor.field.addEventListener("blur", () => this.close());
    editor.field.addEventListener("click", () => this.close());
    list.addEventListener("pointerdown", (event) => {
      event.preventDefault();
      const option = event.target.closest("li");
      if (option) this.take([...list.children].indexOf(option));
    });
  }

  // The table that the cursor is in, and in [[layers]] the kind of this layer.
  table(before, behind) {
    const name = before.split("\n").slice(0, -1).findLast((line) => HEADER.test(line))?.match(HEADER)[1] ?? "";
    if (name !== "layers") return this.tables[name] ?? {};
    const start = before.lastIndexOf("[[layers]]");
    const end = behind.search(/^[ \t]*\[/m);
    const layer = before.slice(start) + (end < 0 ? behind : behind.slice(0, end));
    const kind = /^[ \t]*kind[ \t]*=[ \t]*"(\w+)"/m.exec(layer)?.[1];
    return { kind: this.tables.layers.kind, ...this.tables[`layers.${kind ?? "dense"}`] ?? this.tables.layers };
  }

  offer(isAsked) {
    if (!this.tables) return;
    const { field } = this.editor;
    const [before, behind] = [field.value.slice(0, field.selectionStart), field.value.slice(field.selectionEnd)];
    const line = before.slice(before.lastIndexOf("\n") + 1);
    const table = this.table(before, behind);
    const header = /^[ \t]*(\[\[?)([\w.]*)$/.exec(line);
    const value = /^[ \t]*([\w.-]+)[ \t]*=[ \t]*(?:.*[{,[][ \t]*)?("?)([\w-]*)$/.exec(line);
    const key = /^[ \t]*([\w-]*)$/.exec(line);
    let typed = "", found = [];
    if (header) {
      typed = header[0].trimStart();
      found = Object.entries(this.tables.tables).map(([written, says]) => ({ written, says }));
    } else if (value) {
      typed = value[2] + value[3];
      found = Object.entries(table[value[1]]?.values ?? {}).map(([written, says]) => ({ written, says }));
    } else if (key) {
      typed = key[1];
      found = Object.entries(table).map(([name, { says }]) => ({ written: name, says, ending: " = " }));
    }
    const fits = ({ written }) => written.startsWith(typed) || (value && written.startsWith(`"${typed}`));
    this.options = isAsked || typed ? found.filter(fits).filter(({ written }) => written !== typed) : [];
    this.start = before.length - typed.length;
    this.show();
  }

  show() {
    this.chosen = -1;
    this.list.replaceChildren(...this.options.map(({ written, says }, number) => {
      const option = document.createElement("li");
      option.id = `offered-${number}`;
      option.setAttribute("role", "option");
      option.setAttribute("aria-selected", "false");
      const [name, meaning] = [document.createElement("b"), document.createElement("span")];
      name.textContent = written;
      meaning.textContent = says;
      option.append(name, meaning);
      return option;
    }));
    this.list.hidden = !this.options.length;
    if (this.list.hidden) return this.close();
    const { field } = this.editor;
    field.setAttribute("aria-controls", this.list.id);
    const style = getComputedStyle(field);
    const line = field.value.slice(0, this.start).split("\n").length;
    const below = parseFloat(style.paddingTop) + line * parseFloat(style.lineHeight) - field.scrollTop;
    const room = field.clientHeight - below;
    this.list.style.top = room > 120 ? `${below}px` : "auto";
    this.list.style.bottom = room > 120 ? "auto" : `${room + parseFloat(style.lineHeight)}px`;
  }

  close() {
    this.list.hidden = true;
    this.chosen = -1;
    for (const name of ["aria-controls", "aria-activedescendant"]) this.editor.field.removeAttribute(name);
  }

  choose(number) {
    this.list.children[this.chosen]?.setAttribute("aria-selected", "false");
    this.chosen = (number + this.options.length) % this.options.length;
    const option = this.list.children[this.chosen];
    option.setAttribute("aria-selected", "true");
    option.scrollIntoView({ block: "nearest" });
    this.editor.field.setAttribute("aria-activedescendant", option.id);
  }

  take(number) {
    const { written, ending = "" } = this.options[number];
    const { field } = this.editor;
    // A quotation mark or a bracket that stands there already is not doubled.
    const behind = field.value.slice(field.selectionEnd);
    const closing = /^(?:\]+|")/.exec(behind)?.[0] ?? "";
    const end = field.selectionEnd + (closing && written.endsWith(closing) ? closing.length : 0);
    this.editor.type(this.start, end, written + ending);
    field.dispatchEvent(new Event("input", { bubbles: true }));
    this.close();
  }

  pressed(event) {
    if (event.key === " " && event.ctrlKey) {
      event.preventDefault();
      this.offer(true);
      return;
    }
    if (this.list.hidden) return;
    const moves = { ArrowDown: this.chosen + 1, ArrowUp: this.chosen < 0 ? -1 : this.chosen - 1 };
    if (event.key in moves) this.choose(moves[event.key]);
    else if (event.key === "Enter" && this.chosen >= 0) this.take(this.chosen);
    else if (event.key === "Tab" && !event.shiftKey) this.take(Math.max(this.chosen, 0));
    else if (event.key === "Escape") this.close();
    else return;
    event.preventDefault();
  }
}
