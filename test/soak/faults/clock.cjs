/** Preloaded into a receiver (`node --require`): its clock is wrong by SOAK_CLOCK_DAYS days. */
const offset = Number(process.env.SOAK_CLOCK_DAYS) * 86_400_000;
const Real = Date;

globalThis.Date = class extends Real {
  constructor(...given) {
    super(...(given.length === 0 ? [Real.now() + offset] : given));
  }
  static now() {
    return Real.now() + offset;
  }
};
