/* Takes the keys of the search for records, and gives the admin's autocompletes and the fields of its rows their names: Select2 and Unfold leave them without. */
(() => {
  "use strict";

  function nameOf(select) {
    const label = select.id && document.querySelector(`label[for="${CSS.escape(select.id)}"]`);
    if (label) return label.textContent.trim();
    const cell = select.closest("td");
    if (cell && cell.dataset.label) return cell.dataset.label;
    return select.getAttribute("aria-label") || select.name;
  }

  function nameFields() {
    // The cells of a row carry the column's name for phones only; their controls need it always.
    const controls = "select:not([aria-label]), input:not([type=hidden]):not([aria-label]), textarea:not([aria-label])";
    for (const cell of document.querySelectorAll("[data-inline-type=tabular] td[data-label]")) {
      for (const control of cell.querySelectorAll(controls)) {
        if (!control.labels || !control.labels.length) control.setAttribute("aria-label", cell.dataset.label);
      }
    }
    for (const box of document.querySelectorAll(".select2-selection[role=combobox]:not([aria-label])")) {
      const select = box.closest(".select2-container").previousElementSibling;
      if (!select || !select.matches("select")) continue;
      box.setAttribute("aria-label", nameOf(select));
    }
    for (const text of document.querySelectorAll(".select2-selection__rendered[role=textbox]:not([aria-label])")) {
      const box = text.closest(".select2-selection[aria-label]");
      if (box) text.setAttribute("aria-label", box.getAttribute("aria-label"));
    }
    for (const field of document.querySelectorAll(".select2-search__field:not([aria-label])")) {
      const open = document.querySelector(".select2-container--open .select2-selection[aria-label]");
      if (open) field.setAttribute("aria-label", open.getAttribute("aria-label"));
    }
  }

  // Unfold's own handling of arrows and Enter in this field fails; the results are links, so the keys move between them.
  function searchKeys(event) {
    const field = document.getElementById("nav-filter");
    if (!field) return;
    if (event.key.toLowerCase() === "k" && (event.ctrlKey || event.metaKey)) {
      event.preventDefault();
      event.stopImmediatePropagation();
      // On a narrow screen the field stands in the menu, which is closed.
      if (window.Alpine) window.Alpine.$data(document.body).sidebarMobileOpen = true;
      requestAnimationFrame(() => requestAnimationFrame(() => field.select()));
      return;
    }
    const links = [...document.querySelectorAll("#search-results a")];
    const place = links.indexOf(document.activeElement);
    if (document.activeElement !== field && place < 0) return;
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      const next = event.key === "ArrowDown" ? links[place + 1] : place > 0 ? links[place - 1] : field;
      if (next) next.focus();
    } else if (event.key === "Enter" && place < 0) {
      if (links.length) links[0].click();
    } else {
      return;
    }
    event.preventDefault();
    event.stopImmediatePropagation();
  }

  window.addEventListener("keydown", searchKeys, true);

  document.addEventListener("DOMContentLoaded", () => {
    nameFields();
    new MutationObserver(nameFields).observe(document.body, { childList: true, subtree: true });
  });
})();
