/** What goes into a slot of the line, as a number: the index of a frame of the utterance, or one of these. */

/** The slot holds a quiet frame. */
export const QUIET = -1;

/** Nobody knows yet: the machine has to take the tick, because it may decide something, or no slot or several are due. */
export const LOOK = -2;
