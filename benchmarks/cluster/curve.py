"""The throughput as a picture."""

from collections.abc import Mapping

_WIDTH, _HEIGHT, _LEFT, _BOTTOM = 520, 320, 60, 50
_STYLE = """
  text { font: 14px system-ui, sans-serif; fill: #1f2430 }
  .paper { fill: #ffffff } .axis { stroke: #8a93a8; fill: none }
  .ideal { stroke: #8a93a8; stroke-dasharray: 5 5; fill: none }
  .curve { stroke: #3455b4; stroke-width: 2.5; fill: none } .dot { fill: #3455b4 }
  @media (prefers-color-scheme: dark) {
    text { fill: #e6e9f2 } .paper { fill: #14171f }
    .curve { stroke: #8fa8ff } .dot { fill: #8fa8ff }
  }
"""


def draw_curve(speeds: Mapping[int, float]) -> str:
    """Return a picture of the items per second by the number of workers.

    The dashed line is the speed of one worker times their number.
    """
    most = max(speeds)
    top = max(max(speeds.values()), speeds[1] * most) * 1.05

    def at(workers: float, speed: float) -> tuple[float, float]:
        x = _LEFT + workers / most * (_WIDTH - _LEFT - 30)
        return round(x, 1), round(_HEIGHT - _BOTTOM - speed / top * (_HEIGHT - _BOTTOM - 30), 1)

    zero, end = at(0, 0), at(most, speeds[1] * most)
    points = [at(workers, speed) for workers, speed in speeds.items()]
    labels = [
        f'<text x="{x}" y="{_HEIGHT - _BOTTOM + 20}" text-anchor="middle">{workers}</text>'
        for workers, (x, _) in zip(speeds, points, strict=True)
    ]
    labels += [
        f'<text x="{x}" y="{y - 10}" text-anchor="end">{speed:.2f}</text>'
        for speed, (x, y) in zip(speeds.values(), points, strict=True)
    ]
    dots = [f'<circle class="dot" cx="{x}" cy="{y}" r="4"/>' for x, y in points]
    line = " ".join(f"{x},{y}" for x, y in points)
    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {_HEIGHT}" role="img"'
        f' width="{_WIDTH}" height="{_HEIGHT}">',
        "<title>Items per second by the number of workers</title>",
        f"<style>{_STYLE}</style>",
        f'<rect class="paper" width="{_WIDTH}" height="{_HEIGHT}"/>',
        f'<path class="axis" d="M{zero[0]} 20V{zero[1]}H{_WIDTH - 20}"/>',
        f'<path class="ideal" d="M{zero[0]} {zero[1]}L{end[0]} {end[1]}"/>',
        f'<polyline class="curve" points="{line}"/>',
        *dots,
        *labels,
        f'<text x="{_WIDTH / 2}" y="{_HEIGHT - 8}" text-anchor="middle">workers</text>',
        f'<text x="{_LEFT - 40}" y="16">items per second</text>',
        "</svg>",
    ]
    return "\n".join(lines) + "\n"
