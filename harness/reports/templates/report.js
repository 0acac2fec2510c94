"use strict";
/* The page is whole without this: it filters, keeps the filter in the address, and unfolds what a link points to. */
(() => {
  const form = document.getElementById("filter");
  const items = [...document.querySelectorAll("[data-id]")];
  const groups = [...document.querySelectorAll("[data-group]")];
  const shown = document.getElementById("shown");
  const total = new Set(items.map((item) => item.dataset.id)).size;
  /* Groups that the filter has unfolded, to be folded again when it is over. */
  const unfolded = new Set();

  const asked = () => {
    const given = new FormData(form);
    return {
      verdicts: given.getAll("v"),
      page: given.get("p"),
      words: given.get("q").toLowerCase().split(/\s+/).filter(Boolean),
      differing: given.has("c"),
    };
  };

  const fits = (item, { verdicts, page, words, differing }) =>
    (!verdicts.length || item.dataset.v.split(" ").some((word) => verdicts.includes(word))) &&
    (!page || item.dataset.p === page) &&
    (!differing || "c" in item.dataset) &&
    words.every((word) => item.dataset.id.toLowerCase().includes(word));

  const apply = () => {
    const wanted = asked();
    const filtering = Boolean(wanted.verdicts.length || wanted.page || wanted.words.length || wanted.differing);
    const left = new Set();
    for (const item of items) {
      item.hidden = !fits(item, wanted);
      if (!item.hidden) left.add(item.dataset.id);
    }
    for (const group of groups) {
      const inside = group.querySelector("[data-id]") !== null;
      const any = group.querySelector("[data-id]:not([hidden])") !== null;
      group.hidden = filtering && inside ? !any : filtering && !inside;
      if (group.tagName !== "DETAILS") continue;
      if (filtering && any && !group.open) {
        group.open = true;
        unfolded.add(group);
      } else if (!filtering && unfolded.delete(group)) {
        group.open = false;
      }
    }
    shown.value = filtering ? `${left.size} of ${total} shown` : `${total} specs`;
  };

  const remember = () => {
    const state = new URLSearchParams([...new FormData(form)].filter(([, value]) => value)).toString();
    history.replaceState(null, "", state ? `#?${state}` : location.pathname + location.search);
  };

  const restore = () => {
    const state = new URLSearchParams(location.hash.slice(2));
    for (const field of form.elements) {
      if (field.type === "checkbox") field.checked = state.getAll(field.name).includes(field.value);
      else if (field.name) field.value = state.get(field.name) ?? "";
    }
    apply();
  };

  const pointed = () => {
    try {
      return document.getElementById(decodeURIComponent(location.hash.slice(1)));
    } catch {
      return null;
    }
  };

  const reveal = () => {
    const target = pointed();
    if (!target) return;
    if (target.closest("[hidden]")) {
      form.reset();
      apply();
    }
    for (let place = target; place; place = place.parentElement) if (place.tagName === "DETAILS") place.open = true;
    target.scrollIntoView({ block: "nearest" });
  };

  const follow = () => (location.hash.startsWith("#?") ? restore() : reveal());

  form.hidden = false;
  form.addEventListener("input", () => {
    apply();
    remember();
  });
  form.addEventListener("reset", () =>
    setTimeout(() => {
      apply();
      if (location.hash.startsWith("#?")) remember();
    }),
  );
  form.addEventListener("submit", (event) => event.preventDefault());
  document.getElementById("unfold").addEventListener("click", () => {
    for (const item of document.querySelectorAll("details:is(.r, .page):not([hidden])")) item.open = true;
  });
  document.getElementById("fold").addEventListener("click", () => {
    unfolded.clear();
    for (const item of document.querySelectorAll("details[open]")) item.open = false;
  });

  /* On paper nothing can be unfolded: what needs a look is, with its evidence folded as it was. */
  let folded = [];
  addEventListener("beforeprint", () => {
    folded = [...document.querySelectorAll("#looks .r:not([open])")];
    for (const item of folded) item.open = true;
  });
  addEventListener("afterprint", () => {
    for (const item of folded) item.open = false;
  });

  addEventListener("hashchange", follow);
  apply();
  if (location.hash) follow();
})();
