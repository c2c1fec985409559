  // A click on a heading sorts by its column: upwards, downwards, then as it was. What is undefined stands last.
  for (const table of document.querySelectorAll("table.sortable")) {
    const body = table.tBodies[0], heads = [...table.tHead.rows[0].cells], first = [...body.rows];
    if (first.length < 2) continue;
    heads.forEach((head, column) => {
      const key = row => row.cells[column].dataset.key;
      const numbers = first.map(key).every(each => each === "" || !Number.isNaN(Number(each)));
      const compare = (a, b) => numbers ? Number(a) - Number(b) : a.localeCompare(b, "en", { numeric: true });
      const button = document.createElement("button");
      button.type = "button";
      button.textContent = head.textContent;
      // Chromium prints no button where it repeats a table's head on the next page: there the words stand alone.
      const printed = document.createElement("span");
      printed.className = "printed";
      printed.textContent = head.textContent;
      head.replaceChildren(button, printed);
      button.addEventListener("click", () => {
        const next = { none: "ascending", ascending: "descending", descending: "none" };
        const order = next[head.getAttribute("aria-sort") ?? "none"];
        heads.forEach(each => each.removeAttribute("aria-sort"));
        if (order !== "none") head.setAttribute("aria-sort", order);
        const rows = order === "none" ? first : [...first].sort((left, right) => {
          const a = key(left), b = key(right);
          if (a === "" || b === "") return (a === "") - (b === "");
          return order === "ascending" ? compare(a, b) : compare(b, a);
        });
        body.replaceChildren(...rows);
      });
    });
  }
  // A table that is wider than the page says so until its end is seen.
  for (const box of document.querySelectorAll(".scroll")) {
    const tell = () => box.toggleAttribute("data-more", box.scrollLeft + box.clientWidth < box.scrollWidth - 2);
    box.addEventListener("scroll", tell, { passive: true });
    new ResizeObserver(tell).observe(box);
    tell();
  }
