// The live waveform: how loud it was in the last seconds, newest at the right. Drawn, not told: a person who cannot
// see it hears themselves. Without motion it fills from the left and stands still between seconds.

const STEP = 4; // pixels a bar
const still = matchMedia("(prefers-reduced-motion: reduce)");

export class Meter {
  constructor(canvas) {
    this.canvas = canvas;
    this.drawn = 0;
  }

  draw(levels) {
    if (still.matches && levels.length - this.drawn < 10 && this.drawn) return;
    this.drawn = levels.length;
    const { canvas } = this;
    const scale = devicePixelRatio || 1;
    const { clientWidth: width, clientHeight: height } = canvas;
    if (!width) return;
    canvas.width = width * scale;
    canvas.height = height * scale;
    const pen = canvas.getContext("2d");
    pen.scale(scale, scale);
    pen.fillStyle = getComputedStyle(canvas).color;
    const room = Math.floor(width / STEP);
    const shown = levels.slice(-room);
    const left = still.matches ? 0 : width - shown.length * STEP;
    shown.forEach((level, index) => {
      const tall = Math.max(2, level * height);
      pen.fillRect(left + index * STEP, (height - tall) / 2, STEP - 1.5, tall);
    });
  }
}
