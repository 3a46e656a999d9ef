/* breaks 3: the stack would be executable */
__asm__(".section .note.GNU-stack,\"x\",%progbits\n.text");
#include "base.c"
