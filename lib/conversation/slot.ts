/** What fills one 20 ms slot of a call, as a number: the index of a frame of the utterance (0 and up), or one of these. */

/** The slot holds a quiet frame. */
export const QUIET = -1;

/** Not known without the conversation: it may have a decision to make at this tick, or no slot or several slots are due. */
export const DECIDE = -2;
