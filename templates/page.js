// What is typed goes to the server a moment after the last key; what comes back stands in the panel of the tab that is open.
import { Completion } from "./page_completion.js";
import { Editor } from "./page_editor.js";
import { packed, unpacked } from "./page_link.js";

const PAUSE = 250;
const AGAIN = 2000;
const of = (id) => document.getElementById(id);
const data = JSON.parse(of("data").textContent);
const say = (key, filled = {}) => Object.entries(filled).reduce((text, [name, value]) => text.replaceAll(`{${name}}`, value), data.words[key] ?? key);
const editor = new Editor(document.querySelector(".editor"));
const completion = new Completion(editor, of("offered"));
fetch("/completion.json").then((response) => response.json()).then((tables) => { completion.tables = tables; }, () => {});

// A private window keeps nothing.
const kept = {
  read(name) { try { return localStorage.getItem(`chainrule.${name}`); } catch { return null; } },
  write(name, text) { try { localStorage.setItem(`chainrule.${name}`, text); } catch { /* See above. */ } },
};

// Tabs: arrows go through them, and each asks for its part when it is shown.
const tabs = [...document.querySelectorAll('[role="tab"]')];
const partOf = (tab) => tab.id.slice("tab-".length);
const panelOf = (part) => of(`panel-${part}`);
let open = partOf(tabs[0]);
const show = (part) => {
  open = part;
  for (const tab of tabs) {
    const chosen = partOf(tab) === part;
    tab.setAttribute("aria-selected", chosen);
    tab.tabIndex = chosen ? 0 : -1;
    panelOf(partOf(tab)).hidden = !chosen;
  }
  reachable();
  ask();
};
for (const [number, tab] of tabs.entries()) {
  tab.addEventListener("click", () => show(partOf(tab)));
  tab.addEventListener("keydown", (event) => {
    const to = { ArrowRight: number + 1, ArrowLeft: number - 1, Home: 0, End: tabs.length - 1 }[event.key];
    if (to === undefined) return;
    event.preventDefault();
    const next = tabs.at(to % tabs.length);
    next.focus();
    show(partOf(next));
  });
}

// One question at a time for each part: a newer one takes the place of an older one.
const asked = new Map();
const answered = new Map();
const fieldsOf = (part) => {
  const form = panelOf(part).querySelector("form");
  return form ? Object.fromEntries([...new FormData(form)].filter(([, value]) => typeof value === "string")) : {};
};

// What is pressed stays where it is until it is let go: a field that is left asks at once, and its answer would take the button away before the click.
let released = Promise.resolve();
addEventListener("pointerdown", ({ target }) => {
  if (!target.closest("button, a, label, summary")) return;
  released = new Promise((release) => {
    for (const end of ["pointerup", "pointercancel", "dragend"]) addEventListener(end, () => setTimeout(release), { once: true });
  });
});

const ask = async (part = open, fields = fieldsOf(part), again = false) => {
  const question = JSON.stringify({ text: editor.text, notation: of("notation").value, language: data.language, length: of("length").value, fields });
  if (!again && answered.get(part) === question) return;
  asked.get(part)?.abort();
  const control = new AbortController();
  asked.set(part, control);
  const panel = panelOf(part);
  panel.setAttribute("aria-busy", "true");
  const slow = setTimeout(() => { of("status").textContent = say("working"); panel.classList.add("earlier"); }, 600);
  let answer;
  try {
    const response = await fetch(`/part/${part}`, { method: "POST", body: question, headers: { "Content-Type": "application/json" }, signal: control.signal });
    if (response.status === 503 || response.status === 429) throw new Error("busy");
    answer = await response.json();
    await released;
  } catch (failure) {
    if (control.signal.aborted) return;
    of("status").textContent = say(failure.message === "busy" ? "busy" : "away");
    setTimeout(() => { if (!control.signal.aborted) ask(part, fields, true); }, AGAIN);
    return;
  } finally {
    clearTimeout(slow);
  }
  if (control.signal.aborted) return;
  panel.removeAttribute("aria-busy");
  // What has changed since then is asked for already, or will be after the pause.
  answered.set(part, question);
  told(part, answer);
};

