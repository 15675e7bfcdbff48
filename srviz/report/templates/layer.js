// One layer: levels and edges over the channels' ranges (F2, F3), and distributions (F1).

const quantile = (values, p) => {
  const sorted = values.filter((v) => v != null).sort((a, b) => a - b);
  return sorted.length ? sorted[Math.round(p * (sorted.length - 1))] : 0;
};

// The part of the axis that a view shows: the range of a typical channel, or everything there is.
function span(layer, near) {
  const lows = [...layer.min], highs = [...layer.max];
  if (!near && layer.lo != null) { lows.push(layer.lo); highs.push(layer.hi); }
  const lo = near ? quantile(layer.min, 0.25) : quantile(lows, 0);
  const hi = near ? quantile(layer.max, 0.75) : quantile(highs, 1);
  const room = (near ? 0.18 : 0.03) * (hi - lo || 1);
  return [lo - room, hi + room];
}
const union = (spans) => [Math.min(...spans.map((s) => s[0])), Math.max(...spans.map((s) => s[1]))];

function hoverTexts(layer, label) {
  const heat = core.heat[label];
  const row = heat.site ? heat.site.indexOf(layer.site) : -1;
  const at = (name, c) => (row >= 0 && heat.metrics[name] ? heat.metrics[name][row][c] : undefined);
  return layer.min.map((low, c) => {
    const lines = [`<b>channel ${c}</b>`, `${show(low)} to ${show(layer.max[c])}`];
    if (layer.q01) lines.push(`1 % to 99 %: ${show(layer.q01[c])} to ${show(layer.q99[c])}`);
    if (layer.mean) lines.push(`mean ${show(layer.mean[c])}, std ${show(layer.std[c])}`);
    for (const [name, what] of [["levels_in_range", "levels in range"], ["effective_bits", "effective bits"], ["sqnr_db", "SQNR (dB)"]]) {
      const value = at(name, c);
      if (value !== undefined) lines.push(`${what}: <b>${show(value)}</b>`);
    }
    if (layer.broken && layer.broken[c]) lines.push(`<b>${layer.broken[c]} values</b>`);
    return lines.join("<br>");
  });
}

// Horizontal strokes: across all channels, or one short stroke per channel for per-channel grids.
// A point per channel makes a line answer wherever it is pointed at.
function strokes(values, channels, say) {
  const x = [], y = [], text = [];
  const add = (list, from, to) => list.forEach((value, i) => {
    const stops = to - from > 1 && list.length <= 32 ? Array.from({ length: channels + 1 }, (_, c) => c - 0.5) : [from, to];
    for (const stop of stops) { x.push(stop); y.push(value); text.push(say(i, value, list.length)); }
    x.push(null); y.push(null); text.push("");
  });
  if (Array.isArray(values[0])) values.forEach((list, c) => add(list, c - 0.45, c + 0.45));
  else add(values, -0.5, channels - 0.5);
  return { x, y, text };
}

