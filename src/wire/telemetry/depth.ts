// How deep values may be nested. What is deeper is refused at the door, so that nobody behind runs out of stack.

export const MAX_DEPTH = 100
