"use strict";
{
  const page = document.documentElement;

  // The contents stand open beside the text, and folded above it where the screen is narrow.
  const contents = document.querySelector("nav details");
  if (contents) {
    const wide = matchMedia("(min-width: 1000px)");
    const fold = () => { contents.open = wide.matches; };
    wide.addEventListener("change", fold);
    fold();
  }

  // The section that is being read is the last whose heading stands above a line, which sinks to the lower edge at the end of the page.
  const places = [...document.querySelectorAll("nav a")].map((link) => ({ link, heading: document.getElementById(decodeURIComponent(link.hash.slice(1))) }));
  let read, top;
  const mark = () => {
    const left = page.scrollHeight - innerHeight - scrollY;
    const line = Math.max(100, innerHeight - left);
    let found;
    for (const place of places) {
      const height = place.heading.getBoundingClientRect().top;
      if (height > line) break;
      [found, top] = [place, height];
    }
    if (found === read) return;
    read?.link.removeAttribute("aria-current");
    read = found;
    if (!read) return;
    read.link.setAttribute("aria-current", "location");
    const list = contents.parentElement;
    const [above, below] = [list.getBoundingClientRect(), read.link.getBoundingClientRect()];
    if (below.top < above.top || below.bottom > above.bottom) list.scrollTop += below.top - above.top - list.clientHeight / 3;
  };
  addEventListener("scroll", mark, { passive: true });
  addEventListener("resize", mark);

  // The level that is chosen is remembered, and what is being read stays where it is.
  const kept = "chainrule: level";
  const remembered = (change) => {
    try {
      return change ? localStorage.setItem(kept, change) : localStorage.getItem(kept);
    } catch {
      return null;
    }
  };
  const chosen = remembered();
  for (const level of document.querySelectorAll("input[name=level]")) {
    if (level.value === chosen) level.checked = true;
    level.addEventListener("change", () => {
      remembered(level.value);
      if (read) scrollBy(0, read.heading.getBoundingClientRect().top - top);
      mark();
    });
  }
  if (chosen && location.hash) document.getElementById(decodeURIComponent(location.hash.slice(1)))?.scrollIntoView();
  mark();

  // A keyboard stops at what can be moved, and at nothing else.
  const moved = new ResizeObserver((boxes) => {
    const wider = boxes.map(({ target }) => [target, target.scrollWidth > target.clientWidth]);
    for (const [box, is] of wider) is ? box.setAttribute("tabindex", "0") : box.removeAttribute("tabindex");
  });
  for (const box of document.querySelectorAll(".lines, .scroll, .wide, pre")) moved.observe(box);
}