function layerTraces(layer, label, axis, mass, shown, height) {
  const channels = layer.min.length;
  const index = layer.min.map((_, c) => c);
  const texts = hoverTexts(layer, label);
  const where = { xaxis: `x${axis}`, yaxis: `y${axis}` };
  const bar = (low, high, width, color) => ({
    type: "bar", x: index, base: low, y: high.map((v, c) => v - low[c]), width, marker: { color, line: { width: 0 } },
    text: texts, textposition: "none", hovertemplate: "%{text}<extra></extra>", ...where,
  });
  const data = [bar(layer.min, layer.max, 0.8, css("--range"))];
  if (layer.q01) data.push(bar(layer.q01, layer.q99, 0.8, css("--inner")));
  if (layer.levels) {
    const share = (i) => (layer.mass ? `<br>holds ${show(100 * layer.mass[i], 2)} % of the values` : "");
    const levels = strokes(layer.levels, channels, (i, v, n) => `level ${i + 1} of ${n}: <b>${show(v, 4)}</b>${share(i)}<br>interval ${show(layer.interval, 4)}`);
    // Pixels from level to level: where they crowd, lines are thin and edges are left out.
    const apart = (height * layer.interval) / (shown[1] - shown[0]);
    if (apart > 5) {
      const edges = strokes(layer.edges, channels, () => "");
      data.push({ type: "scatter", mode: "lines", x: edges.x, y: edges.y, hoverinfo: "skip", line: { color: css("--edge"), width: 1, dash: "dot" }, ...where });
    }
    data.push({ type: "scatter", mode: "lines", ...levels, hovertemplate: "%{text}<extra></extra>", line: { color: css("--level"), width: Math.min(1.4, Math.max(0.35, apart / 5)) }, ...where });
  }
  data.push(...marks(layer, texts, shown, where));
  if (mass && layer.mass) {
    const top = Math.max(...layer.mass);
    data.push({
      type: "bar", orientation: "h", y: layer.levels, x: layer.mass, width: layer.interval * 0.7, marker: { color: css("--level") },
      text: layer.mass.map((v) => (v === top ? `${show(100 * v, 2)} %` : "")), textposition: "none",
      hovertemplate: "level %{y:.4g}: <b>%{x:.1%}</b> of the values<extra></extra>", xaxis: `x${axis + 2}`, yaxis: `y${axis}`,
    });
  }
  return data;
}

// Arrows where a bar goes on outside of the drawing, crosses under channels with NaN or Inf.
function marks(layer, texts, shown, where) {
  const pad = 0.015 * (shown[1] - shown[0]);
  const index = layer.min.map((_, c) => c);
  const put = (channels, y, symbol, color, size) => ({
    type: "scatter", mode: "markers", x: channels, y: channels.map(() => y), marker: { symbol, size, color },
    text: channels.map((c) => texts[c]), hovertemplate: "%{text}<extra></extra>", ...where,
  });
  const found = [
    put(index.filter((c) => layer.max[c] > shown[1]), shown[1] - pad, "triangle-up", css("--ink"), 6),
    put(index.filter((c) => layer.min[c] < shown[0]), shown[0] + pad, "triangle-down", css("--ink"), 6),
  ];
  if (layer.broken) found.push(put(index.filter((c) => layer.broken[c]), shown[0] + 3 * pad, "x", css("--bad"), 9));
  return found.filter((trace) => trace.x.length);
}

function levelsFigure(site, width, { near, own, mass, height }) {
  const nets = networks().map((net) => ({ ...net, layer: layers(net.label).get(site) })).filter((net) => net.layer);
  if (!nets.length) return null;
  const place = panels(width, own || mass ? (width < NARROW + 1 ? 0.13 : 0.07) : 0.03);
  const spans = nets.map((net) => span(net.layer, near));
  const tall = place.stacked ? height * 1.5 : height;
  const layout = { height: tall, barmode: "overlay", bargap: 0.1, hovermode: "closest", annotations: [], margin: { l: 46, r: 8, t: 24, b: 38 } };
  const data = [];
  nets.forEach((net, k) => {
    const [left, right] = nets.length === 1 ? [0, 1] : place.x[k];
    const cut = mass ? right - (place.stacked ? 0.16 : 0.075) : right;
    const y = nets.length === 1 ? [0, 1] : place.y[k];
    const axis = k + 1;
    layout[`xaxis${axis}`] = { domain: [left, cut], anchor: `y${axis}`, range: [-0.7, net.layer.min.length - 0.3], showgrid: false, title: "channel" };
    const shown = own ? spans[k] : union(spans);
    layout[`yaxis${axis}`] = { domain: y, anchor: `x${axis}`, range: shown, showgrid: false, zeroline: true, showticklabels: own || mass || place.stacked || k === 0, title: k === 0 || place.stacked ? "activation" : "" };
    if (mass) layout[`xaxis${axis + 2}`] = { domain: [cut + 0.008, right], anchor: `y${axis}`, range: [0, 1.08 * Math.max(...(net.layer.mass || [1]))], showticklabels: false, showgrid: false, fixedrange: true, title: "share", ticks: "" };
    layout.annotations.push(panelTitle(net.name, [left, cut], y, net.color));
    data.push(...layerTraces(net.layer, net.label, axis, mass, shown, (tall - 62) * (y[1] - y[0])));
  });
  return { bar: mass, data, layout };
}

