"use strict";
{
  const parts = () => [...document.querySelectorAll("details.level")];
  const button = document.getElementById("open-all");
  const words = [button.textContent, button.dataset.close];
  button.hidden = false;
  button.setAttribute("aria-pressed", "false");
  button.addEventListener("click", () => {
    const open = button.getAttribute("aria-pressed") === "false";
    button.setAttribute("aria-pressed", String(open));
    button.textContent = words[Number(open)];
    for (const part of parts()) part.open = open || part.classList.contains("level-index");
  });

  // What is referred to is opened, and all of a gradient where its heading is.
  const show = () => {
    const target = document.getElementById(decodeURIComponent(location.hash.slice(1)));
    if (!target) return;
    const gradient = target.closest("section.gradient");
    if (gradient) for (const part of gradient.querySelectorAll("details.level")) part.open = true;
    target.scrollIntoView();
  };
  addEventListener("hashchange", show);
  document.addEventListener("click", (event) => {
    const link = event.target.closest('a[href^="#"]');
    if (link && link.hash === location.hash) show();
  });
  show();

  let closed = [];
  addEventListener("beforeprint", () => {
    closed = parts().filter((part) => !part.open);
    for (const part of closed) part.open = true;
  });
  addEventListener("afterprint", () => {
    for (const part of closed) part.open = false;
  });
}
