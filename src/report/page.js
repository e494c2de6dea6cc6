/* Draws the figures of the page with uPlot. Each figure is a JSON object that
 * the program wrote from the same description that the terminal and gnuplot
 * draw (src/plot/figure.h): panels of curves, or of rows with intervals. */
(function () {
  'use strict';
  var charts = [];
  var printing = false;

  function css(name) {
    return getComputedStyle(document.documentElement)
      .getPropertyValue(name).trim();
  }
  function colour(slot) { return css('--c' + slot % 8); }
  function dash(slot) {
    return [undefined, [8, 4], [2, 3], [10, 3, 2, 3]][Math.floor(slot / 8) % 4];
  }

  /* At most five digits, and no zeros that say nothing. */
  function number(v) {
    if (v == null || !isFinite(v)) return '–';
    var a = Math.abs(v);
    if (a !== 0 && (a < 1e-4 || a >= 1e7))
      return v.toExponential(3).replace(/\.?0+e/, 'e').replace('e+', 'e');
    return String(+v.toPrecision(5));
  }
  function tickValues(u, splits) {
    return splits.map(function (v) { return v == null ? '' : number(v); });
  }
  /* A logarithmic axis begins where its values do, which is no round number. */
  function logValues(u, splits) {
    return splits.map(function (v) {
      if (v == null || v <= 0) return '';
      var m = v / Math.pow(10, Math.floor(Math.log10(v) + 1e-9));
      return [1, 2, 5].indexOf(+m.toPrecision(6)) < 0 ? '' : number(v);
    });
  }
  function tickRoom(u, values) {
    var most = 0;
    (values || []).forEach(function (v) {
      most = Math.max(most, String(v == null ? '' : v).length);
    });
    return Math.max(36, 14 + 8 * most);
  }
  function axis(label, more) {
    var a = {
      stroke: function () { return css('--faint'); },
      grid: { stroke: function () { return css('--line'); }, width: 1 },
      ticks: { stroke: function () { return css('--line'); }, width: 1 },
      font: '12px system-ui, sans-serif',
      labelFont: '12px system-ui, sans-serif',
      label: label || undefined,
      labelSize: 20,
      values: tickValues
    };
    Object.keys(more || {}).forEach(function (k) { a[k] = more[k]; });
    return a;
  }
  function shorten(text, room) {
    var c = shorten.canvas || (shorten.canvas =
      document.createElement('canvas').getContext('2d'));
    c.font = '12px system-ui, sans-serif';
    if (c.measureText(text).width <= room) return text;
    var letters = Array.from(text);
    while (letters.length > 1 &&
        c.measureText(letters.join('') + '…').width > room)
      letters.pop();
    return letters.join('') + '…';
  }
  function widthOf(div) {
    return printing ? 660 : Math.max(240, div.clientWidth);
  }

  /* The legend is a table of headings: let a keyboard reach them. */
  function openLegend(u, toggles) {
    u.root.querySelectorAll('.u-legend .u-series').forEach(function (row, i) {
      var th = row.querySelector('th');
      if (!toggles || i === 0 || row.classList.contains('band')) return;
      th.tabIndex = 0;
      th.setAttribute('role', 'button');
      th.setAttribute('aria-pressed', 'true');
      th.addEventListener('keydown', function (e) {
        if (e.key !== 'Enter' && e.key !== ' ') return;
        e.preventDefault();
        th.click();
      });
    });
  }

  /* A curve is a series; its band is two more, which follow it. Whoever hides a
   * schedule in one chart of a section hides it in all of them. */
  function follow(chart, index, show) {
    var curve = chart.bySeries[index];
    if (!curve || chart.busy) return;
    charts.forEach(function (other) {
      if (other.group !== chart.group || !other.bySeries) return;
      other.busy = true;
      other.bySeries.forEach(function (c, i) {
        if (!c || c.name !== curve.name || other.u.series[i].show === show)
          return;
        other.u.setSeries(i, { show: show });
      });
      other.u.root.querySelectorAll('.u-legend .u-series')
        .forEach(function (row, i) {
          if (other.bySeries[i] && other.bySeries[i].name === curve.name)
            row.querySelector('th').setAttribute('aria-pressed', String(show));
        });
      other.busy = false;
    });
  }

  /* The nearest point that a series has: curves need not share their steps. */
  function nearest(u, series, index) {
    var d = u.data[series], n = d.length;
    for (var k = 0; k < n; k++) {
      if (index - k >= 0 && d[index - k] != null) return index - k;
      if (index + k < n && d[index + k] != null) return index + k;
    }
    return index;
  }

  function drawBars(chart) {
    return function (u) {
      var ctx = u.ctx, ratio = uPlot.pxRatio;
      ctx.save();
      chart.bySeries.forEach(function (curve, index) {
        if (!curve || !curve.bars || !curve.low || !u.series[index].show)
          return;
        ctx.strokeStyle = colour(curve.slot);
        ctx.lineWidth = 1.5 * ratio;
        curve.x.forEach(function (x, i) {
          if (curve.low[i] == null || curve.high[i] == null) return;
          var px = u.valToPos(x, 'x', true), cap = 4 * ratio;
          var top = u.valToPos(curve.high[i], 'y', true);
          var bottom = u.valToPos(curve.low[i], 'y', true);
          ctx.beginPath();
          ctx.moveTo(px - cap, top); ctx.lineTo(px + cap, top);
          ctx.moveTo(px, top); ctx.lineTo(px, bottom);
          ctx.moveTo(px - cap, bottom); ctx.lineTo(px + cap, bottom);
          ctx.stroke();
        });
      });
      ctx.restore();
    };
  }

  function extent(values, log) {
    var low = Infinity, high = -Infinity;
    values.forEach(function (list) {
      (list || []).forEach(function (v) {
        if (v == null || (log && v <= 0)) return;
        low = Math.min(low, v);
        high = Math.max(high, v);
      });
    });
    return [low, high];
  }
  /* What src/plot does: some air, and 0 where it is near. */
  function rangeOf(values, log) {
    var e = extent(values, log), low = e[0], high = e[1];
    if (low > high) return log ? [0.1, 1] : [0, 1];
    if (log) {
      low = Math.max(low, high * 1e-8);
      var air = low === high ? 2 : Math.pow(high / low, 0.06);
      return [low / air, high * air];
    }
    if (low === high) {
      if (high === 0) return [0, 1];
      return high > 0 ? [0, high * 1.25] : [high * 1.25, 0];
    }
    if (low >= 0 && low < 0.4 * high) low = 0;
    var span = high - low;
    return [low === 0 ? 0 : low - 0.05 * span, high + 0.05 * span];
  }

  /* A logarithmic x axis has room at its ends, and where only a few values were
   * tried these are its ticks. */
  function spread(options, tables, x) {
    var seen = {};
    tables.forEach(function (t) {
      t[0].forEach(function (v) { seen[v] = v; });
    });
    var values = Object.keys(seen).map(function (k) { return seen[k]; })
      .sort(function (a, b) { return a - b; });
    var a = options.axes[0];
    options.scales.x.range = function () {
      return [x[0] / 1.25, x[1] * 1.25];
    };
    if (values.length > 6) return;
    a.splits = function () { return values; };
    a.filter = function (u, splits) { return splits; };
  }

  function curves(div, figure, panel, group) {
    var chart = { div: div, group: group, bySeries: [null], height: 260 };
    var tables = [], series = [{
      label: figure.x || 'x',
      value: function (u, v) { return number(v); }
    }];
    var bands = [], all = [];
    panel.curves.forEach(function (c) {
      var table = [c.x, c.y], first = series.length;
      all.push(c.y, c.low, c.high);
      chart.bySeries.push(c);
      series.push({
        label: c.name,
        stroke: function () { return colour(c.slot); },
        width: 2,
        dash: dash(c.slot),
        spanGaps: true,
        points: { show: c.x.length <= 30, size: 6,
          fill: function () { return colour(c.slot); } },
        value: function (u, v) { return number(v); }
      });
      if (c.low && !c.bars) {
        [c.high, c.low].forEach(function (edge) {
          table.push(edge);
          chart.bySeries.push(c);
          series.push({ label: c.name, class: 'band', stroke: 'transparent',
            width: 0, spanGaps: true, points: { show: false } });
        });
        bands.push({ series: [first + 1, first + 2],
          fill: function () { return colour(c.slot) + '30'; } });
      }
      tables.push(table);
    });
    var y = rangeOf(all, panel.logY);
    /* Panels of one figure begin and end at the same steps. */
    var x = extent([].concat.apply([], figure.panels.map(function (p) {
      return p.curves.map(function (c) { return c.x; });
    })), figure.logX);
    var own = extent(panel.curves.map(function (c) { return c.x; }), false);
    var options = {
      width: widthOf(div),
      height: chart.height,
      series: series,
      bands: bands,
      scales: {
        x: { time: false, distr: figure.logX ? 3 : 1,
          range: function (u, low, high) {
            return low === own[0] && high === own[1] && x[0] < x[1] ? x
              : [low, high];
          } },
        y: { distr: panel.logY ? 3 : 1,
          range: function () { return y; } }
      },
      axes: [
        axis(figure.x, { size: 34, space: 64 }),
        axis(panel.y, { size: tickRoom,
          values: panel.logY ? logValues : tickValues })
      ],
      cursor: {
        dataIdx: nearest,
        focus: { prox: 16 },
        drag: { x: !figure.logX, y: false }
      },
      focus: { alpha: 0.35 },
      legend: { markers: { fill: function (u, i) {
        return chart.bySeries[i] ? colour(chart.bySeries[i].slot) : '';
      } } },
      hooks: {
        setSeries: [function (u, index, what) {
          if (what && what.show != null) follow(chart, index, what.show);
        }],
        draw: [drawBars(chart)]
      }
    };
    if (figure.logX && x[0] <= x[1]) spread(options, tables, x);
    chart.u = new uPlot(options, uPlot.join(tables), div);
    openLegend(chart.u, true);
    charts.push(chart);
  }

  /* Rows lie across: uPlot's x is the row, from the top, and its y the value.
   */
  function drawRows(rows) {
    return function (u) {
      var ctx = u.ctx, ratio = uPlot.pxRatio;
      function at(v) { return u.valToPos(v, 'y', true); }
      ctx.save();
      rows.forEach(function (row, k) {
        if (row.value == null) return;
        var y = u.valToPos(k, 'x', true), c = colour(row.slot);
        ctx.strokeStyle = ctx.fillStyle = c;
        ctx.lineWidth = 2 * ratio;
        if (row.low != null && row.high != null) {
          var cap = 5 * ratio;
          ctx.beginPath();
          ctx.moveTo(at(row.low), y); ctx.lineTo(at(row.high), y);
          ctx.moveTo(at(row.low), y - cap); ctx.lineTo(at(row.low), y + cap);
          ctx.moveTo(at(row.high), y - cap); ctx.lineTo(at(row.high), y + cap);
          ctx.stroke();
        }
        ctx.lineWidth = ratio;
        (row.points || []).forEach(function (v) {
          ctx.beginPath();
          ctx.arc(at(v), y, 3.2 * ratio, 0, 2 * Math.PI);
          ctx.globalAlpha = 0.65;
          ctx.stroke();
          ctx.globalAlpha = 1;
        });
        ctx.beginPath();
        ctx.arc(at(row.value), y, 4.5 * ratio, 0, 2 * Math.PI);
        ctx.fill();
      });
      ctx.restore();
    };
  }

  function rows(div, figure, panel, group) {
    var list = panel.rows, n = list.length;
    var chart = { div: div, group: group, height: 78 + 30 * n };
    var all = list.map(function (r) {
      return r.value == null ? []
        : [r.value, r.low, r.high].concat(r.points || []);
    });
    var e = extent(all, false);
    if (e[0] > e[1]) e = [0, 1];
    var air = e[0] === e[1] ? 0.5 : 0.05 * (e[1] - e[0]);
    function column(key) {
      return list.map(function (r) { return r[key] == null ? null : r[key]; });
    }
    function shown(label) {
      return { label: label, scale: 'y',
        stroke: function () { return css('--ink'); },
        points: { show: false }, paths: function () { return null; },
        value: function (u, v) { return number(v); } };
    }
    function room() { return Math.min(230, 0.36 * widthOf(div)); }
    div.classList.add('intervals');
    chart.u = new uPlot({
      width: widthOf(div),
      height: chart.height,
      padding: [8, 12, 0, 0],
      series: [
        { label: 'schedule',
          value: function (u, v) { return v == null ? '–' : list[v].name; } },
        shown('mean'), shown('interval from'), shown('to')
      ],
      scales: {
        x: { time: false, ori: 1, dir: -1,
          range: function () { return [-0.6, n - 0.4]; } },
        y: { ori: 0, dir: 1,
          range: function () { return [e[0] - air, e[1] + air]; } }
      },
      axes: [
        axis('', {
          scale: 'x', side: 3, grid: { show: false }, ticks: { show: false },
          stroke: function () { return css('--ink'); },
          splits: function () { return list.map(function (r, k) {
            return k; }); },
          values: function () { return list.map(function (r) {
            return shorten(r.name, room() - 14); }); },
          size: function () {
            var most = 0;
            list.forEach(function (r) {
              shorten('', 0);
              most = Math.max(most,
                shorten.canvas.measureText(shorten(r.name, room() - 14)).width);
            });
            return 16 + most;
          }
        }),
        axis(figure.x, { scale: 'y', side: 2, size: 34, space: 50 })
      ],
      cursor: { x: false, y: true, drag: { x: false, y: false },
        points: { show: false } },
      legend: { markers: { show: false } },
      hooks: { draw: [drawRows(list)] }
    }, [list.map(function (r, k) { return k; }), column('value'),
      column('low'), column('high')], div);
    openLegend(chart.u, false);
    charts.push(chart);
  }

  function redraw() {
    charts.forEach(function (chart) { chart.u.redraw(true, true); });
  }
  function resize() {
    charts.forEach(function (chart) {
      var w = widthOf(chart.div);
      if (w !== chart.u.width)
        chart.u.setSize({ width: w, height: chart.height });
    });
  }
  function print(on) {
    printing = on;
    document.documentElement.classList.toggle('printing', on);
    resize();
    redraw();
  }

  document.querySelectorAll('figure[data-group]').forEach(function (element) {
    var figure = JSON.parse(
      element.querySelector('script[type="application/json"]').textContent);
    figure.panels.forEach(function (panel) {
      var div = document.createElement('div');
      div.className = 'chart';
      element.insertBefore(div, element.querySelector('figcaption'));
      (panel.rows ? rows : curves)(div, figure, panel,
        element.getAttribute('data-group'));
      var canvas = div.querySelector('canvas');
      canvas.setAttribute('role', 'img');
      canvas.setAttribute('aria-label', (panel.y ? panel.y + '. ' : '') +
        element.getAttribute('data-alt'));
    });
  });
  if (window.ResizeObserver) new ResizeObserver(resize).observe(document.body);
  else addEventListener('resize', resize);
  matchMedia('(prefers-color-scheme: dark)').addEventListener('change', redraw);
  addEventListener('beforeprint', function () { print(true); });
  addEventListener('afterprint', function () { print(false); });
  window.taperCharts = charts;
})();
