// What a page can do besides being read: "/" goes to the search, Esc leaves it or closes a menu, a button prints.
"use strict";

const typing = (element) => element.matches("input, select, textarea, [contenteditable]");

document.addEventListener("keydown", (event) => {
  if (event.key === "/" && !event.ctrlKey && !event.metaKey && !event.altKey && !typing(event.target)) {
    const field = document.querySelector("[type=search][aria-keyshortcuts='/']");
    if (field) {
      event.preventDefault();
      field.focus();
      field.select();
    }
  }
  if (event.key === "Escape") {
    if (event.target.matches("[type=search]")) {
      // The browser would empty the field.
      event.preventDefault();
      event.target.blur();
    }
    for (const menu of document.querySelectorAll("details.menu[open]")) {
      menu.open = false;
      menu.querySelector("summary").focus();
    }
  }
});

document.addEventListener("click", (event) => {
  for (const menu of document.querySelectorAll("details.menu[open]")) {
    if (!menu.contains(event.target)) menu.open = false;
  }
  if (event.target.closest("[data-print]")) window.print();
});

// On a phone the navigation is one line, moved to where one is.
const line = document.querySelector(".site nav ul");
const here = line?.querySelector("[aria-current]");
if (here) line.scrollLeft = here.offsetLeft - line.offsetLeft - (line.clientWidth - here.offsetWidth) / 2;

for (const button of document.querySelectorAll("[data-print]")) button.hidden = false;
for (const node of document.querySelectorAll("[data-page-title]")) node.textContent = ` — ${document.title.replace(/ · Parvis$/, "")}`;

// After a search that loaded the whole page, reading goes on at what was found.
if (new URLSearchParams(location.search).get("q")) document.getElementById("count")?.focus();