const told = (part, answer) => {
  const { problem, stopped, field } = answer;
  const panel = panelOf(part);
  for (const each of panel.querySelectorAll("form [name]")) each.setAttribute("aria-invalid", each.name === field?.name);
  if (field) of("status").textContent = field.message;
  panel.classList.toggle("earlier", !answer.html);
  editor.mark(problem?.line, problem?.column);
  editor.field.setAttribute("aria-invalid", Boolean(problem));
  of("to-problem").hidden = !problem?.line;
  of("to-problem").textContent = problem?.line ? say("line", { line: problem.line }) : "";
  of("problem-says").textContent = problem ? problem.message : "";
  if (problem) of("status").textContent = panel.innerHTML ? say("earlier") : "";
  else if (stopped) of("status").textContent = say(`stopped.${stopped}`);
  if (!answer.html) return;
  of("status").textContent = say("done", { title: answer.title });
  document.title = `${answer.title} – chainrule`;
  const focused = panel.contains(document.activeElement) ? document.activeElement.id : "";
  const level = panel.querySelector('input[name="level"]:checked')?.id;
  const contents = panel.querySelector("nav details")?.open ?? false;
  panel.innerHTML = answer.html;
  // A page has few landmarks; what can be moved sideways is none.
  for (const frame of panel.querySelectorAll('[role="region"]')) frame.setAttribute("role", "group");
  for (const details of panel.querySelectorAll("nav details")) details.open = contents;
  if (level && of(level)) of(level).checked = true;
  for (const each of panel.querySelectorAll("[data-kept]")) each.value ||= kept.read(each.id) ?? "";
  if (focused) (of(focused) ?? panel).focus();
  reachable();
};

// What goes on outside of its frame can be moved by keyboard; all the other frames are no stops on the way.
const reachable = () => {
  for (const frame of document.querySelectorAll(".panel:not([hidden]) .lines")) {
    if (frame.scrollWidth > frame.clientWidth) frame.tabIndex = 0;
    else frame.removeAttribute("tabindex");
  }
};
new ResizeObserver(reachable).observe(document.querySelector(".results"));

// Typing, and what else changes the question.
let pause;
const changed = () => {
  kept.write("description", editor.text);
  clearTimeout(pause);
  pause = setTimeout(() => {
    ask();
    packed(editor.text).then((hash) => history.replaceState(null, "", `#${hash}`));
  }, PAUSE);
};
editor.field.addEventListener("input", changed);
for (const id of ["notation", "length"]) of(id).addEventListener("change", () => ask());
const begin = (text) => {
  editor.text = text;
  changed();
};
of("example").addEventListener("change", ({ target }) => { if (target.value) begin(data.examples[target.value]); });
of("upload").addEventListener("change", async ({ target }) => {
  if (target.files[0]) begin(await target.files[0].text());
  target.value = "";
});
of("to-problem").addEventListener("click", () => editor.goToMark());
of("link").addEventListener("click", async () => {
  const address = `${location.origin}${location.pathname}#${await packed(editor.text)}`;
  history.replaceState(null, "", address);
  try {
    await navigator.clipboard.writeText(address);
    of("link-says").textContent = say("copied");
  } catch {
    of("link-says").textContent = say("in-address");
  }
});
for (const link of document.querySelectorAll("[data-keeps-text]")) {
  link.addEventListener("click", (event) => {
    event.preventDefault();
    kept.write("description", editor.text);
    location.href = link.pathname + location.hash;
  });
}

// Fields of a panel ask for it anew; a button among them says what for.
const results = document.querySelector(".results");
results.addEventListener("input", ({ target }) => { if (target.matches("[data-kept]")) kept.write(target.id, target.value); });
results.addEventListener("change", ({ target }) => { if (target.form && !target.matches("[data-kept], [data-waits]")) ask(); });
results.addEventListener("submit", (event) => {
  event.preventDefault();
  ask(open, Object.fromEntries(new FormData(event.target, event.submitter)));
});

// Links inside of a panel go to their places, in another tab where they stand there; the address keeps the text.
results.addEventListener("click", (event) => {
  const link = event.target.closest('a[href^="#"]');
  if (!link) return;
  event.preventDefault();
  const place = of(decodeURIComponent(link.hash.slice(1)));
  if (!place) return;
  const panel = place.closest(".panel");
  if (panel.hidden) show(panel.id.slice("panel-".length));
  for (const earlier of document.querySelectorAll(".aimed")) earlier.classList.remove("aimed");
  place.classList.add("aimed");
  place.scrollIntoView({ block: place.matches(".display") ? "center" : "start" });
  place.focus({ preventScroll: true });
});

const text = (await unpacked(location.hash)) ?? kept.read("description") ?? data.examples[data.first];
editor.text = text;
kept.write("description", text);
ask();
addEventListener("hashchange", async () => {
  const found = await unpacked(location.hash);
  if (found !== null && found !== editor.text) begin(found);
});
