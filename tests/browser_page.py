"""What the tests of the page in a browser share: sites of the networks, and what to look for."""

from __future__ import annotations

from typing import Any

NASTY = '<script>alert("x")</script>'
SITES = (
    *(f"blocks.{i}.slot_{s}:out" for i in range(3) for s in ("in", "mid", "out")),
    NASTY,
)


def drawn(page: Any, chart: str) -> int:
    return page.locator(f"#{chart} svg.main-svg").count()


COLLISIONS = """() => {
  const texts = ['.annotation-text-g', '.legendtext', '.cbaxis',
    '.xtick', '.ytick', '.x2tick', '.y2tick',
    ...['x', 'y', 'x2', 'y2', 'x3', 'x4', 'hycoloraxis'].map(a => `.g-${a}title`)]
    .map(name => `${name} text, ${name}:is(text)`).join(', ');
  const found = [];
  for (const chart of document.querySelectorAll('.js-plotly-plot')) {
    const frame = chart.getBoundingClientRect();
    const all = [...chart.querySelectorAll(texts)].filter(e => e.textContent.trim())
      .map(e => [e.textContent, e.getBoundingClientRect()]);
    if (all.length < 8) found.push([chart.id, 'hardly any text']);
    all.forEach(([text, a], i) => {
      if (a.left < frame.left - 1 || a.right > frame.right + 1 || a.bottom > frame.bottom + 1)
        found.push([chart.id, 'cut off', text]);
      for (const [other, b] of all.slice(i + 1)) {
        const wide = Math.min(a.right, b.right) - Math.max(a.left, b.left);
        const high = Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top);
        // Boxes hold a little air above and below the letters.
        if (wide > 2 && high > 3.5) found.push([chart.id, text, other]);
      }
    });
  }
  return found;
}"""
"""JavaScript: texts of the charts that cover each other or are cut off."""