const worstFigure = (width) => levelsFigure(pair().worst, Math.max(width, NARROW), { near: false, own: true, mass: false, height: 296 });
const layerFigure = (width) => levelsFigure(state.site, width, { near: true, own: !byId("equal").checked, mass: true, height: 440 });
const rangeFigure = (width) => levelsFigure(state.site, width, { near: false, own: false, mass: false, height: 340 });

const CODES = new Map([..."ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"].map((c, i) => [c, i / 63]));

function ridges(dist, broken, k, axis) {
  const bins = dist.curves[k][0].length;
  const step = (dist.hi - dist.lo) / bins;
  const x = [], y = [], text = [];
  dist.curves[k].forEach((curve, row) => {
    const bad = broken && broken[dist.channels[row]];
    const say = `channel ${dist.channels[row]}, ${escaped(dist.images[k])}<br>exact zeros: ${show(100 * (dist.zeros[k][row] || 0), 2)} %${bad ? `<br><b>${bad} values</b>` : ""}`;
    const put = (px, py) => { x.push(px); y.push(py); text.push(say); };
    // Empty tails are left out, or their base lines would crowd the drawing.
    const heights = [...curve].map((code) => CODES.get(code));
    const from = heights.findIndex((h) => h > 0), to = heights.findLastIndex((h) => h > 0);
    if (from < 0 && bad) return;
    if (from < 0) { put(dist.lo, row); put(dist.hi, row); put(null, null); return; }
    put(dist.lo + from * step, row);
    for (let i = from; i <= to; i += 1) put(dist.lo + (i + 0.5) * step, row - 1.5 * heights[i]);
    put(dist.lo + (to + 1) * step, row);
    put(null, null);
  });
  const color = css(`--image${k + 1}`);
  return {
    type: "scatter", mode: "lines", name: escaped(dist.images[k]), legendgroup: String(k), showlegend: axis === 1, x, y, text,
    hovertemplate: "%{text}<extra></extra>", line: { color, width: 1.2, dash: k ? "4px,1.5px" : "solid" }, fill: k ? "none" : "toself", fillcolor: `${color}40`, xaxis: `x${axis}`, yaxis: `y${axis}`,
  };
}

function ridgeFigure(width) {
  const nets = networks().map((net) => ({ ...net, ...(({ dist, broken }) => ({ dist, broken }))(layers(net.label).get(state.site) || {}) })).filter((net) => net.dist);
  if (!nets.length) return null;
  const place = panels(width, 0.09);
  const rows = Math.max(...nets.map((net) => net.dist.channels.length));
  const height = (place.stacked ? 2 : 1) * (110 + 19 * rows);
  const layout = { height, showlegend: true, hovermode: "closest", annotations: [], margin: { l: 46, r: 8, t: 58, b: 38 }, legend: { y: 1 + 24 / (height - 96) } };
  const data = [];
  nets.forEach((net, k) => {
    const axis = k + 1;
    const { dist } = net;
    const one = nets.length === 1;
    layout[`xaxis${axis}`] = { domain: one ? [0, 1] : place.x[k], anchor: `y${axis}`, range: [dist.lo, dist.hi], title: "activation" };
    layout[`yaxis${axis}`] = {
      domain: one ? [0, 1] : place.y[k], anchor: `x${axis}`, range: [dist.channels.length - 0.5, -2], showgrid: false, title: "channel",
      tickmode: "array", tickvals: dist.channels.map((_, i) => i), ticktext: dist.channels.map((c) => (net.broken && net.broken[c] ? `✕ ${c}` : String(c))),
    };
    const label = dist.channels.length < dist.of ? `${net.name} (${dist.channels.length} of ${dist.of} channels)` : net.name;
    layout.annotations.push(panelTitle(label, one ? [0, 1] : place.x[k], one ? [0, 1] : place.y[k], net.color));
    dist.images.forEach((_, i) => data.push(ridges(dist, net.broken, i, axis)));
  });
  return { bar: true, data, layout };
}
