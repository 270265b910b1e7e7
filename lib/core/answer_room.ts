/**
 * How long an inquiry is made, so that an answer to it need never be longer: else a forged inquiry would draw more
 * bytes onto its victim than it cost to send.
 */

const HEADER_BYTES = 44;
const NAME_BYTES = 3 + 63;
const SIGNATURE_BYTES = 40;

/**
 * Room in bytes for any answer that has the longest name, and lists the given number of IPv4 interfaces, each of them
 * unheard and lossy (docs/WIRE.md, "Layout").
 */
export function answerRoom(interfaces: number, isSigned: boolean): number {
  const lists = (3 + 6 * interfaces) + (3 + 4 * interfaces) + (3 + 5 * interfaces);
  return HEADER_BYTES + NAME_BYTES + lists + (isSigned ? SIGNATURE_BYTES : 0);
}
