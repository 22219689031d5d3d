// The map and its table point at each other: the city that one of them is looked at in is lit in both.
"use strict";

const light = (slug) => {
  for (const node of document.querySelectorAll("[data-city]")) node.classList.toggle("lit", node.dataset.city === slug);
  for (const map of document.querySelectorAll(".maps")) map.classList.toggle("dimmed", Boolean(slug));
};

const cityOf = (event) => (event.target instanceof Element ? event.target.closest("[data-city]")?.dataset.city : undefined);

for (const kind of ["pointerover", "focusin"]) document.addEventListener(kind, (event) => light(cityOf(event)));
document.addEventListener("focusout", () => light(undefined));
document.documentElement.addEventListener("pointerleave", () => light(undefined));
