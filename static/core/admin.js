/* Gives the admin's autocompletes and the fields of its rows their names: Select2 and Unfold leave them without. */
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

  document.addEventListener("DOMContentLoaded", () => {
    nameFields();
    new MutationObserver(nameFields).observe(document.body, { childList: true, subtree: true });
  });
})();
