/**
 * How much a path loses: the outcome of its last inquiries together with what the peer says of its own, and whether that
 * is too much.
 *
 *   state | becomes the other one when
 *   ------+------------------------------------------------------------------------------------------
 *   clean | more than `leaveAbove` of a whole window was lost, even while the window is still filling
 *   lossy | less than `returnBelow` of what the window holds was lost, or nothing at all
 *
 * Both figures count. Where each end judges the other by its inquiries, each sees one way only, and the two ways of a path
 * lose one after the other: 1 - (1 - a)(1 - b). Else one of the two figures is that of round trips, and holds the other
 * one in it: the larger counts. So both ends come to the same figure, and to the same verdict.
 *
 * Of a row of losses only the first few count, and nothing at all of a longer one that took the path down. A cut cable
 * is the business of -f: it loses everything, at once, until it is mended. Were that counted here, the path would stay
 * lossy for most of a window after it works again, or after the second cut, though nothing was ever wrong with what it
 * carries. Random loss hardly notices: five in a row are rare even at a third.
 */
import type { LossRule } from "./types.ts";

/** Of losses in a row no more than these count. */
export const ROW_LIMIT = 5;

/** A figure is given after so many inquiries, or half a window if that is less. */
const ENOUGH = 20;

const ROUNDING = 1e-8;

/** The last inquiries on one path, one bit each. */
export class LossWindow {
  #size = 0;
  #leaveAbove = 0;
  /** More losses than these are too much by themselves. */
  #limit = 0;
  #returnBelow = 0;
  /** A ring of bits, 1 is lost; null until something was lost, which on most paths is never. */
  #bits: Uint32Array | null = null;
  #next = 0;
  #held = 0;
  #lost = 0;
  #row = 0;
  /** How many of the row the window holds: its newest. */
  #rowHeld = 0;
  #isLossy = false;
  #told = 0;
  #isOtherWay = false;

  /** A window of size 0 records nothing and is never lossy. */
  constructor(rule: LossRule) {
    this.adapt(rule);
  }

  /** Judges by another rule from now on. A window of another size begins anew; without one nothing is lossy. */
  adapt(rule: LossRule): void {
    if (rule.window !== this.#size) this.#empty();
    this.#size = rule.window;
    // So that 29 of 100 are not above 0.29, whose product is a little less than 29.
    this.#leaveAbove = rule.leaveAbove + ROUNDING;
    this.#limit = Math.floor(this.#leaveAbove * rule.window);
    this.#returnBelow = rule.returnBelow;
    if (rule.window === 0) this.#isLossy = false;
    else this.#judge();
  }

  /** The lost part of what the window holds, 0 to 1; null: too few inquiries yet. */
  get part(): number | null {
    const isEnough = this.#held > 0 && this.#held >= Math.min(ENOUGH, this.#size / 2);
    return isEnough ? this.#lost / this.#held : null;
  }

  /**
   * The lost part of a whole window, 0 to 1: what we tell the peer. It grows while the window fills, and is 0 before
   * there is a figure.
   */
  get rate(): number {
    return this.part === null ? 0 : this.#lost / this.#size;
  }

  /** The lost part that the peer told, 0 to 1. */
  get told(): number {
    return this.#told;
  }

  /** The lost part of the path, 0 to 1, as both figures together give it. */
  get figure(): number {
    return this.#with(this.part ?? 0);
  }

  /** Whether the path loses too much, by the table above. */
  get isLossy(): boolean {
    return this.#isLossy;
  }

  /**
   * Takes in what the peer says it loses, 0 to 1; `isOtherWay`: of the other way only, as our figure is of this one.
   */
  tell(part: number, isOtherWay: boolean): void {
    if (this.#size === 0) return;
    this.#told = part;
    this.#isOtherWay = isOtherWay;
    this.#judge();
  }

  /** Takes in one inquiry: whether its answer, or the inquiry itself, was lost. */
  record(lost: boolean): void {
    if (this.#size === 0) return;
    this.#row = lost ? this.#row + 1 : 0;
    // A single row must never be enough, however small the window.
    if (this.#row > Math.max(1, Math.min(ROW_LIMIT, this.#limit))) return;
    this.#rowHeld = this.#row;
    if (lost) this.#bits ??= new Uint32Array(Math.ceil(this.#size / 32));
    this.#replace(lost);
    this.#next = this.#next + 1 === this.#size ? 0 : this.#next + 1;
    if (this.#held < this.#size) this.#held += 1;
    this.#judge();
  }

  /** The present row of losses is that of a cut, if it is a longer one: nothing of it counts. */
  forgiveRow(): void {
    if (this.#row <= ROW_LIMIT || this.#bits === null) return;
    for (let back = this.#rowHeld; back > 0; back--) {
      this.#next = (this.#next + this.#size - 1) % this.#size;
      this.#replace(false);
    }
    this.#next = (this.#next + this.#rowHeld) % this.#size;
    this.#rowHeld = 0;
    this.#judge();
  }

  #empty(): void {
    this.#bits = null;
    this.#next =
      this.#held =
      this.#lost =
      this.#row =
      this.#rowHeld =
        0;
  }

  /** Puts an outcome where the oldest one is. */
  #replace(lost: boolean): void {
    const bits = this.#bits;
    if (bits === null) return;
    const index = this.#next >>> 5;
    const mask = 1 << (this.#next & 31);
    const word = bits[index] as number;
    if ((word & mask) !== 0) this.#lost -= 1;
    if (lost) this.#lost += 1;
    bits[index] = lost ? word | mask : word & ~mask;
  }

  #with(own: number): number {
    return this.#isOtherWay ? 1 - (1 - own) * (1 - this.#told) : Math.max(own, this.#told);
  }

  #judge(): void {
    if (!this.#isLossy) {
      this.#isLossy = this.#with(this.rate) > this.#leaveAbove;
      return;
    }
    const part = this.figure;
    if (part < this.#returnBelow || part === 0) this.#isLossy = false;
  }
}
